"""The paper's table and figures from finished rows: text, Markdown, JSON, PNG and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from saccade.statistics import Estimate, paired_difference
from saccade.systems.hart.showing.results import (
    describe_source,
    measure_cells,
    result_notes,
)
from saccade.systems.hart.tables.figures import figures
from saccade.systems.hart.tables.rows import ABLATION, HART, Row
from saccade.systems.hart.tables.run import GENERATED, REAL, Plan, load_result, measured, missing
from saccade.systems.hart.weights import SYSTEM
from saccade.training.provenance import describe_surroundings
from saccade.viewing.evaluation import report_facts
from saccade.viewing.images import save_png, write_whole
from saccade.viewing.report import write_report
from saccade.viewing.tables import Cell, Table, to_markdown

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


def tables(plan: Plan, rows: Sequence[Row]) -> list[Table]:
    """One table for the generated test set, one for real sequences where they were given."""
    names = [GENERATED] + [REAL] * (plan.real is not None)
    made = [_table(plan, rows, name) for name in names]
    return [table for table in made if table is not None]


def write_tables(plan: Plan, rows: Sequence[Row], command: str, workers: int) -> list[Path]:
    """Write table.md, results.json, the figures and report.html; returns what was written."""
    made, out = tables(plan, rows), plan.out
    write_whole(out / "table.md", "\n".join(to_markdown(table) for table in made).encode())
    document = {
        "system": SYSTEM, "command": command, "budget": asdict(plan.budget), "workers": workers,
        **describe_surroundings(),
        "rows": {row.key: load_result(plan, row) for row in rows},
    }  # fmt: skip
    write_whole(out / "results.json", (json.dumps(document, indent=1) + "\n").encode())
    written = [out / "table.md", out / "results.json"]
    drawn = figures(plan, rows)
    for name, (_, picture) in drawn.items():
        save_png(out / f"{name}.png", picture)
        written.append(out / f"{name}.png")
    write_report(
        out / "report.html", "HART: the paper's table", made, figures=dict(drawn.values()),
        facts=report_facts(document),
    )  # fmt: skip
    return [*written, out / "report.html"]


def order_of_variants(plan: Plan, rows: Sequence[Row], name: str = GENERATED) -> str:
    """Whether HART >= App Att >= Spatial Att > RATM, and which steps the sequences tell apart."""
    variants = [row for row in rows if row.published]
    pairs = [(a, b, _difference(plan, b, a, name)) for a, b in pairwise(variants)]
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


def _table(plan: Plan, rows: Sequence[Row], name: str) -> Table | None:
    """The table on one source; None where no row was evaluated on it."""
    finished = [found for row in rows if (found := measured(plan, row, name)) is not None]
    if not finished:
        return None
    by_key = {row.key: row for row in rows}
    hart = by_key.get(HART)
    body: list[Sequence[Cell] | str] = []
    variants = [row for row in rows if row.published]
    above: list[Row | None] = [None, *variants]
    body += _section(plan, VARIANTS_SECTION, list(zip(variants, above, strict=False)), name)
    ablation = [by_key[key] for key in ABLATION if key in by_key]
    body += _section(plan, ABLATION_SECTION, [(row, hart) for row in ablation], name)
    others = [(row, hart) for row in rows if row.config is None]
    body += _section(plan, PEERS_SECTION, others, name)
    first = finished[0]
    return Table(
        COLUMNS,
        body,
        caption=f"{first['n']} sequence(s): {describe_source(first['made_of']['source'])}",
        notes=[*_notes(plan), order_of_variants(plan, rows, name)],
        better=BETTER,
        decimals=3,
    )


def _section(
    plan: Plan, title: str, pairs: Sequence[tuple[Row, Row | None]], name: str
) -> list[Sequence[Cell] | str]:
    """A heading and its rows, each with the row that it is compared with."""
    body = [cells for row, other in pairs if (cells := _cells(plan, row, other, name))]
    return [title, *body] if body else []


def _cells(plan: Plan, row: Row, other: Row | None, name: str) -> list[Cell] | None:
    """A row of the table; None for one that is still to come."""
    why = missing(plan, row)
    published: list[Cell] = [row.published.get(each, "") for each in ("KITTI", "KTH")]
    if why:
        return [row.label, "", "", "", *published, "", "", "", why]
    document = measured(plan, row, name)
    if document is None:
        return None
    iou, with_first, *rest = measure_cells(document)
    difference = _difference(plan, row, other, name) if other not in (None, row) else None
    cells = [row.label, iou, difference or "", with_first, *published, *rest]
    return [*cells, _remark(plan, row)]


def _remark(plan: Plan, row: Row) -> str:
    """How large and how long trained a network is."""
    facts = load_result(plan, row)
    if "numbers" not in facts:
        return ""
    learnt = facts["learnt_from"]
    return f"{facts['numbers']:,} numbers, {learnt['steps']} steps of {learnt['batch']}"


def _difference(plan: Plan, row: Row, other: Row | None, name: str) -> Estimate | None:
    """Mean IoU of a row over another's, paired by sequence, without the first frame."""
    mine = measured(plan, row, name)
    theirs = measured(plan, other, name) if other is not None else None
    if mine is None or theirs is None:
        return None
    pairs = [
        (a["iou_60"]["without_first"], b["iou_60"]["without_first"])
        for a, b in zip(mine["sequences"], theirs["sequences"], strict=True)
    ]
    known = np.array([pair for pair in pairs if None not in pair], float)
    if not len(known):
        return None
    return paired_difference(known[:, 0], known[:, 1], np.random.default_rng(0))


def _notes(plan: Plan) -> list[str]:
    budget = plan.budget
    origin = f"runs of {plan.runs}" if plan.runs else f"trained here, seed {plan.seed}"
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
