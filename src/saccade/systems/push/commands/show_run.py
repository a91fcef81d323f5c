"""What `saccade show` says of a run: how far it is, its learning curves, what it recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.push_episodes import PushDataset
from saccade.systems.push.showing.dataset_statistics import COLUMNS, count_pushes
from saccade.systems.push.train_mask import CURVES_FILE, load_curves
from saccade.systems.push.weights import RUN_WEIGHTS
from saccade.training.metrics import read_metrics
from saccade.training.run import Run
from saccade.viewing.images import save_png
from saccade.viewing.plots import Series, figure_png, learning_curves, precision_recall
from saccade.viewing.tables import Cell, Table, to_text

LOSSES_FILE, MASK_FILE = "learning_curves.png", "mask_precision_recall.png"
WINDOW = 10
"""Lines of metrics.jsonl that the curves average."""
NOT_CURVES = ("step", "stage")
MASK_STAGE = "mask"


def has_weights(folder: Path) -> bool:
    """Whether a run has a policy already."""
    return (folder / RUN_WEIGHTS).is_dir()


def show(folder: Path, out: Path) -> list[Path]:
    """Print a run's facts and stages; write its learning curves.

    Raises:
        DamagedFileError: A file of the run is damaged.
    """
    run = Run.open(folder)
    settings = run.config.get("config", {})
    print(f"run {folder}: seed {run.seed}, network {settings.get('network', '?')}")
    records = read_metrics(run.metrics_file) if run.metrics_file.exists() else []
    if records:
        print(to_text(_stage_table(records)))
    recorded = _recorded_table(folder)
    if recorded.rows:
        print(to_text(recorded))
    if not has_weights(folder):
        print(f"no weights yet; go on with: saccade train push --resume {folder}")
    if not records:
        return []
    figure = learning_curves(curve_panels(records), window=WINDOW, x_label="step")
    save_png(out / LOSSES_FILE, figure_png(figure))
    written = [out / LOSSES_FILE]
    if (folder / CURVES_FILE).exists():
        figure = precision_recall(load_curves(folder), "PushMask on held-out pushes")
        save_png(out / MASK_FILE, figure_png(figure))
        written.append(out / MASK_FILE)
    return written


def curve_panels(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Series]]:
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
            points = [(start + r["step"], r[name]) for r in rows if _is_number(r.get(name))]
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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _stage_table(records: list[dict[str, Any]]) -> Table:
    rows: list[list[Cell]] = []
    for stage, group in groupby(records, key=lambda record: record["stage"]):
        lines = list(group)
        losses = [float(r["loss"]) for r in lines if _is_number(r.get("loss"))]
        ends: list[Cell] = [losses[0], losses[-1]] if losses else ["?", "?"]
        rows.append([stage, lines[-1]["step"], *ends])
    return Table(("stage", "steps", "first loss", "last loss"), rows, decimals=4)


def _recorded_table(folder: Path) -> Table:
    """What each stage recorded; the shares tell whether acting becomes better."""
    rows: list[list[Cell]] = []
    for facts in sorted((folder / "data").glob("*/dataset.json")):
        counts = count_pushes(PushDataset(facts.parent))
        rows.append([facts.parent.name, *counts.cells()])
    return Table(("recorded", *COLUMNS), rows)
