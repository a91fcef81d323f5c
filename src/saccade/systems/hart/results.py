"""The table and the report of an evaluation, and what results.json holds of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np

from saccade.data.tracking.measures import WRONG_BELOW
from saccade.systems.hart.evaluate import Followed, difference, results
from saccade.systems.hart.pictures.frames import LEGEND
from saccade.systems.hart.pictures.steps import (
    FAILED_BELOW,
    Pictures,
    sequence_report,
    worst_first,
)
from saccade.verbs.evaluate import REPORT_FILE, Results, report_facts
from saccade.viewing.plots import Series, learning_curves
from saccade.viewing.report import ReportLimits, write_report
from saccade.viewing.tables import Cell, Table
from saccade.wording import counted

COLUMNS = ("tracker", "IoU", "IoU with the first", "AUC", "P@20", "frames/s")
BETTER: dict[str, Literal["high", "low"]] = dict.fromkeys(COLUMNS[1:], "high")
UNKNOWN = "?"
DIFFERENCE = "more IoU"
DIFFERENCE_NOTE = f"{DIFFERENCE}: than the first row, paired by sequence"
NAMED = 5
"""Largest number of left-out sequences that a table names."""


class SourceResult(TypedDict):
    """Where sequences come from: generated, or one or several folders."""

    format: str | list[str]
    data: NotRequired[str | list[str]]
    split: NotRequired[str]
    seed: NotRequired[int]
    frames: NotRequired[int | None]
    height: NotRequired[int]
    width: NotRequired[int]


class SourcedResults(Results):
    """What every results.json of hart holds."""

    tracker: str
    n: int
    source: SourceResult


class IouResult(TypedDict):
    """Mean IoU of the first frames."""

    without_first: float | None
    with_first: float | None


class IouInterval(TypedDict):
    """Interval of the mean IoU of the first frames."""

    without_first: tuple[float, float] | None
    with_first: tuple[float, float] | None


class MeanResult(TypedDict):
    """Means over the sequences, or of one."""

    iou_60: IouResult
    auc: float | None
    precision_20: float | None
    fps: float | None


class IntervalResult(TypedDict):
    """Intervals of the means."""

    iou_60: IouInterval
    auc: tuple[float, float] | None
    precision_20: tuple[float, float] | None


class LostResult(TypedDict):
    """How well a tracker knew that its boxes were wrong."""

    wrong: float | None
    recall: float | None
    precision: float | None


class DifferenceResult(TypedDict):
    """How much more a tracker has than the first."""

    iou_60: tuple[float, float, float] | None


class TrackerResult(TypedDict):
    """What one tracker came to."""

    tracker: str
    mean: MeanResult
    ci95: IntervalResult
    lost: LostResult | None
    difference: NotRequired[DifferenceResult]


class HartResults(SourcedResults):
    """What of the results.json of objects that were followed alone is read again."""

    mean: MeanResult
    ci95: IntervalResult
    lost: LostResult | None
    workers: int
    others: NotRequired[list[TrackerResult]]


def measures(
    followed: Sequence[tuple[Followed, ...]],
    source: Mapping[str, Any],
    trackers: Sequence[str],
    asked: int,
    workers: int = 1,
) -> dict[str, Any]:
    """What results.json holds of its own: the measures, and every sequence.

    They are those of the first tracker. Where there are several, "others" has the same of each
    other one, and its "difference" to the first.

    Args:
        followed: Sequences that were followed, each by every tracker.
        source: Description of where the sequences come from.
        trackers: Names of the trackers that followed them.
        asked: Number of sequences that there are.
        workers: Number of processes that followed them at the same time.
    """
    facts = {"source": dict(source), "n_asked": asked, "workers": workers}
    first, *rest = zip(*followed, strict=True)
    document = {"tracker": trackers[0], **facts, **results(first)}
    others = [
        {"tracker": name, **results(each), "difference": difference(each, first)}
        for name, each in zip(trackers[1:], rest, strict=True)
    ]
    return document | ({"others": others} if others else {})


def measure_cells(document: Mapping[str, Any]) -> list[Cell]:
    """`COLUMNS` after the first: means with their 95 % intervals."""
    mean, ci95 = document["mean"], document["ci95"]
    pairs = [(mean["iou_60"][k], ci95["iou_60"][k]) for k in ("without_first", "with_first")]
    pairs += [(mean[name], ci95[name]) for name in ("auc", "precision_20")]
    cells: list[Cell] = [
        UNKNOWN if value is None or ends is None else (value, *ends) for value, ends in pairs
    ]
    fps = mean["fps"]
    return [*cells, UNKNOWN if fps is None else round(fps)]


def result_table(document: Mapping[str, Any], per_sequence: bool = False) -> Table:
    """An evaluation, one tracker a row.

    Args:
        document: Content of results.json.
        per_sequence: Whether every sequence has a row as well.
    """
    every = [document, *document.get("others", [])]
    rows: list[Sequence[Cell] | str] = [[str(e["tracker"]), *measure_cells(e)] for e in every]
    columns = COLUMNS
    if len(every) > 1:
        columns = (*COLUMNS, DIFFERENCE)
        rows = [[*row, _difference_cell(e)] for row, e in zip(rows, every, strict=True)]
    if per_sequence:
        rows += [row for each in every for row in _sequence_rows(each, len(columns))]
    return Table(
        columns,
        rows,
        caption=f"{document['n']} sequence(s): {describe_source(document['source'])}",
        notes=(
            *result_notes(document["workers"]),
            *([DIFFERENCE_NOTE] if len(every) > 1 else []),
            *(note for each in every for note in lost_notes(each)),
            *left_out_notes(document),
        ),
        # The best of a column is that among the trackers, not among the sequences.
        better=BETTER if len(every) > 1 and not per_sequence else {},
        decimals=3,
    )


def _difference_cell(document: Mapping[str, Any]) -> Cell:
    found = document.get("difference", {}).get("iou_60")
    return "" if found is None else (found[0], found[1], found[2])


def _sequence_rows(document: Mapping[str, Any], columns: int) -> list[Sequence[Cell] | str]:
    """A heading, and every sequence as one tracker followed it."""
    rows: list[Sequence[Cell] | str] = [f"sequence by sequence: {document['tracker']}"]
    for one in document["sequences"]:
        ious = [one["iou_60"][kind] for kind in ("without_first", "with_first")]
        values = [*ious, one["auc"], one["precision_20"]]
        cells: list[Cell] = [UNKNOWN if value is None else value for value in values]
        fps = UNKNOWN if one["fps"] is None else round(one["fps"])
        rest = [""] * (columns - len(COLUMNS))
        rows.append([one["name"], *cells, fps, *rest])
    return rows


def result_notes(workers: int) -> tuple[str, ...]:
    """How the columns came about."""
    alone = "one core each"
    if workers > 1:
        alone += f", {workers} processes at a time, which slow each other down"
    return (
        "IoU: mean over the first 60 frames, without the first one, whose box is given",
        "AUC, P@20: over all frames with a box, the given first one included, as OTB has them",
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


def left_out_notes(document: Mapping[str, Any]) -> list[str]:
    """Which sequences the means are without."""
    names = [one["name"] for one in document.get("left_out", [])]
    if not names:
        return []
    said = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    return [f"left out: {len(names)} ({said}); results.json has the reasons"]


def describe_source(source: Mapping[str, Any]) -> str:
    """Where sequences come from, in words."""
    if source["format"] == "synthetic":
        size = f"{source['width']} x {source['height']}"
        about = f"generated ({source['split']}), seed {source['seed']}"
        return f"{about}, {counted(source['frames'] or 0, 'frame')}, {size}"
    cut = f", {counted(source['frames'], 'frame')} of each" if source["frames"] else ""
    forms, folders = (
        [value] if isinstance(value, str) else value for value in (source["format"], source["data"])
    )
    pairs = [f"{form}, {folder}" for form, folder in zip(forms, folders, strict=True)]
    return "; ".join(pairs) + cut


def write_evaluation_report(
    folder: Path,
    document: Mapping[str, Any],
    followed: Sequence[Followed],
    pictures: Mapping[int, Pictures],
    limit: int,
) -> Path:
    """Write report.html: the table, IoU over time, the sequences from the worst to the best.

    Args:
        folder: Folder of the evaluation.
        document: Content of results.json.
        followed: Results of the first tracker, one a sequence.
        pictures: Encoded pictures by index of the sequence.
        limit: Largest number of sequences with pictures.
    """
    order = worst_first(followed)
    path = folder / REPORT_FILE
    others = document.get("others", [])
    curves = (
        {each["tracker"]: each for each in (document, *others)} if others else {"IoU": document}
    )
    write_report(
        path,
        f"Tracking: {document['tracker']}",
        result_table(document),
        [sequence_report(followed[i], pictures.get(i)) for i in order],
        figures={"Mean IoU of each of the first 60 frames": curve_figure(curves)},
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
