"""What `saccade show` says of a run: its stages, its learning curves, what it recorded."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np

from saccade.data.push_episodes import PushDataset
from saccade.systems.push.pictures.dataset_statistics import COLUMNS, count_pushes
from saccade.systems.push.train_mask import load_curves
from saccade.systems.push.weights import CURVES_FILE
from saccade.verbs.show import Records, RunView, is_number
from saccade.viewing.images import save_png
from saccade.viewing.plots import Series, figure_png, precision_recall
from saccade.viewing.tables import Cell, Table, to_text

MASK_FILE = "mask_precision_recall.png"
NOT_CURVES = ("step", "stage")
MASK_STAGE = "mask"


def curve_panels(records: Records) -> dict[str, list[Series]]:
    """Panels of the learning curves: the mask's loss, then each number of the value network.

    The stages of a network follow one another on the x axis, a curve each.
    """
    panels: dict[str, list[Series]] = {}
    done = {True: 0, False: 0}
    for stage, group in groupby(records, key=lambda record: record["stage"]):
        rows = list(group)
        is_mask = stage.startswith(MASK_STAGE)
        start = done[is_mask]
        for name in rows[0].keys() - set(NOT_CURVES):
            points = [(start + r["step"], r[name]) for r in rows if is_number(r.get(name))]
            if points:
                # A single number is a level, drawn over the stage's length.
                points = [(start, points[0][1]), *points] if len(points) == 1 else points
                steps, values = np.array(points, float).T
                label = f"mask {name}" if is_mask else f"value {name}"
                panels.setdefault(label, []).append(Series(stage, values, steps))
        done[is_mask] += rows[-1]["step"]
    return dict(
        sorted(panels.items(), key=lambda item: (item[0].split()[0], item[0] != "value loss"))
    )


def stage_table(records: Records) -> Table:
    """Steps and losses of every stage."""
    rows: list[list[Cell]] = []
    for stage, group in groupby(records, key=lambda record: record["stage"]):
        lines = list(group)
        losses = [float(r["loss"]) for r in lines if is_number(r.get("loss"))]
        ends: list[Cell] = [losses[0], losses[-1]] if losses else ["?", "?"]
        rows.append([stage, lines[-1]["step"], *ends])
    return Table(("stage", "steps", "first loss", "last loss"), rows, decimals=4)


def show_recorded(folder: Path, out: Path) -> list[Path]:
    """What each stage recorded, which tells whether acting becomes better; PushMask's curves."""
    rows: list[list[Cell]] = []
    for facts in sorted((folder / "data").glob("*/dataset.json")):
        counts = count_pushes(PushDataset(facts.parent))
        rows.append([facts.parent.name, *counts.cells()])
    if rows:
        print(to_text(Table(("recorded", *COLUMNS), rows)))
    if not (folder / CURVES_FILE).exists():
        return []
    figure = precision_recall(load_curves(folder), "PushMask on held-out pushes")
    save_png(out / MASK_FILE, figure_png(figure))
    return [out / MASK_FILE]


RUN_VIEW = RunView(stage_table, curve_panels, show_recorded)
