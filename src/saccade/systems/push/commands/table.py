"""`saccade table push`: the papers' tables beside ours, from real runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from saccade.checks import check_least
from saccade.systems.push.paper.making import SCENARIO_SEED, PushTable, share_recording
from saccade.systems.push.paper.report import figures, tables
from saccade.systems.push.paper.rows import Budget, rows
from saccade.verbs.command import Command
from saccade.verbs.spelling import command_line
from saccade.verbs.table import TableView, run_table
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class TableOptions(WorkerOptions):
    """Train and evaluate every row of the papers' tables with one budget, and print them.

    What was done is kept: run it again to go on, or with --only for some rows.

    Attributes:
        out: Folder of rows, tables, figures and report.html.
        only: Keys of the rows to run; a row's base must be done or named too. All if not given.
        seed: Seed of the trainings.
        budget: Budget of every trained row, and the scenarios that every row plays.
    """

    out: Path = Path("tables/push")
    only: tuple[str, ...] = ()
    seed: int = 0
    budget: Budget = field(default_factory=Budget)


def run(options: TableOptions) -> int:
    """Run what is missing, then print and write the tables."""
    check_least(options, {"workers": 0, "seed": 0}, "--")
    table = PushTable(options.out, options.budget, options.seed)
    view = TableView(
        "Push: the papers' tables", partial(tables, table), partial(figures, table),
        {"budget": asdict(options.budget), "scenario_seed": SCENARIO_SEED},
    )  # fmt: skip
    command = command_line("saccade table push", options, TableOptions())
    workers, everything = options.as_workers(), rows(options.budget)
    share = partial(share_recording, table, workers)
    return run_table(table.making(), view, everything, options.only, workers, command, share)


COMMAND = Command(TableOptions, run)
