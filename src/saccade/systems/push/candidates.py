"""Which pushes to look at closely: some of the mask's, spread out, then those near the best."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.worlds.workspace import N_DIRECTIONS

Candidates = tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Int[np.ndarray, " n"]]
"""Directions, rows and columns."""


def spread(mask: Bool[np.ndarray, "16 rows cols"], n: int, rng: np.random.Generator) -> Candidates:
    """At most n pushes of a mask, evenly over places and directions.

    The mask's pushes are shuffled within square cells, and one is taken from every cell of a
    direction before a second one is taken from any.
    """
    allowed = np.flatnonzero(mask)
    if len(allowed) > n:
        # More than this many add nothing to the spread but the time to sort them.
        allowed = rng.permutation(allowed)[: 32 * n]
    k, row, col = np.unravel_index(allowed, mask.shape)
    if len(k) <= n:
        return k, row, col
    cell = (k * 64 + row // 6) * 64 + col // 6
    by_cell = np.argsort(cell, kind="stable")
    sorted_cell = cell[by_cell]
    first = np.concatenate([[True], sorted_cell[1:] != sorted_cell[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(len(cell)), 0))
    turn = np.empty(len(cell), np.int64)
    turn[by_cell] = np.arange(len(cell)) - start
    chosen = np.lexsort((np.arange(len(cell)), turn))[:n]
    return k[chosen], row[chosen], col[chosen]


def around(
    best: tuple[np.ndarray, np.ndarray, np.ndarray],
    mask: Bool[np.ndarray, "16 rows cols"],
    n: int,
    rng: np.random.Generator,
    reach: int = 6,
) -> Candidates:
    """Up to n further pushes of the mask, within `reach` pixels and one direction of the best."""
    k, row, col = best
    each = max(1, 4 * n // max(1, len(k)))
    shift = rng.integers(-reach, reach + 1, (len(k), each, 2))
    turn = rng.integers(-1, 2, (len(k), each))
    new_k = ((k[:, None] + turn) % N_DIRECTIONS).ravel()
    new_row = np.clip(row[:, None] + shift[..., 0], 0, mask.shape[1] - 1).ravel()
    new_col = np.clip(col[:, None] + shift[..., 1], 0, mask.shape[2] - 1).ravel()
    inside = mask[new_k, new_row, new_col]
    code = (new_k * mask.shape[1] + new_row) * mask.shape[2] + new_col
    _, unique = np.unique(np.where(inside, code, -1), return_index=True)
    unique = unique[inside[unique]]
    chosen = rng.permutation(unique)[:n]
    return new_k[chosen], new_row[chosen], new_col[chosen]


def to_map(
    candidates: Candidates, values: Float[np.ndarray, " n"], shape: tuple[int, int, int]
) -> Float[np.ndarray, "16 rows cols"]:
    """A Q map that is 0 where no value was computed."""
    out = np.zeros(shape, np.float32)
    out[candidates] = values
    return out
