"""Pairs show one moment from two sides, moments differ, and stacks end at the frame itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from moving_views import moving_store
from saccade.data.multi_view.cache import FrameStore
from saccade.errors import UserInputError
from saccade.systems.smak.batches import (
    BatchConfig,
    PairSource,
    draw_moments,
    draw_views,
    stacked_rows,
)


def numbered_store(lengths: list[int], views: int) -> PairSource:
    """Frames whose pixels say their row and their view."""
    total = sum(lengths)
    frames = np.zeros((views, total, 2, 2, 3), np.uint8)
    frames[..., 0] = np.arange(total)[:, None, None]
    frames[..., 1] = np.arange(views)[:, None, None, None]
    return PairSource(tuple(frames), np.cumsum([0, *lengths]), np.arange(len(lengths)))


def test_a_pair_is_one_moment_from_two_sides() -> None:
    source = numbered_store([9, 12, 30], 3)
    config = BatchConfig(pairs=12, sequences=2, shuffled=True)
    rng = np.random.default_rng(0)
    for _ in range(20):
        pairs = source.draw(config, rng)
        rows, views = pairs.anchors[..., 0, 0, 0], pairs.anchors[..., 0, 0, 1]
        np.testing.assert_array_equal(rows, pairs.positives[..., 0, 0, 0])
        assert (views != pairs.positives[..., 0, 0, 1]).all()
        starts, lengths = source.starts[pairs.sequences], np.diff(source.starts)[pairs.sequences]
        np.testing.assert_allclose(pairs.times, (rows[:, 0] - starts) / (lengths - 1))
        assert len(set(pairs.sequences)) == 2 and len(set(rows[:, 0])) == 12


def test_only_usable_sequences_are_drawn_and_twice_where_there_are_too_few() -> None:
    source = replace(numbered_store([8, 8, 8], 2), usable=np.array([1]))
    pairs = source.draw(BatchConfig(pairs=8, sequences=2), np.random.default_rng(0))
    assert set(pairs.sequences) == {1} and pairs.name == "sequences [1]"


@pytest.mark.parametrize("length", [8, 9, 15, 16, 50])
def test_stratified_moments_are_one_of_each_part(length: int) -> None:
    config = BatchConfig(pairs=8, sequences=1)
    rng = np.random.default_rng(0)
    drawn = np.array([draw_moments(length, config, rng) for _ in range(300)])
    edges = np.arange(9) * length // 8
    assert ((drawn >= edges[:-1]) & (drawn < edges[1:])).all()
    assert set(drawn.ravel()) == set(range(length))


def test_uniform_moments_of_a_window_are_near_each_other() -> None:
    config = BatchConfig(pairs=6, sequences=1, times="uniform", window=10)
    rng = np.random.default_rng(0)
    drawn = np.array([draw_moments(40, config, rng) for _ in range(500)])
    assert (np.diff(drawn, axis=1) > 0).all() and (np.ptp(drawn, axis=1) < 10).all()
    assert drawn.min() == 0 and drawn.max() == 39
    assert draw_moments(6, config, rng).tolist() == list(range(6))
    with pytest.raises(UserInputError, match="has 5 frames; expected 6 or more"):
        draw_moments(5, config, rng)


def test_views_are_in_order_unless_they_are_shuffled() -> None:
    rng = np.random.default_rng(0)
    config = BatchConfig(pairs=200, sequences=1)
    assert (draw_views(2, config, rng) == [0, 1]).all()
    turned = draw_views(2, replace(config, shuffled=True), rng)
    assert 70 < (turned[:, 0] == 1).sum() < 130 and (turned.sum(axis=1) == 1).all()


def test_frames_that_are_embedded_together_end_at_the_moment() -> None:
    rows = stacked_rows(np.array([0, 3, 9]), 3, 2)
    assert rows.tolist() == [[0, 0, 0], [0, 1, 3], [5, 7, 9]]
    source = replace(numbered_store([10, 10], 2), frames=2, frame_step=4)
    pairs = source.draw(BatchConfig(pairs=20, sequences=2), np.random.default_rng(0))
    rows = pairs.anchors[..., 0, 0, 0].astype(int)
    start = source.starts[pairs.sequences]
    np.testing.assert_array_equal(rows[:, 0], np.maximum(rows[:, 1] - 4, start))


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"pairs is 32 and batch\.sequences 5"):
        BatchConfig(pairs=32, sequences=5)
    with pytest.raises(UserInputError, match=r"batch\.window is 3; expected 0 or 8"):
        BatchConfig(pairs=8, sequences=1, window=3)
    with pytest.raises(UserInputError, match=r"batch\.times"):
        BatchConfig(times="often")  # pyright: ignore[reportArgumentType]
    assert BatchConfig(pairs=32, sequences=2).candidates == 16
    assert BatchConfig(pairs=32, sequences=2, across=True).candidates == 32


def test_the_same_generator_draws_the_same_pairs() -> None:
    store: FrameStore = moving_store(3)
    source = PairSource(store.views, store.starts, np.arange(3))
    config = BatchConfig(pairs=8, sequences=2)
    one, two = (source.draw(config, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.anchors, two.anchors)
    np.testing.assert_array_equal(one.times, two.times)
