"""Overlays are checked pixel by pixel: what is drawn stands where the action is."""

from __future__ import annotations

from inspect import unwrap

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.viewing import overlays
from saccade.viewing.colours import (
    BEST,
    BOX,
    MASK,
    PUSH,
    TABLE,
    direction_colours,
    heat_colours,
    height_colours,
)


def white(rows: int, cols: int) -> np.ndarray:
    return np.full((rows, cols, 3), 255, np.uint8)


def test_heightmap_is_grey_on_the_table_and_coloured_by_height_on_a_block(scene):
    picture = overlays.draw_heightmap(scene.heightmap, scale=3, top=0.10)
    assert picture.shape == (180, 240, 3)
    assert picture.dtype == np.uint8
    assert (picture[:57] == TABLE).all()
    middle = picture[30 * 3, 40 * 3]
    np.testing.assert_array_equal(middle, height_colours()[round(0.5 * 255)])


def test_each_map_pixel_becomes_one_block_of_picture_pixels():
    heightmap = np.zeros((5, 6), np.float32)
    heightmap[2, 4] = 0.05
    picture = overlays.draw_heightmap(heightmap, scale=4)
    changed = (picture != TABLE).any(axis=2)
    rows, cols = np.nonzero(changed)
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (8, 11, 16, 19)


def test_a_slope_is_lighter_where_it_faces_the_upper_left(scene):
    picture = overlays.draw_heightmap(scene.heightmap, scale=1).astype(int).sum(axis=2)
    assert picture[20, 35] > picture[30, 40] > picture[39, 45]
    assert picture[25, 30] > picture[30, 40] > picture[35, 49]


def test_heights_that_are_no_numbers_are_drawn_as_table_or_as_the_top():
    heightmap = np.array([[np.nan, -np.inf, -0.2, np.inf]], np.float32).repeat(3, axis=0)
    picture = overlays.draw_heightmap(heightmap, scale=1)
    assert (picture[:, :3] == TABLE).all()
    assert (picture[:, 3] != TABLE).any(axis=1).all()


def test_height_colours_get_steadily_lighter():
    lightness = height_colours().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > -1).all()
    assert lightness[-1] - lightness[0] > 120


def test_heat_colours_get_steadily_darker():
    lightness = heat_colours().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) < 1).all()
    assert lightness[0] - lightness[-1] > 120


def test_direction_colours_are_sixteen_different_hues_of_like_lightness():
    colours = direction_colours(16).astype(int)
    apart = np.abs(colours[:, None] - colours[None]).sum(axis=2) + 999 * np.eye(16, dtype=int)
    assert apart.min() > 30
    assert np.ptp(colours @ [0.2126, 0.7152, 0.0722]) < 60


def test_mask_colours_exactly_its_pixels(scene):
    plain = overlays.draw_faded(scene.heightmap, scale=2)
    picture = overlays.draw_mask(scene.heightmap, scene.mask[4], scale=2)
    changed = (picture != plain).any(axis=2)
    np.testing.assert_array_equal(changed[::2, ::2], scene.mask[4])
    np.testing.assert_array_equal(changed[1::2, 1::2], scene.mask[4])
    expected = 0.15 * plain[24, 80] + 0.85 * np.array(MASK)
    np.testing.assert_allclose(picture[24, 80], expected, atol=1)


def test_mask_of_probabilities_is_as_opaque_as_they_are(scene):
    probability = np.linspace(0, 1, 80, dtype=np.float32)[None].repeat(60, axis=0)
    blue = overlays.draw_mask(np.zeros_like(scene.heightmap), probability, scale=1)[0, :, 2]
    assert (np.diff(blue.astype(int)) <= 0).all()
    assert blue[0] == 244
    assert blue[-1] < 60


def test_mask_all_gives_a_pixel_the_colour_of_its_only_direction(scene):
    plain = overlays.draw_faded(scene.heightmap, scale=1)
    picture = overlays.draw_mask_all(scene.heightmap, scene.mask, scale=1, legend=False)
    for k, (row, col) in {0: (30, 24), 4: (14, 40)}.items():
        expected = 0.1 * plain[row, col] + 0.9 * direction_colours(16)[k]
        np.testing.assert_allclose(picture[row, col], expected, atol=1)
    changed = (picture != plain).any(axis=2)
    np.testing.assert_array_equal(changed, scene.mask.any(axis=0))


def test_legend_changes_only_the_upper_right_corner(scene):
    without = overlays.draw_mask_all(scene.heightmap, scene.mask, scale=1, legend=False)
    with_legend = overlays.draw_mask_all(scene.heightmap, scene.mask, scale=1)
    rows, cols = np.nonzero((without != with_legend).any(axis=2))
    assert len(rows) > 100
    assert rows.max() <= 42
    assert cols.min() >= 80 - 43


@pytest.mark.parametrize("direction", range(16))
def test_push_arrow_reaches_from_its_start_to_its_tip(direction):
    angle, length, scale, start = 2 * np.pi * direction / 16, 30, 3, (50, 60)
    picture = overlays.draw_push(white(300, 360), start, angle, length, scale)
    painted = (picture == PUSH).all(axis=2)
    rows, cols = np.nonzero(painted)
    x, y = (cols + 0.5) / scale - 0.5 - start[1], (rows + 0.5) / scale - 0.5 - start[0]
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle)
    assert along.max() == pytest.approx(length, abs=1.5)
    assert abs(across[along.argmax()]) < 1
    assert abs(across.mean()) < 0.3
    # The head is behind the tip and the broadest part.
    assert length - 11 < along[np.abs(across).argmax()] < length - 8


def test_push_arrow_touches_nothing_beyond_its_halo_and_leaves_its_input_alone():
    image = white(100, 200)
    picture = overlays.draw_push(image, (25, 20), 0.0, 50, scale=2)
    assert (image == 255).all()
    rows, cols = np.nonzero((picture != 255).any(axis=2))
    assert cols.min() >= 2 * (20 - 4) - 1
    assert cols.max() <= 2 * (20 + 50) + 1
    assert rows.min() >= 2 * (25 - 6)
    assert rows.max() <= 2 * (25 + 6)


def test_q_overlay_marks_the_best_allowed_push_and_no_other(scene):
    picture = overlays.draw_q(scene.heightmap, scene.q, scene.mask, n_best=1, scale=2)
    rows, cols = np.nonzero((picture == BEST).all(axis=2))
    # Direction 4 points down: from row 14 over 26 px, around column 40.
    assert rows.max() == pytest.approx(2 * (14 + 26), abs=3)
    assert cols.mean() == pytest.approx(2 * 40.5 - 0.5, abs=0.6)
    plain = overlays.draw_faded(scene.heightmap, scale=2)
    np.testing.assert_array_equal(picture[100, 140], plain[100, 140])


def test_q_overlay_is_hotter_where_q_is_higher():
    heightmap = np.zeros((40, 256), np.float32)
    q = np.linspace(0, 1, 256, dtype=np.float32)[None, None].repeat(40, 1).repeat(4, 0)
    line = overlays.draw_q(heightmap, q, n_best=0, scale=1)[20].astype(int)
    assert (np.diff(line.sum(axis=1)) <= 1).all()
    expected = 0.05 * 244 + 0.95 * heat_colours()[255].astype(float)
    np.testing.assert_allclose(line[-1], expected, atol=1)


def test_q_overlay_without_any_allowed_action_is_the_plain_ground(scene):
    picture = overlays.draw_q(scene.heightmap, scene.q, np.zeros_like(scene.mask))
    np.testing.assert_array_equal(picture, overlays.draw_faded(scene.heightmap))


def test_best_pushes_are_the_largest_values_kept_apart():
    q = np.full((2, 30, 30), -np.inf)
    q[1, 10, 10], q[0, 10, 13], q[0, 25, 25] = 3.0, 2.5, 2.0
    assert overlays.best_pushes(q, 5, apart=5) == [(1, 10, 10), (0, 25, 25)]
    assert overlays.best_pushes(q, 2, apart=2) == [(1, 10, 10), (0, 10, 13)]


def test_candidates_show_the_best_in_its_own_colour_and_the_rest_by_value(scene):
    picture = overlays.draw_candidates(
        np.zeros((60, 80), np.float32),
        np.array([10, 30, 50]),
        np.array([10, 40, 10]),
        np.array([0, 8, 0]),
        np.array([0.0, 5.0, 2.5]),
        scale=4,
    )
    rows, cols = np.nonzero((picture == BEST).all(axis=2))
    assert abs(rows.mean() - 4 * 30.5) < 2
    assert cols.min() == pytest.approx(4 * (40 - 26), abs=6)
    np.testing.assert_array_equal(picture[4 * 10 + 2, 4 * 10 + 2], heat_colours()[0])
    np.testing.assert_array_equal(picture[4 * 50 + 2, 4 * 10 + 2], heat_colours()[128])


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("left", (slice(40, 80), slice(0, 6))),
        ("right", (slice(40, 80), slice(114, 120))),
        ("top", (slice(0, 6), slice(40, 80))),
        ("bottom", (slice(94, 100), slice(40, 80))),
    ],
)
def test_box_edge_is_marked_on_its_side_between_first_and_last(side, expected):
    picture = overlays.draw_box_edge(white(100, 120), side, first=20, last=40, scale=2)
    assert (picture[expected] == BOX).all()
    rows, cols = np.nonzero((picture != 255).any(axis=2))
    along = rows if side in ("left", "right") else cols
    assert (along.min(), along.max()) == (40, 79)
    assert len(rows) == 6 * 40 + 2 * 4 * 10


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (overlays.draw_heightmap, (np.zeros((3, 4, 3), np.float32),), "(3, 4, 3)"),
        (overlays.draw_heightmap, (np.zeros((3, 4), np.float32), 0), "scale is 0"),
        (overlays.draw_mask, (np.zeros((3, 4)), np.zeros((4, 3))), "expected (3, 4)"),
        (overlays.draw_mask, (np.zeros((3, 4)), np.zeros((3, 4)), 16), "0 to 15"),
        (overlays.draw_q, (np.zeros((3, 4)), np.zeros((3, 4))), "(directions, 3, 4)"),
        (overlays.draw_push, (np.zeros((3, 4, 3)), (1, 1), 0, 5), "float64"),
        (overlays.draw_box_edge, (white(9, 9), "up"), "left, right, top, bottom"),
        (
            overlays.draw_candidates,
            (np.zeros((9, 9)), np.arange(2), np.arange(3), np.arange(2), np.ones(2)),
            "2 rows, 3 cols",
        ),
    ],
)
def test_bad_input_is_named_in_one_line(function, arguments, words):
    with pytest.raises(UserInputError) as caught:
        # As users run it: without the shape checks that the tests execute.
        unwrap(function)(*arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
