"""The measures of an evaluation, its table and its report; what results.json holds of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np

from saccade.statistics import Estimate, mean_estimate
from saccade.systems.smak.evaluate import (
    BOOTSTRAP_SEED,
    Embedded,
    order_of_neighbours,
)
from saccade.systems.smak.labelled import classification_errors, phase_measures
from saccade.verbs.evaluate import REPORT_FILE, Results, report_facts
from saccade.viewing.report import Picture, ReportLimits, ScenarioReport, write_report
from saccade.viewing.tables import Cell, Table
from saccade.wording import counted

FAILED_ABOVE = 1 / 3
"""Alignment error of chance, about: what is above it failed."""
UNKNOWN = "?"
NAMES = {
    "alignment_error": "alignment error",
    "alignment_error_symmetric": "alignment error, both ways",
    "classification_error": "classification error",
    "kendall_tau": "Kendall's tau",
    "phase_accuracy": "phase, by a support vector machine",
    "phase_precision_at_5": "phase, among 5 neighbours",
}


class SourceResult(TypedDict):
    """Where sequences come from."""

    data: str
    seed: NotRequired[int]
    split: NotRequired[str]
    views: NotRequired[int]


class Measured(TypedDict):
    """A mean and its interval."""

    mean: float
    ci95: tuple[float, float]


class SmakResults(Results):
    """What results.json of smak holds that is read again."""

    weights: str
    n: int
    source: SourceResult
    alignment_error: Measured
    alignment_error_symmetric: Measured
    classification_error: Measured | None
    classification_error_by_attribute: dict[str, Measured]
    kendall_tau: Measured | None
    phase_accuracy: Measured | None
    phase_precision_at_5: Measured | None


def measures(
    embedded: Sequence[Embedded], source: Mapping[str, Any], weights: str
) -> dict[str, Any]:
    """What results.json holds of its own.

    Args:
        embedded: Sequences, embedded.
        source: Description of where they come from.
        weights: Name of the weights.
    """
    errors = {k: as_measured(v) for k, v in classification_errors(embedded).items()}
    phases = {k: as_measured(v) for k, v in phase_measures(embedded).items()}
    return {
        "weights": weights,
        "n": len(embedded),
        "source": dict(source),
        "alignment_error": measured([one.alignment_error for one in embedded]),
        "alignment_error_symmetric": measured([o.alignment_error_symmetric for o in embedded]),
        "classification_error": errors.pop("mean", None),
        "classification_error_by_attribute": errors,
        "kendall_tau": measured(order_of_neighbours(embedded)),
        "phase_accuracy": phases.get("accuracy"),
        "phase_precision_at_5": phases.get("precision"),
        "sequences": [
            {"name": one.name, "frames": len(one), "alignment_error": one.alignment_error}
            for one in embedded
        ],
    }


def measured(values: Sequence[float]) -> Measured | None:
    """Mean of one value a sequence, with its bootstrap interval; None of no values."""
    if not len(values):
        return None
    return as_measured(mean_estimate(np.array(values), np.random.default_rng(BOOTSTRAP_SEED)))


def as_measured(found: Estimate) -> Measured:
    """An estimate as results.json holds it."""
    return {"mean": found.value, "ci95": (found.low, found.high)}


def result_table(document: Mapping[str, Any]) -> Table:
    """An evaluation, one measure a row.

    Args:
        document: Content of results.json.
    """
    rows: list[Sequence[Cell] | str] = []
    for key, label in NAMES.items():
        rows.append([label, _cell(document[key])])
        if key == "classification_error":
            by_attribute = document["classification_error_by_attribute"]
            rows += [[f"  {name}", _cell(one)] for name, one in by_attribute.items()]
    notes = (
        "alignment error: distance in time from a frame of view 0 to its nearest neighbour in "
        "another view, over the length; chance is about 0.33",
        "classification error: a frame has the class of its nearest neighbour in other sequences; "
        "mean over classes, then over attributes",
        "Kendall's tau: order of nearest neighbours in view 1 of other sequences",
        "means over the sequences, with 95 % bootstrap intervals in brackets",
        *_left_out_notes(document),
    )
    return Table(
        ("measure", document["weights"]),
        rows,
        caption=f"{counted(document['n'], 'sequence')}: {describe_source(document['source'])}",
        notes=notes,
        decimals=3,
    )


def describe_source(source: Mapping[str, Any]) -> str:
    """Where sequences come from, in words."""
    if "seed" not in source:
        return str(source["data"])
    return f"the pouring world ({source['split']}), seed {source['seed']}, {source['views']} views"


def write_evaluation_report(
    folder: Path,
    document: Mapping[str, Any],
    embedded: Sequence[Embedded],
    figures: Mapping[str, Picture | Any],
) -> Path:
    """Write report.html: the table, pictures, the sequences from the worst to the best.

    Args:
        folder: Folder of the evaluation.
        document: Content of results.json.
        embedded: Sequences, embedded.
        figures: Pictures by caption.
    """
    path = folder / REPORT_FILE
    ordered = sorted(embedded, key=lambda one: -one.alignment_error)
    write_report(
        path,
        f"Alignment: {document['weights']}",
        result_table(document),
        [_sequence_report(one) for one in ordered],
        figures=figures,
        facts=report_facts(document),
        limits=ReportLimits(pictured=0),
        noun="sequence",
    )
    return path


def _sequence_report(one: Embedded) -> ScenarioReport:
    facts = {
        "frames": len(one),
        "alignment error": f"{one.alignment_error:.3f}",
        "both ways": f"{one.alignment_error_symmetric:.3f}",
    }
    return ScenarioReport(one.name, facts, one.alignment_error > FAILED_ABOVE)


def _cell(found: Measured | None) -> Cell:
    return UNKNOWN if found is None else (found["mean"], found["ci95"][0], found["ci95"][1])


def _left_out_notes(document: Mapping[str, Any]) -> list[str]:
    left_out = document.get("left_out", [])
    return [f"left out: {len(left_out)}; results.json has the reasons"] if left_out else []
