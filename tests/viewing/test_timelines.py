from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.viewing.plots import figure_rgb
from saccade.viewing.timelines import Timeline, timelines

TIMES = np.arange(5.0)


def test_each_curve_has_a_panel_and_every_mark_goes_through_all() -> None:
    curves = [Timeline("opening", TIMES / 4, level=0.95), Timeline("speed", 2 * TIMES)]
    first, second = timelines(TIMES, curves, np.array([1.5, 4.0])).axes
    curve, level, *marks = first.get_lines()
    np.testing.assert_array_equal(np.asarray(curve.get_xydata()), np.stack([TIMES, TIMES / 4], 1))
    assert np.asarray(level.get_ydata()).tolist() == [0.95, 0.95]
    assert [np.asarray(mark.get_xdata())[0] for mark in marks] == [1.5, 4.0]
    assert [text.get_text() for text in first.texts] == ["1", "2"]
    assert len(second.get_lines()) == 1 + 2
    assert (first.get_ylabel(), second.get_xlabel()) == ("opening", "time [s]")


def test_curves_that_do_not_fit_the_times_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"5 times and curves of \[4\] values"):
        timelines(TIMES, [Timeline("speed", TIMES[1:])], np.array([1.0]))


def test_a_figure_is_a_picture_of_its_size() -> None:
    picture = figure_rgb(timelines(TIMES, [Timeline("speed", TIMES)], TIMES[:0], width=3), dpi=100)
    assert picture.shape == (155, 300, 3) and picture.dtype == np.uint8
    assert (picture[0] == 255).all() and (picture < 100).any()
