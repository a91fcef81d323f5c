"""What `saccade show` says of a run: how far it is, and its learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from saccade.systems.smak.pretext.learn import STAGE as PRETEXT
from saccade.systems.smak.validation import STAGE as EMBED
from saccade.training.metrics import read_metrics
from saccade.training.run import METRICS_FILE
from saccade.verbs.show import Records, RunView, is_number, steps_made
from saccade.viewing.images import save_png
from saccade.viewing.plots import Series, figure_png, learning_curves
from saccade.viewing.tables import Cell, Table

PANELS = {
    "loss of the pretext": (PRETEXT, {"loss": "loss"}),
    "loss": (EMBED, {"loss": "loss"}),
    "loss below that of chance": (EMBED, {"below_chance": "ln N - loss"}),
    "spread of embeddings": (EMBED, {"spread": "spread"}),
    "effective rank": (EMBED, {"rank": "effective rank"}),
}
"""Curves by panel: the stage that they are of, what metrics.jsonl calls them, what people do."""
HELD_OUT, HELD_OUT_LABEL = "alignment_error", "alignment error, held out"
HELD_OUT_FILE = "held_out.png"


def curve_panels(records: Records) -> dict[str, list[Series]]:
    """Panels of the learning curves; what was not measured has no curve."""
    panels: dict[str, list[Series]] = {}
    made_steps = steps_made(records)
    for panel, (stage, names) in PANELS.items():
        for name, label in names.items():
            points = [
                (made, r[name])
                for made, r in zip(made_steps, records, strict=True)
                if r["stage"] == stage and is_number(r.get(name))
            ]
            if points:
                steps, values = np.array(points, float).T
                panels.setdefault(panel, []).append(Series(label, values, steps))
    return panels


def first_and_last(records: Records) -> Table:
    """A run's first and last numbers, each of the first and the last line that has it."""
    steps = steps_made(records)
    rows: list[Sequence[Cell] | str] = [["step", steps[0], steps[-1]]]
    shown = [(panel, stage, name) for panel, (stage, names) in PANELS.items() for name in names]
    for label, stage, name in [*shown, (HELD_OUT_LABEL, EMBED, HELD_OUT)]:
        values = [float(r[name]) for r in records if r["stage"] == stage and is_number(r.get(name))]
        if values:
            rows.append([label, values[0], values[-1]])
    return Table(("", "first", "last"), rows, decimals=3)


def write_held_out(folder: Path, out: Path) -> list[Path]:
    """Write the curve of held-out sequences: of few points, each of which counts."""
    file = folder / METRICS_FILE
    records = read_metrics(file) if file.exists() else []
    points = [(r["step"], r[HELD_OUT]) for r in records if is_number(r.get(HELD_OUT))]
    if not points:
        return []
    steps, values = np.array(points, float).T
    panels = {HELD_OUT_LABEL: [Series("alignment error", values, steps)]}
    figure = learning_curves(panels, window=1, x_label="step", band=False)
    save_png(out / HELD_OUT_FILE, figure_png(figure))
    return [out / HELD_OUT_FILE]


RUN_VIEW = RunView(first_and_last, curve_panels, write_held_out, band=False)
