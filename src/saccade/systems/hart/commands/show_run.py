"""What `saccade show` says of a run: how far it is, and its learning curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saccade.verbs.show import Records, RunView, is_number, steps_made
from saccade.viewing.plots import Series
from saccade.viewing.tables import Cell, Table

PANELS = {
    "loss (Eq. 9)": {"loss": "loss"},
    "its terms": {
        "tracking": "tracking",
        "spatial": "spatial attention",
        "appearance": "appearance attention",
        "features": "features",
        "confidence": "confidence",
    },
    "IoU in training": {"iou": "all windows", "own_iou": "its own windows"},
    "frames a sequence, T": {"length": "T"},
}
"""Curves by panel: what metrics.jsonl calls them, and what people do."""


def curve_panels(records: Records) -> dict[str, list[Series]]:
    """Panels of the learning curves, over both stages; a variant without a term lacks its curve."""
    panels: dict[str, list[Series]] = {}
    made_steps = steps_made(records)
    for panel, names in PANELS.items():
        for name, label in names.items():
            pairs = zip(made_steps, records, strict=True)
            points = [(made, r[name]) for made, r in pairs if is_number(r.get(name))]
            if points:
                steps, values = np.array(points, float).T
                panels.setdefault(panel, []).append(Series(label, values, steps))
    return panels


def first_and_last(records: Records) -> Table:
    """A run's first and last numbers."""
    first, last = records[0], records[-1]
    shown = [(name, label) for names in PANELS.values() for name, label in names.items()]
    steps = steps_made(records)
    rows: list[Sequence[Cell] | str] = [["step", steps[0], steps[-1]]]
    rows += [
        [label, *(float(r[name]) if is_number(r.get(name)) else "?" for r in (first, last))]
        for name, label in shown
        if name in last
    ]
    return Table(("", "first", "last"), rows, decimals=3)


RUN_VIEW = RunView(first_and_last, curve_panels, band=False)
