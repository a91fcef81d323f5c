"""Curves over time, one below another, with the moments that matter marked through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from saccade.errors import UserInputError
from saccade.viewing.figure_style import INK, SERIES_COLOURS, SOFT, new_figure, style_axis

PANEL_HEIGHT = 1.25
"""Height of a curve's panel [inches]."""


@dataclass(frozen=True)
class Timeline:
    """A quantity over time.

    Attributes:
        label: Name and unit.
        values: Values, one a moment.
        level: Level that is drawn as a dashed line; None for none.
    """

    label: str
    values: Float[np.ndarray, " n"]
    level: float | None = None


def timelines(
    times: Float[np.ndarray, " n"],
    curves: Sequence[Timeline],
    marks: Float[np.ndarray, " k"],
    width: float = 8.0,
) -> Figure:
    """Curves over the same times, each in a panel; marks are lines that are numbered from 1.

    Args:
        times: Times [s].
        curves: Quantities over these times.
        marks: Times of the marks [s].
        width: Width of the figure [inches].

    Raises:
        UserInputError: There is no curve, or one has not a value a time.
    """
    if not curves or any(len(curve.values) != len(times) for curve in curves):
        raise UserInputError(
            f"timelines got {len(times)} times and curves of "
            f"{[len(curve.values) for curve in curves]} values; expected curves of as many values"
        )
    figure = new_figure(width, PANEL_HEIGHT * len(curves) + 0.3)
    axes = figure.subplots(len(curves), 1, squeeze=False, sharex=True)[:, 0]
    for axis, curve in zip(axes, curves, strict=True):
        style_axis(axis, "time [s]" if axis is axes[-1] else "", curve.label)
        axis.plot(times, curve.values, color=SERIES_COLOURS[0], linewidth=1.6)
        if curve.level is not None:
            axis.axhline(curve.level, color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
        for mark in marks:
            axis.axvline(mark, color=SERIES_COLOURS[1], linewidth=1.2)
        axis.margins(x=0.01, y=0.1)
    above = axes[0].get_xaxis_transform()
    for number, mark in enumerate(marks.tolist(), start=1):
        axes[0].text(mark, 1.03, str(number), transform=above, ha="center", fontsize=9, color=INK)
    return figure
