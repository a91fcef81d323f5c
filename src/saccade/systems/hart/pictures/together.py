"""An evaluation of several objects a video as files; see `results` for single ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict

from saccade.systems.hart.results import (
    UNKNOWN,
    HartResults,
    SourcedResults,
    describe_source,
    left_out_notes,
    result_table,
)
from saccade.verbs.evaluate import REPORT_FILE, report_facts
from saccade.viewing.report import write_report
from saccade.viewing.tables import Cell, Table

COLUMNS = ("video", "objects", "frames", "IoU", "identity switches")
SHOWN = 20
"""Number of videos that a table has rows of, the worst ones."""


class VideoResult(TypedDict):
    """What came of the objects of a video."""

    name: str
    objects: int
    frames: int
    iou: float | None
    identity_switches: int


class TogetherMean(TypedDict):
    """What came of all objects."""

    iou: float | None
    identity_switches: int


class TogetherResults(SourcedResults):
    """What of the results.json of several objects a video is read again."""

    together: Literal[True]
    videos: list[VideoResult]
    mean: TogetherMean


def results_kind(document: Mapping[str, Any]) -> type:
    """The declaration of a results.json of either kind."""
    return TogetherResults if is_together(document) else HartResults


def together_measures(
    found: Mapping[str, Any], source: Mapping[str, Any], tracker: str, asked: int
) -> dict[str, Any]:
    """What results.json holds of its own.

    Args:
        found: Results of `multi_results`.
        source: Description of where the videos come from.
        tracker: Name of the tracker that followed them.
        asked: Number of videos that there are.
    """
    facts = {"source": dict(source), "n_asked": asked, "n": len(found["videos"])}
    return {"tracker": tracker, **facts, "together": True, **found}


def is_together(document: Mapping[str, Any]) -> bool:
    """Whether a results.json is one of several objects a video."""
    return bool(document.get("together"))


def together_table(document: Mapping[str, Any], shown: int = SHOWN) -> Table:
    """The worst videos, and all together."""
    videos, mean = document["videos"], document["mean"]
    worst = sorted(videos, key=lambda video: (video["iou"] is None, video["iou"]))
    rows: list[list[Cell]] = [_cells(video["name"], video) for video in worst[:shown]]
    total = {
        "objects": sum(video["objects"] for video in videos),
        "frames": sum(video["frames"] for video in videos),
        **mean,
    }
    rows.append(_cells(f"all {len(videos)}", total))
    return Table(
        COLUMNS,
        rows,
        caption=f"{document['tracker']}; {len(videos)} video(s): "
        f"{describe_source(document['source'])}",
        notes=(
            "IoU: mean over all frames of all objects but those in which they are given",
            "identity switch: an object is found by another track than the one before; boxes that "
            "the tracker calls lost find nothing",
            *left_out_notes(document),
        ),
        decimals=3,
    )


def either_table(document: Mapping[str, Any]) -> Table:
    """The table of an evaluation of either kind."""
    return together_table(document) if is_together(document) else result_table(document)


def write_together_report(folder: Path, document: Mapping[str, Any]) -> Path:
    """Write report.html: the table of all videos, from the worst to the best."""
    path = folder / REPORT_FILE
    write_report(
        path,
        f"Tracking several objects: {document['tracker']}",
        together_table(document, len(document["videos"])),
        facts=report_facts(document),
    )
    return path


def _cells(name: str, video: Mapping[str, Any]) -> list[Cell]:
    iou = UNKNOWN if video["iou"] is None else video["iou"]
    return [name, str(video["objects"]), str(video["frames"]), iou, str(video["identity_switches"])]
