"""Figures 6 and 7 from finished rows, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from saccade.systems.arm.paper.making import ArmTable
from saccade.systems.arm.paper.measured import Point, Variant, variants
from saccade.systems.arm.paper.report import Variants, title_of
from saccade.systems.arm.paper.rows import (
    ABLATION_TASKS,
    BASE,
    CROPS,
    DEMONSTRATIONS,
    METHOD_LABELS,
    PARTS,
    TASKS,
    Row,
)
from saccade.verbs.table import Figures
from saccade.viewing.plots import BandedSeries, IntervalRow, banded_curves, figure_png, intervals

RANGE = (-0.03, 1.03)
"""Range of the success axes."""
SUCCESS = "success"
BANDS = "bands: 95 % over placements"
DEFAULT_CROP = 16

Axis = Literal["actions", "minutes"]
AXES: dict[Axis, str] = {"actions": "own actions", "minutes": "core-minutes of training"}
"""What success is drawn over."""


def figures(table: ArmTable, rows: Sequence[Row]) -> Figures:
    """What can be drawn from the rows that are there."""
    found = variants(table, rows)
    drawn: dict[str, tuple[str, bytes]] = {}
    for axis, label in AXES.items():
        panels = learning_panels(found, axis)
        if panels:
            figure = banded_curves(panels, label, SUCCESS, RANGE)
            caption = f"Success over {label} (Fig. 6); {BANDS}; dashed: no own actions"
            drawn[f"fig6_{axis}"] = caption, figure_png(figure)
    if parts := _parts(found):
        caption = f"Parts left out of the paper's method (Fig. 7a); {BANDS}"
        drawn["fig7a"] = caption, figure_png(intervals(parts, SUCCESS))
    default = table.budget.demonstrations
    for name, prefix, values, base, label in (
        ("fig7b", "demonstrations", DEMONSTRATIONS, default, "demonstrations"),
        ("fig7c", "crop", CROPS, DEFAULT_CROP, "side of the crop [pixels]"),
    ):
        if panels := _sensitivity(found, prefix, values, base):
            figure = banded_curves(panels, label, SUCCESS, RANGE)
            drawn[name] = (
                f"Success over the {label} (Fig. 7{name[-1]}); {BANDS}",
                figure_png(figure),
            )
    return drawn


def learning_panels(found: Variants, axis: Axis) -> dict[str, list[BandedSeries]]:
    """A panel a task, a curve a method."""
    panels: dict[str, list[BandedSeries]] = {}
    for task in TASKS:
        curves = [
            _curve(found[task, method].label, found[task, method].points(), axis)
            for method in METHOD_LABELS
            if (task, method) in found
        ]
        if curves:
            panels[title_of(task)] = curves
    return panels


def _curve(label: str, points: Sequence[Point], axis: Axis) -> BandedSeries:
    steps = np.array([getattr(point, axis) for point in points], float)
    if not steps.any():  # nothing but the end tells of a method that does not act
        points, steps = points[-1:], steps[-1:]
    values, low, high = np.array([point.success for point in points], float).T
    return BandedSeries(label, steps, values, low, high)


def _parts(found: Variants) -> list[IntervalRow]:
    lines = []
    for task in ABLATION_TASKS:
        for name in (BASE, *PARTS):
            if (task, name) in found:
                variant = found[task, name]
                label = f"{title_of(task)}: {variant.label}"
                lines.append(IntervalRow(label, *variant.success(), highlight=name == BASE))
    return lines if any(not line.highlight for line in lines) else []


def _sensitivity(
    found: Variants, prefix: str, values: Sequence[int], base: int
) -> dict[str, list[BandedSeries]]:
    """Success over a setting, both tasks in one panel; the whole method is one of the values."""
    series = []
    for task in ABLATION_TASKS:
        at: dict[int, Variant] = {
            n: found[task, f"{prefix}-{n}"] for n in values if (task, f"{prefix}-{n}") in found
        }
        if at and (task, BASE) in found:
            at[base] = found[task, BASE]
        if at:
            steps = np.array(sorted(at), float)
            y, low, high = np.array([at[n].success() for n in sorted(at)], float).T
            series.append(BandedSeries(title_of(task), steps, y, low, high))
    return {"the paper's method": series} if series else {}
