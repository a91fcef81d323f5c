"""The paper's table from finished rows, and what it says of the order of the variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from saccade.statistics import Estimate, paired_difference
from saccade.systems.hart.paper.making import GENERATED, REAL, TrackerTable
from saccade.systems.hart.paper.rows import ABLATION, HART, Row
from saccade.systems.hart.results import (
    describe_source,
    left_out_notes,
    measure_cells,
    result_notes,
)
from saccade.viewing.tables import Cell, Table

COLUMNS = (
    "tracker", "IoU", "difference", "IoU with the first", "KITTI, paper", "KTH, paper", "AUC",
    "P@20", "frames/s", "remark",
)  # fmt: skip
BETTER: dict[str, Literal["high", "low"]] = dict.fromkeys(
    ("IoU", "IoU with the first", "AUC", "P@20"), "high"
)
VARIANTS_SECTION = "Table 1: the variants, trained alike"
ABLATION_SECTION = "Section 6: HART without one of its losses on attention"
PEERS_SECTION = "Others on the same sequences"


def tables(table: TrackerTable, rows: Sequence[Row]) -> list[Table]:
    """One table for the generated test set, one for real sequences where they were given."""
    names = [GENERATED] + [REAL] * (table.real is not None)
    made = [_table(table, rows, name) for name in names]
    return [each for each in made if each is not None]


def order_of_variants(table: TrackerTable, rows: Sequence[Row], name: str = GENERATED) -> str:
    """Whether HART >= App Att >= Spatial Att > RATM, and which steps the sequences tell apart."""
    variants = [row for row in rows if row.published]
    pairs = [(a, b, _difference(table, b, a, name)) for a, b in pairwise(variants)]
    known = [(a, b, estimate) for a, b, estimate in pairs if estimate is not None]
    if len(known) < 3:
        return "order of the variants: not all of them are here"
    # Only over RATM is more than a tie asked for.
    holds = known[0][2].value > 0 and all(estimate.value >= 0 for *_, estimate in known[1:])
    above = [f"{b.label} over {a.label}" for a, b, estimate in known if estimate.low > 0]
    verdict = "as published" if holds else "not as published"
    return (
        f"order of the means HART >= App Att >= Spatial Att > RATM: {verdict}; "
        f"intervals above 0: {', '.join(above) or 'none'}"
    )


def _table(table: TrackerTable, rows: Sequence[Row], name: str) -> Table | None:
    """The table on one source; None where no row was evaluated on it."""
    finished = [found for row in rows if (found := table.making().measured(row, name)) is not None]
    if not finished:
        return None
    by_key = {row.key: row for row in rows}
    hart = by_key.get(HART)
    body: list[Sequence[Cell] | str] = []
    variants = [row for row in rows if row.published]
    above: list[Row | None] = [None, *variants]
    body += _section(table, VARIANTS_SECTION, list(zip(variants, above, strict=False)), name)
    ablation = [by_key[key] for key in ABLATION if key in by_key]
    body += _section(table, ABLATION_SECTION, [(row, hart) for row in ablation], name)
    others = [(row, hart) for row in rows if row.config is None]
    body += _section(table, PEERS_SECTION, others, name)
    first = finished[0]
    return Table(
        COLUMNS,
        body,
        caption=f"{first['n']} sequence(s): {describe_source(first['made_of']['source'])}",
        notes=[
            *_notes(table),
            order_of_variants(table, rows, name),
            *_left_out(finished),
        ],
        better=BETTER,
        decimals=3,
    )


def _left_out(finished: Sequence[Mapping[str, Any]]) -> list[str]:
    """Notes of the sequences that some row was not evaluated on."""
    every = [one for document in finished for one in document.get("left_out", [])]
    return left_out_notes({"left_out": list({one["name"]: one for one in every}.values())})


def _section(
    table: TrackerTable, title: str, pairs: Sequence[tuple[Row, Row | None]], name: str
) -> list[Sequence[Cell] | str]:
    """A heading and its rows, each with the row that it is compared with."""
    body = [cells for row, other in pairs if (cells := _cells(table, row, other, name))]
    return [title, *body] if body else []


def _cells(table: TrackerTable, row: Row, other: Row | None, name: str) -> list[Cell] | None:
    """A row of the table; None for one that is still to come."""
    why = table.missing(row)
    published: list[Cell] = [row.published.get(each, "") for each in ("KITTI", "KTH")]
    if why:
        return [row.label, "", "", "", *published, "", "", "", why]
    document = table.making().measured(row, name)
    if document is None:
        return None
    iou, with_first, *rest = measure_cells(document)
    difference = _difference(table, row, other, name) if other not in (None, row) else None
    cells = [row.label, iou, difference or "", with_first, *published, *rest]
    return [*cells, _remark(table, row)]


def _remark(table: TrackerTable, row: Row) -> str:
    """How large and how long trained a network is."""
    facts = table.making().result(row)
    if "numbers" not in facts:
        return ""
    learnt = facts["learnt_from"]
    return f"{facts['numbers']:,} numbers, {learnt['steps']} steps of {learnt['batch']}"


def _difference(table: TrackerTable, row: Row, other: Row | None, name: str) -> Estimate | None:
    """Mean IoU of a row over another's, paired by sequence, without the first frame."""
    mine = table.making().measured(row, name)
    theirs = table.making().measured(other, name) if other is not None else None
    if mine is None or theirs is None:
        return None
    # A tracker may have refused a sequence that the other one followed.
    others = {one["name"]: one["iou_60"]["without_first"] for one in theirs["sequences"]}
    pairs = [(one["iou_60"]["without_first"], others.get(one["name"])) for one in mine["sequences"]]
    known = np.array([pair for pair in pairs if None not in pair], float)
    if not len(known):
        return None
    return paired_difference(known[:, 0], known[:, 1], np.random.default_rng(0))


def _notes(table: TrackerTable) -> list[str]:
    budget = table.budget
    origin = f"runs of {table.runs}" if table.runs else f"trained here, seed {table.seed}"
    return [
        *result_notes(1),
        "difference: IoU over that of the row above (Table 1), or over that of HART (others), "
        "paired by sequence",
        "paper: mean IoU, the first frame included, trained and tested on KITTI or KTH",
        f"{origin}; one training a row: intervals are over sequences, not over trainings",
        f"asked for: {budget.steps} steps and {budget.finetune} of the second stage, of "
        f"{budget.batch} sequences, pools of {budget.clips} clips",
        "App Att is HART without a loss on appearance attention",
    ]
