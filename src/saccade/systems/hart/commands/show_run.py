"""What `saccade show` says of a run: how far it is, and its learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.weights import RUN_WEIGHTS
from saccade.training.metrics import read_metrics
from saccade.training.plain import from_plain
from saccade.training.run import CONFIG_FILE, Run
from saccade.training.storage import existing_folder
from saccade.viewing.images import save_png
from saccade.viewing.plots import Series, figure_png, learning_curves
from saccade.viewing.tables import Cell, Table, to_text

CURVES_FILE = "learning_curves.png"
WINDOW = 10
"""Lines of metrics.jsonl that the curves average."""
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


def has_weights(folder: Path) -> bool:
    """Whether a run has a tracker already."""
    return existing_folder(folder / RUN_WEIGHTS).is_dir()


def show(folder: Path, out: Path) -> list[Path]:
    """Print a run's facts; write its learning curves.

    Raises:
        DamagedFileError: A file of the run is damaged.
    """
    run = Run.open(folder)
    settings = from_plain(HartConfig, run.config.get("config", {}), str(run.folder / CONFIG_FILE))
    steps = settings.fit.steps + settings.finetune.steps
    print(f"run {folder}: seed {run.seed}, variant {settings.variant}, {steps} steps to make")
    records = read_metrics(run.metrics_file) if run.metrics_file.exists() else []
    if not has_weights(folder):
        print(f"no weights yet; go on with: saccade train hart --resume {folder}")
    if not records:
        return []
    print(to_text(first_and_last(records)))
    figure = learning_curves(curve_panels(records), window=WINDOW, x_label="step", band=False)
    save_png(out / CURVES_FILE, figure_png(figure))
    return [out / CURVES_FILE]


def curve_panels(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Series]]:
    """Panels of the learning curves, over both stages; a variant without a term lacks its curve."""
    panels: dict[str, list[Series]] = {}
    steps_made = all_steps(records)
    for panel, names in PANELS.items():
        for name, label in names.items():
            pairs = zip(steps_made, records, strict=True)
            points = [(made, r[name]) for made, r in pairs if _is_number(r.get(name))]
            if points:
                steps, values = np.array(points, float).T
                panels.setdefault(panel, []).append(Series(label, values, steps))
    return panels


def all_steps(records: Sequence[Mapping[str, Any]]) -> list[int]:
    """Steps made up to each record, those of the stages before counted in."""
    steps: list[int] = []
    before, last = 0, {}
    for record in records:
        if last and record["stage"] != last["stage"]:
            before += last["step"]
        steps.append(before + record["step"])
        last = record
    return steps


def first_and_last(records: Sequence[Mapping[str, Any]]) -> Table:
    """A run's first and last numbers."""
    first, last = records[0], records[-1]
    shown = [(name, label) for names in PANELS.values() for name, label in names.items()]
    steps = all_steps(records)
    rows: list[Sequence[Cell] | str] = [["step", steps[0], steps[-1]]]
    rows += [
        [label, *(float(r[name]) if _is_number(r.get(name)) else "?" for r in (first, last))]
        for name, label in shown
        if name in last
    ]
    return Table(("", "first", "last"), rows, decimals=3)


def _is_number(value: object) -> bool:
    # A NaN is written as null: it is not known, as the IoU of windows that were all forced.
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
