"""Both papers' rewards on maps small enough to compute by hand."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.push_box.rewards import (
    changed_pixels,
    mean_distance,
    paper_changed,
    paper_reward,
    report_changed,
    report_reward,
    reward_named,
)

TARGET = (168, 0)


def square(row: int, col: int, side: int = 20, height: float = 0.05) -> np.ndarray:
    """A square object of side^2 pixels whose first pixel is (row, col)."""
    heightmap = np.zeros((224, 224), np.float32)
    heightmap[row : row + side, col : col + side] = height
    return heightmap


EMPTY = np.zeros((224, 224), np.float32)


def test_mean_distance_of_two_pixels() -> None:
    heightmap = EMPTY.copy()
    heightmap[168, 30] = 0.02  # 30 px away
    heightmap[168 - 40, 30] = 0.01  # 3-4-5: 50 px away
    heightmap[10, 10] = 0.0099  # too low to be an object
    assert mean_distance(heightmap, TARGET) == pytest.approx(40.0)
    assert mean_distance(EMPTY, TARGET) == 0.0


def test_change_of_the_report_counts_binarised_pixels() -> None:
    before = square(50, 50, 10)
    assert not report_changed(before, EMPTY)  # exactly 100 pixels differ
    before[0, 0] = 0.05
    assert report_changed(before, EMPTY)
    assert not report_changed(square(50, 50, 20, 0.10), square(50, 50, 20, 0.02))  # both objects


def test_change_of_the_paper_counts_centimetres() -> None:
    assert changed_pixels(square(50, 50, 20, 0.10), square(50, 50, 20, 0.02)) == 400
    assert changed_pixels(square(50, 50, 20, 0.025), square(50, 50, 20, 0.03)) == 0
    assert not paper_changed(square(0, 0, 31), EMPTY)  # 961
    assert paper_changed(square(0, 0, 32), EMPTY)  # 1024
    assert paper_changed(square(0, 0, 22), EMPTY, threshold=450)  # 484


def row_line(col: int) -> np.ndarray:
    """101 object pixels on a circle-free line: column `col`, rows 118 to 218."""
    heightmap = EMPTY.copy()
    heightmap[118:219, col] = 0.05
    return heightmap


def test_progress_is_the_decrease_of_the_mean_distance() -> None:
    before, after = row_line(100), row_line(60)
    rows = np.arange(-50, 51)
    expected = np.sqrt(rows**2 + 100**2).mean() - np.sqrt(rows**2 + 60**2).mean()
    for reward in (paper_reward, report_reward):
        assert reward(before, after, 0, 0, TARGET) == pytest.approx(expected)
        assert reward(after, before, 0, 0, TARGET) == 0.0  # away from the box: not negative


def test_into_the_box() -> None:
    before, after = row_line(100), row_line(60)
    progress = paper_reward(before, after, 0, 0, TARGET)
    assert paper_reward(before, after, 2, 0, TARGET) == pytest.approx(progress + 20)
    assert report_reward(before, after, 2, 0, TARGET) == 10.0
    # The report's box event counts even where few pixels have changed.
    assert report_reward(before, before, 1, 0, TARGET) == 10.0
    assert paper_reward(before, before, 1, 0, TARGET) == 10.0


def test_a_fall_to_the_ground_gives_nothing_whatever_else_happened() -> None:
    before, after = row_line(100), row_line(60)
    for reward in (paper_reward, report_reward):
        assert reward(before, after, 1, 1, TARGET) == 0.0


def test_without_change_the_report_gives_nothing_and_the_paper_progress() -> None:
    before, after = square(160, 60, 8), square(160, 50, 8)  # 128 pixels differ if 64 + 64
    assert report_changed(before, after)
    near = square(160, 58, 8)  # 2 x 16 pixels differ
    assert report_reward(before, near, 0, 0, TARGET) == 0.0
    assert paper_reward(before, near, 0, 0, TARGET) == pytest.approx(2.0, abs=0.05)


def test_the_last_object_leaves_an_empty_table() -> None:
    # d(empty) = 0: the whole distance is progress, as the paper's Eq. 3 gives for no pixels.
    before = EMPTY.copy()
    before[168, 20] = 0.05
    assert paper_reward(before, EMPTY, 1, 0, TARGET) == pytest.approx(30.0)
    assert report_reward(before, EMPTY, 1, 0, TARGET) == 10.0
    for reward in (paper_reward, report_reward):
        assert reward(EMPTY, EMPTY, 0, 0, TARGET) == 0.0


def test_rewards_by_name() -> None:
    assert reward_named("paper") is paper_reward
    assert reward_named("report") is report_reward
    with pytest.raises(UserInputError, match="'sparse'; expected one of paper, report"):
        reward_named("sparse")
