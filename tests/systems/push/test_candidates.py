from __future__ import annotations

import numpy as np
import pytest

from saccade.systems.push.candidates import around, spread, to_map

SHAPE = (16, 224, 224)


def a_mask(share: float = 0.01, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(SHAPE) < share


def cells(pushes: tuple[np.ndarray, ...]) -> list[tuple[int, int, int]]:
    k, row, col = pushes
    return list(zip(k.tolist(), (row // 6).tolist(), (col // 6).tolist(), strict=True))


@pytest.mark.parametrize("n", [1, 50, 400])
def test_spread_takes_n_different_pushes_of_the_mask(n: int) -> None:
    mask = a_mask()
    pushes = spread(mask, n, np.random.default_rng(1))
    assert mask[pushes].all()
    assert len(set(zip(*(p.tolist() for p in pushes), strict=True))) == n


def test_spread_takes_all_of_a_small_mask() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[3, 10, 20] = mask[15, 223, 223] = True
    k, row, col = spread(mask, 5, np.random.default_rng(0))
    assert sorted(zip(k, row, col, strict=True)) == [(3, 10, 20), (15, 223, 223)]


def test_spread_covers_every_cell_before_it_doubles_any() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[2, :60, :60] = True  # 100 cells of 36 pushes
    mask[9, 100, 100] = True
    rng = np.random.default_rng(4)
    counts = {n: np.unique(cells(spread(mask, n, rng)), axis=0, return_counts=True)[1]
              for n in (40, 101, 150)}  # fmt: skip
    assert len(counts[40]) == 40 and counts[40].max() == 1
    assert len(counts[101]) == 101 and counts[101].max() == 1
    assert len(counts[150]) == 101 and sorted(np.unique(counts[150])) == [1, 2]


def test_around_stays_in_the_mask_and_near_the_best() -> None:
    mask = a_mask(0.5)
    best = np.array([0, 15]), np.array([3, 120]), np.array([220, 100])
    k, row, col = around(best, mask, 30, np.random.default_rng(0))
    assert 0 < len(k) <= 30
    assert mask[k, row, col].all()
    near = [
        (np.abs(row - r) <= 6) & (np.abs(col - c) <= 6) & ((k - d + 1) % 16 <= 2)
        for d, r, c in zip(*best, strict=True)
    ]
    assert np.logical_or(*near).all() and all(n.any() for n in near)
    assert len(set(zip(k.tolist(), row.tolist(), col.tolist(), strict=True))) == len(k)


def test_around_finds_nothing_in_an_empty_mask() -> None:
    best = np.array([4]), np.array([50]), np.array([60])
    k, _, _ = around(best, np.zeros(SHAPE, bool), 10, np.random.default_rng(0))
    assert len(k) == 0


def test_a_q_map_holds_the_values_where_they_were_computed() -> None:
    q = to_map(
        (np.array([1, 15]), np.array([2, 3]), np.array([4, 5])), np.array([-1.5, 2.0]), SHAPE
    )
    assert q[1, 2, 4] == -1.5 and q[15, 3, 5] == 2.0
    assert np.count_nonzero(q) == 2
