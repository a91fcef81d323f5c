"""Pairs of rows and columns with the largest total gain: the Hungarian method, O(n^2 m)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64


def best_pairs(gain: Float[np.ndarray, "n m"]) -> list[tuple[int, int]]:
    """Pair each row with a column of its own (or each column with a row, if those are fewer).

    Source: Kuhn 1955, with the potentials and shortest augmenting paths of Jonker and Volgenant,
    "A Shortest Augmenting Path Algorithm", 1987.
    """
    if gain.shape[0] > gain.shape[1]:
        return sorted((row, col) for col, row in best_pairs(gain.T))
    cost = -np.asarray(gain, np.float64)
    n, m = cost.shape
    row_price, col_price = np.zeros(n), np.zeros(m)
    row_of = np.full(m, -1)
    for row in range(n):
        _augment(cost, row, row_price, col_price, row_of)
    return sorted((int(row), col) for col, row in enumerate(row_of) if row >= 0)


def _augment(
    cost: Float64[np.ndarray, "n m"],
    start: int,
    row_price: Float64[np.ndarray, " n"],
    col_price: Float64[np.ndarray, " m"],
    row_of: np.ndarray,
) -> None:
    """Give `start` a column along the cheapest path; prices and pairs change in place."""
    m = cost.shape[1]
    distance = np.full(m, np.inf)
    before = np.full(m, -1)
    done = np.zeros(m, bool)
    row, col, reached = start, -1, 0.0
    while row >= 0:
        through = reached + cost[row] - row_price[row] - col_price
        better = ~done & (through < distance)
        distance[better], before[better] = through[better], col
        col = int(np.where(done, np.inf, distance).argmin())
        reached, done[col], row = distance[col], True, row_of[col]
    # Prices first: they need the pairs as they were on the way.
    for settled in np.flatnonzero(done):
        col_price[settled] += distance[settled] - reached
        if row_of[settled] >= 0:
            row_price[row_of[settled]] += reached - distance[settled]
    row_price[start] += reached
    while col >= 0:
        previous = before[col]
        row_of[col] = start if previous < 0 else row_of[previous]
        col = int(previous)
