"""Varied views keep each pixel's own point; mirrored ones are the mirror's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arm_scenes import table_view
from saccade.systems.arm.look_and_vote.augment import (
    add_foreign,
    draw_sampling,
    plain_sampling,
    repaint,
    vary_colours,
)
from saccade.systems.arm.look_and_vote.config import AugmentConfig
from saccade.systems.arm.look_and_vote.images import camera_numbers, seen_at

STILL = AugmentConfig(mirror=False, shift=0, turn=0, zoom=0)


def test_nothing_varied_is_every_second_pixel() -> None:
    rng = np.random.default_rng(0)
    drawn = draw_sampling(3, 8, 8, 1, STILL, rng)
    plain = plain_sampling(3, 8, 8, 1)
    np.testing.assert_equal(drawn.columns, plain.columns)
    np.testing.assert_equal(drawn.rows, plain.rows)
    assert draw_sampling(1, 8, 8, 2, STILL, rng).rows.shape == (1, 4, 4)


def test_a_turned_view_turns_about_its_middle() -> None:
    rng = np.random.default_rng(1)
    drawn = draw_sampling(20, 65, 65, 1, replace(STILL, turn=0.3), rng)
    assert (drawn.columns[:, 32, 32] == 32).all() and (drawn.rows[:, 32, 32] == 32).all()
    right = drawn.columns[:, 32, 52] - 32, drawn.rows[:, 32, 52] - 32
    np.testing.assert_allclose(np.hypot(*right), 20, atol=1)
    assert np.ptp(right[1]) > 5


def test_a_mirrored_view_runs_from_the_right() -> None:
    rng = np.random.default_rng(2)
    drawn = draw_sampling(30, 8, 8, 1, replace(STILL, mirror=True), rng)
    assert 5 < drawn.mirror.sum() < 25
    np.testing.assert_equal(drawn.columns[drawn.mirror][0, 0], np.arange(8)[::-1])
    np.testing.assert_equal(drawn.columns[~drawn.mirror][0, 0], np.arange(8))


def test_a_foreign_board_stands_on_what_is_there_and_spares_where_to_look() -> None:
    view = table_view(block=None)
    camera = camera_numbers(view.intrinsics, view.T_world_camera)[None]
    rows, columns = np.mgrid[60:124, 32:96]
    images = seen_at(view.rgb[None], view.depth[None], camera, columns[None], rows[None])
    before = images.copy()
    shares = np.zeros((1, 64, 64))
    shares[0, :, :32] = 1
    add_foreign(images, shares, camera[:, 13:16], 1.0, 1, np.random.default_rng(3))
    changed = (images != before).any(axis=3)[0]
    y, x = np.nonzero(changed)
    assert changed.any() and (x >= 32).all()
    board = images[0, y.min() : y.max() + 1, x.min() : x.max() + 1, 3:]
    np.testing.assert_allclose(board[-1, :, 2], 0, atol=1e-3)  # its foot is on the table
    heights = board[:, 0, 2]
    assert (np.diff(heights) < 0).all() and heights[0] > 0.01
    level = np.linalg.norm(board[:, 0, :2] - camera[0, 13:15], axis=-1)
    np.testing.assert_allclose(level, level[0], rtol=1e-5)  # upright


@pytest.mark.parametrize("deviation", [0.0, 0.2])
def test_colours_vary_from_image_to_image_and_points_do_not(deviation: float) -> None:
    images = np.full((6, 8, 8, 6), 0.5, np.float32)
    vary_colours(images, 0.0, deviation, np.random.default_rng(4))
    np.testing.assert_equal(images[..., 3:], 0.5)
    spread = images[..., :3].mean(axis=(1, 2)).std(axis=0)
    assert (spread > 0.05).all() if deviation else (spread < 0.02).all()


def test_light_scales_all_colours_of_an_image_alike_and_leaves_black_black() -> None:
    images = np.full((40, 8, 8, 6), -1.0, np.float32)
    images[..., 1], images[..., 2] = 0.0, -0.5  # 1 and 0.5 above black
    vary_colours(images, 0.3, 0.0, np.random.default_rng(4))
    black, green, blue = (images[..., c].mean(axis=(1, 2)) + 1 for c in range(3))
    np.testing.assert_allclose(black, 0, atol=0.02)
    np.testing.assert_allclose(green, 2 * blue, atol=0.02)
    assert np.log(green).std() == pytest.approx(0.3, rel=0.3)


def test_repainting_changes_the_table_and_what_is_behind_and_nothing_that_stands_there() -> None:
    images = np.zeros((30, 6, 6, 6), np.float32)
    images[..., :3] = np.random.default_rng(0).uniform(-0.1, 0.1, (6, 6, 3))
    images[:, :2, :, 3] = -1.0  # a wall, 0.5 m up
    images[:, :2, :, 5] = 0.5
    images[:, 3, 3, 5] = 0.05  # a thing on the table
    before = images.copy()
    repaint(images, 0.5, np.random.default_rng(1))
    np.testing.assert_equal(images[..., 3:], before[..., 3:])
    np.testing.assert_equal(images[:, 3, 3], before[:, 3, 3])
    changed = (images != before).any(axis=(1, 2, 3))
    assert 8 <= changed.sum() <= 22
    wall, table = images[changed, :2, :, :3], images[changed, 4:, :, :3]
    assert (np.ptp(wall.mean(axis=(1, 2)), axis=0) > 1).all()
    assert (np.abs(wall.mean(axis=(1, 2)) - table.mean(axis=(1, 2))).mean(axis=0) > 0.2).all()
    inside = (np.abs(wall) < 1).all(axis=(1, 2, 3))
    kept = wall[inside] - wall[inside].mean(axis=(1, 2), keepdims=True)
    shade = before[changed][inside, :2, :, :3]
    np.testing.assert_allclose(kept, shade - shade.mean(axis=(1, 2), keepdims=True), atol=1e-6)
