"""Where boxes, windows and maps are drawn; what is drawn is looked at by people."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.systems.hart.pictures.drawing import FOLLOWED, LOST, WINDOW
from saccade.systems.hart.pictures.film import Film, Sight
from saccade.systems.hart.pictures.ruler import round_step, ruled
from saccade.viewing.colours import heat_colours
from saccade.viewing.plots import figure_png

GREY = np.full((240, 320, 3), 90, np.uint8)


def sight(lost: bool = False, n: int = 16) -> Sight:
    """A window of 60 x 80 pixels whose middle is the box."""
    location = np.zeros((4, 4), np.float32)
    location[0, 3] = 1
    glimpse = np.full((n, n, 3), 0.3, np.float32)
    window, box = (100.0, 80.0, 60.0, 80.0), (115.0, 100.0, 30.0, 40.0)
    return Sight(box, 0.87, lost, window, glimpse, location)


def extent(picture: np.ndarray, colour: tuple[int, int, int]) -> list[int]:
    """First and last column, first and last row of pixels of nearly that colour."""
    near = np.abs(picture.astype(int) - colour).max(axis=2) < 20
    rows, cols = np.nonzero(near)
    return [int(cols.min()), int(cols.max()), int(rows.min()), int(rows.max())]


@pytest.mark.parametrize(("lost", "colour"), [(False, FOLLOWED), (True, LOST)])
def test_box_and_window_stand_where_they_are(lost, colour):
    film = Film(320, 240)
    picture = film.picture(GREY, sight(lost))
    assert picture.shape == (480, 640, 3)  # twice the size, since it is small
    # The label stands above the box, which spans 115 to 145 and 100 to 140 before it is doubled.
    below_the_label = extent(picture[199:], colour)
    np.testing.assert_allclose(below_the_label, [230, 290, 1, 81], atol=2)
    np.testing.assert_allclose(extent(picture, WINDOW), [200, 320, 160, 320], atol=2)
    other = FOLLOWED if lost else LOST
    assert (np.abs(picture.astype(int) - other).max(axis=2) >= 20).all()


def test_panels_show_the_glimpse_and_the_map_with_the_box():
    film = Film(320, 240)
    glimpse, location = film.panels(sight())
    side = len(glimpse)
    assert glimpse.shape == location.shape == (side, side, 3)
    # Rows of a 16 x 16 glimpse lie at 0, 1/15, ... of the window; the box spans 1/4 to 3/4 of it.
    ends = [(0.5 + share * 15) / 16 * side for share in (0.25, 0.75)]
    np.testing.assert_allclose(extent(glimpse, FOLLOWED), [*ends, *ends], atol=2)
    cell = side // 8
    np.testing.assert_array_equal(location[cell, side - cell], heat_colours()[255])
    np.testing.assert_array_equal(location[side - cell, cell], heat_colours()[0])


def test_grey_glimpses_are_grey():
    seen = sight()
    grey = Sight(seen.box, 0.5, False, seen.window, np.full((8, 8, 1), 0.5, np.float32), None)
    (panel,) = Film(320, 240, located=False).panels(grey)
    np.testing.assert_array_equal(panel[20, 20], [128, 128, 128])


@pytest.mark.parametrize(
    ("width", "height"), [(320, 240), (180, 320), (12, 8), (3840, 2160), (1242, 375), (2000, 60)]
)
@pytest.mark.parametrize("located", [True, False])
def test_every_video_is_large_enough_to_see_and_keeps_its_size(width, height, located):
    film = Film(width, height, located)
    image = np.zeros((height, width, 3), np.uint8)
    first = film.frame(image, Sight((1.0, 1.0, 4.0, 4.0)), "frame 0")
    seen = sight()
    later = film.frame(image, seen, "frame 1: a text that is far too long for one line " * 9)
    assert first.shape == later.shape
    assert 640 <= max(film.picture(image, seen).shape[:2]) <= 1280
    assert len(first) > 176 and first.shape[1] > 176


def test_a_box_far_outside_is_drawn_nowhere():
    film = Film(320, 240)
    far = Sight((1e12, -1e12, 5.0, 5.0), 0.1, True, (float("nan"), 0.0, 1.0, 1.0), None, None)
    assert film.frame(GREY, far, "gone").dtype == np.uint8


@pytest.mark.parametrize(
    ("least", "step"), [(0.5, 5), (5, 5), (6, 10), (10, 10), (11, 20), (53, 100), (320, 500)]
)
def test_rulers_have_round_numbers(least, step):
    assert round_step(least) == step


def test_rulers_count_pixels_from_the_upper_left_corner():
    figure = ruled(np.zeros((120, 300, 3), np.uint8), "frame 0")
    (axis,) = figure.axes
    assert axis.get_xlim() == (0, 300) and axis.get_ylim() == (120, 0)
    assert figure_png(figure).startswith(b"\x89PNG")
