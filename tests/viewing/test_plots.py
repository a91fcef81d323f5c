from __future__ import annotations

import io
from inspect import unwrap

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from saccade.errors import UserInputError
from saccade.statistics import PrecisionRecall
from saccade.viewing import plots
from saccade.viewing.plots import BandedSeries, IntervalRow, Series


def points(line: Line2D) -> np.ndarray:
    """(n, 2) of x and y."""
    return np.asarray(line.get_xydata())


def test_moving_statistics_equal_the_slow_definition():
    values = 1e4 + np.random.default_rng(0).normal(size=50)
    mean, std = plots.moving_statistics(values, window=7)
    for i in range(50):
        window = values[max(0, i - 6) : i + 1]
        assert mean[i] == pytest.approx(window.mean(), abs=1e-9)
        assert std[i] == pytest.approx(window.std(), abs=1e-6)


def test_learning_curves_draw_the_moving_average_of_each_series_in_each_panel():
    values = np.arange(10.0)
    figure = plots.learning_curves(
        {
            "in box": [Series("mask", values), Series("no mask", -values)],
            "reward": [Series("mask", values, steps=10 * values)],
        },
        window=2,
        band=True,
    )
    first, second = figure.axes
    assert [line.get_label() for line in first.get_lines()] == ["mask", "no mask"]
    expected = [0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]
    np.testing.assert_allclose(points(first.get_lines()[0])[:, 1], expected)
    np.testing.assert_allclose(points(first.get_lines()[1])[:, 1], np.negative(expected))
    np.testing.assert_allclose(points(second.get_lines()[0])[:, 0], 10 * values)
    # The same label has the same colour in every panel.
    assert first.get_lines()[0].get_color() == second.get_lines()[0].get_color()
    assert (first.get_ylabel(), second.get_ylabel()) == ("in box", "reward")
    assert len(first.collections) == 2


def test_precision_recall_marks_the_best_f_score():
    curve = PrecisionRecall(
        np.array([0.5, 0.8, 1.0]), np.array([1.0, 0.8, 0.1]), np.array([0.05, 0.14, 0.9])
    )
    axis = plots.precision_recall({"fine-tuned": curve}).axes[0]
    line = next(each for each in axis.get_lines() if "fine-tuned" in str(each.get_label()))
    assert line.get_label() == "fine-tuned: F = 0.800 at 0.14"
    marker = axis.get_lines()[-1]
    np.testing.assert_array_equal(points(marker), [(0.8, 0.8)])


def test_q_maps_show_every_direction_on_one_scale_and_mark_the_best(scene):
    figure = plots.q_maps(scene.q, scene.heightmap, scene.mask)
    panels = [axis for axis in figure.axes if len(axis.images) == 2]
    assert len(panels) == 16
    limits = {axis.images[1].get_clim() for axis in panels}
    allowed = scene.q[scene.mask]
    assert limits == {(allowed.min(), allowed.max())}
    marked = [axis for axis in panels if axis.get_lines()]
    assert marked == [panels[4]]
    (ring,) = marked[0].get_lines()
    np.testing.assert_array_equal(points(ring), [(40, 14)])


def test_q_maps_without_any_allowed_action_mark_nothing(scene):
    figure = plots.q_maps(scene.q, scene.heightmap, np.zeros_like(scene.mask))
    assert not any(axis.get_lines() for axis in figure.axes)
    assert plots.figure_png(figure, dpi=40).startswith(b"\x89PNG")


def test_intervals_place_values_whiskers_and_published_figures():
    rows = [IntervalRow("a", 2.0, 1.5, 2.5, published=2.2), IntervalRow("b", 9.0, 8.5, 9.1)]
    axis = plots.intervals(rows, "in the box").axes[0]
    lines = axis.get_lines()
    assert [list(points(line)[:, 0]) for line in lines] == [
        [1.5, 2.5],
        [2.0],
        [8.5, 9.1],
        [9.0],
        [2.2],
    ]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    # The first row is the upper one.
    assert points(lines[0])[0, 1] > points(lines[2])[0, 1]


def test_banded_curves_keep_a_labels_colour_from_panel_to_panel():
    x, y = np.array([0.0, 5.0, 9.0]), np.array([0.0, 0.5, 0.8])
    one, other = (BandedSeries(label, x, y, y - 0.1, y + 0.1) for label in ("one", "other"))
    level = BandedSeries("level", *(np.array([v]) for v in (0.0, 0.3, 0.2, 0.4)))
    panels = {"a": [one, other], "b": [other, level], **{name: [one] for name in "cde"}}
    figure = plots.banded_curves(panels, "actions", "success", (0, 1))
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title(loc="left") for axis in shown] == list("abcde")
    assert shown[0].get_ylim() == (0, 1)
    np.testing.assert_array_equal(points(shown[0].get_lines()[0]), np.stack([x, y], axis=1))
    colours = [{line.get_label(): line.get_color() for line in axis.get_lines()} for axis in shown]
    assert colours[0]["other"] == colours[1]["other"] != colours[0]["one"]
    # A point alone is a line across the panel.
    assert points(shown[1].get_lines()[1]).tolist() == [[0, 0.3], [1, 0.3]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "other", "level"]
    assert plots.figure_png(figure, dpi=30).startswith(b"\x89PNG")


def test_figures_become_pictures_of_their_size_without_global_state():
    before = dict(mpl.rcParams)
    figure = plots.intervals([IntervalRow("a", 2.0, 1.5, 2.5)], "x")
    width, height = figure.get_size_inches()
    image = Image.open(io.BytesIO(plots.figure_png(figure, dpi=50)))
    assert image.size == (round(50 * width), int(50 * height))
    assert len(image.convert("RGB").getcolors(1 << 16) or ()) > 10
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (plots.learning_curves, ({},)),
        (plots.learning_curves, ({"reward": []},)),
        (plots.precision_recall, ({},)),
        (plots.intervals, ([], "x")),
        (plots.banded_curves, ({"a": []}, "x", "y")),
        (plots.moving_statistics, (np.ones(3), 0)),
        (plots.q_maps, (np.zeros((16, 3, 4)), np.zeros((4, 3)))),
    ],
)
def test_nothing_to_draw_is_an_error_of_the_caller(function, arguments):
    with pytest.raises(UserInputError, match="expected"):
        # As users run it: without the shape checks that the tests execute.
        unwrap(function)(*arguments)
