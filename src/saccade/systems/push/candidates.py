"""Pushes to look at closely: some of the mask's, spread out, then those near the best."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.worlds.workspace import N_DIRECTIONS

Candidates = tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Int[np.ndarray, " n"]]
"""Pushes as their directions, rows and columns."""

CELL = 6
"""Side of the square cells that pushes are spread over, and farthest shift around the best [px]."""
CELLS_A_SIDE = 64
"""Stride of the cells' numbers: more than the cells along a side of the map."""
SHUFFLED_PER_CHOSEN = 32
"""Number of pushes shuffled for each that is chosen: more add only the time to sort them."""
TRIES_PER_CHOSEN = 4
"""Number of shifts drawn for each push: some fall outside the mask, some on one another."""


def spread(mask: Bool[np.ndarray, "16 rows cols"], n: int, rng: np.random.Generator) -> Candidates:
    """At most n pushes of a mask, evenly over start pixels and directions.

    The mask's pushes are shuffled within square cells, and one is taken from every cell of a
    direction before a second one is taken from any.
    """
    allowed = np.flatnonzero(mask)
    if len(allowed) > n:
        allowed = rng.permutation(allowed)[: SHUFFLED_PER_CHOSEN * n]
    k, row, col = np.unravel_index(allowed, mask.shape)
    if len(k) <= n:
        return k, row, col
    cell = (k * CELLS_A_SIDE + row // CELL) * CELLS_A_SIDE + col // CELL
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
    reach: int = CELL,
) -> Candidates:
    """Up to n further pushes of the mask, within `reach` pixels and one direction of the best."""
    k, row, col = best
    each = max(1, TRIES_PER_CHOSEN * n // max(1, len(k)))
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
