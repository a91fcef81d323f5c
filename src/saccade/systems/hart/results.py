"""The table and the report of an evaluation, and what results.json holds of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from saccade.data.tracking.sources import SequenceSource
from saccade.systems.hart.evaluate import Followed, results
from saccade.systems.hart.evaluation.measures import WRONG_BELOW
from saccade.systems.hart.pictures.frames import LEGEND
from saccade.systems.hart.pictures.steps import (
    FAILED_BELOW,
    Pictures,
    sequence_report,
    worst_first,
)
from saccade.verbs.evaluate import REPORT_FILE, report_facts
from saccade.viewing.plots import Series, learning_curves
from saccade.viewing.report import ReportLimits, write_report
from saccade.viewing.tables import Cell, Table

COLUMNS = ("tracker", "IoU", "IoU with the first", "AUC", "P@20", "frames/s")
BETTER: dict[str, Literal["high", "low"]] = dict.fromkeys(COLUMNS[1:], "high")
UNKNOWN = "?"


def measures(
    followed: Sequence[Followed], source: SequenceSource, tracker: str, asked: int, workers: int = 1
) -> dict[str, Any]:
    """What results.json holds of its own: the measures, and every sequence.

    Args:
        followed: The sequences that were followed.
        source: Where they come from.
        tracker: Who followed them.
        asked: Sequences that there are.
        workers: Processes that followed them at the same time.
    """
    facts = {"source": source.describe(), "n_asked": asked, "workers": workers}
    return {"tracker": tracker, **facts, **results(followed)}


def measure_cells(document: Mapping[str, Any]) -> list[Cell]:
    """`COLUMNS` after the first: means with their 95 % intervals."""
    mean, ci95 = document["mean"], document["ci95"]
    pairs = [(mean["iou_60"][k], ci95["iou_60"][k]) for k in ("without_first", "with_first")]
    pairs += [(mean[name], ci95[name]) for name in ("auc", "precision_20")]
    cells: list[Cell] = [UNKNOWN if value is None else (value, *ends) for value, ends in pairs]
    fps = mean["fps"]
    return [*cells, UNKNOWN if fps is None else round(fps)]


def result_table(*documents: Mapping[str, Any]) -> Table:
    """Evaluations on the same sequences, one a row."""
    first = documents[0]
    return Table(
        COLUMNS,
        [[str(document["tracker"]), *measure_cells(document)] for document in documents],
        caption=f"{first['n']} sequence(s): {describe_source(first['source'])}",
        notes=(
            *result_notes(first["workers"]),
            *(n for each in documents for n in lost_notes(each)),
        ),
        better=BETTER if len(documents) > 1 else {},
        decimals=3,
    )


def result_notes(workers: int) -> tuple[str, ...]:
    """How the columns came about."""
    alone = "one core each"
    if workers > 1:
        alone += f", {workers} processes at a time, which slow each other down"
    return (
        "IoU: mean over the first 60 frames, without the first one, whose box is given",
        "means over the sequences, with 95 % bootstrap intervals in brackets",
        f"frames/s: the tracker alone, reading frames does not count; {alone}",
    )


def lost_notes(document: Mapping[str, Any]) -> list[str]:
    """How far to believe a tracker that says, or does not say, that it has lost its object."""
    said = document.get("lost")
    if said is None:
        return []
    wrong, recall, precision = (
        UNKNOWN if said[name] is None else f"{said[name]:.0%}"
        for name in ("wrong", "recall", "precision")
    )
    return [
        f"lost ({document['tracker']}): {wrong} of the boxes are wrong (IoU below {WRONG_BELOW:g}, "
        f"or the object is absent); it says so of {recall} of them, and is right {precision} of "
        "the times that it says so"
    ]


def describe_source(source: Mapping[str, Any]) -> str:
    """Where sequences come from, in words."""
    if source["format"] == "synthetic":
        size = f"{source['width']} x {source['height']}"
        about = f"generated ({source['split']}), seed {source['seed']}"
        return f"{about}, {source['frames']} frames, {size}"
    cut = f", {source['frames']} frames of each" if source["frames"] else ""
    return f"{source['format']}, {source['data']}{cut}"


def write_evaluation_report(
    folder: Path,
    document: Mapping[str, Any],
    followed: Sequence[Followed],
    pictures: Mapping[int, Pictures],
    limit: int,
) -> Path:
    """Write report.html: the table, IoU over time, the sequences from the worst to the best.

    Args:
        folder: Of the evaluation.
        document: Content of results.json.
        followed: What was followed.
        pictures: By index of the sequence.
        limit: Sequences with pictures.
    """
    order = worst_first(followed)
    path = folder / REPORT_FILE
    write_report(
        path,
        f"Tracking: {document['tracker']}",
        result_table(document),
        [sequence_report(followed[i], pictures.get(i)) for i in order],
        figures={"Mean IoU of each of the first 60 frames": curve_figure({"IoU": document})},
        notes=[
            f"The worst sequences come first; a sequence failed if its mean IoU is below "
            f"{FAILED_BELOW:g}. Pictures: {LEGEND}; the location map is dark where the tracker "
            "sees the object.",
        ],
        facts=report_facts(document),
        limits=ReportLimits(pictured=limit),
        noun="sequence",
    )
    return path


def curve_figure(documents: Mapping[str, Mapping[str, Any]], title: str = "") -> Any:
    """IoU of each frame, a curve an evaluation (the paper's Figure 5)."""
    curves = []
    for name, document in documents.items():
        values = np.array(document["iou_by_frame"], float)
        known = np.flatnonzero(np.isfinite(values))
        curves.append(Series(name, values[known], known.astype(float)))
    return learning_curves({"mean IoU": curves}, 1, "frame, the first one given", title, band=False)
