"""A binary tree of sums: draws indices in proportion to their values, many at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


class SumTree:
    """Values that are not negative, and the sums of them that drawing needs.

    Every node is the sum of its two children, computed anew from them, never by differences: the
    tree is a function of its values alone, so that one filled again is bitwise the same.

    Args:
        size: Number of values; all are 0 at first.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._first_leaf = 1 << max(size - 1, 0).bit_length()
        self._nodes = np.zeros(2 * self._first_leaf)

    @property
    def total(self) -> float:
        """Sum of all values."""
        return float(self._nodes[1])

    def values(self, indices: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Values of some indices."""
        return self._nodes[self._first_leaf + indices]

    def set(self, indices: Int[np.ndarray, " n"], values: Float[np.ndarray, " n"]) -> None:
        """Set values; of an index that comes several times the last counts."""
        nodes = self._first_leaf + indices
        self._nodes[nodes] = values
        while len(nodes) and nodes[0] > 1:
            nodes = np.unique(nodes >> 1)
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def find(self, positions: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """Indices at which the running sum of the values exceeds positions, 0 to below `total`.

        One of value 0 is never found, however sums are rounded.
        """
        nodes, left_over = np.ones(len(positions), np.int64), positions.copy()
        while len(nodes) and nodes[0] < self._first_leaf:
            nodes *= 2
            left = self._nodes[nodes]
            right = ((left_over >= left) & (self._nodes[nodes + 1] > 0)) | (left == 0)
            left_over -= np.where(right, left, 0.0)
            nodes += right
        return nodes - self._first_leaf
