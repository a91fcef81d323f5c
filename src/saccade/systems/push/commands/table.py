"""`saccade table push`: the papers' tables beside ours, from real runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from saccade.checks import check_least
from saccade.systems.push.paper.making import SCENARIO_SEED, PushTable, share_recording
from saccade.systems.push.paper.report import figures, tables
from saccade.systems.push.paper.rows import Budget, rows
from saccade.systems.push.weights import SYSTEM
from saccade.training.interrupt import GracefulStop
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.verbs.table import chosen_rows, write_table
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class TableOptions(WorkerOptions):
    """Train and evaluate every row of the papers' tables with one budget, and print them.

    What was done is kept: run it again to go on, or with --only for some rows.

    Attributes:
        out: Folder of rows, tables, figures and report.html.
        only: Keys of the rows to run; a row's base must be done or named too. All if not given.
        seed: Seed of the trainings.
        budget: What every trained row gets, and how many scenarios every row plays.
    """

    out: Path = Path("tables/push")
    only: tuple[str, ...] = ()
    seed: int = 0
    budget: Budget = field(default_factory=Budget)


def run_table(options: TableOptions) -> int:
    """Run what is missing, then print and write the tables."""
    check_least(options, {"workers": 0, "seed": 0}, "--")
    table = PushTable(options.out, options.budget, options.seed)
    everything, making = rows(options.budget), table.making()
    chosen = chosen_rows(everything, options.only)
    with GracefulStop() as stop:
        share_recording(table, chosen, options.as_workers(), stop)
        done = not stop.requested and making.make(chosen, options.as_workers(), stop)
    shown = making.shown(everything)
    command = command_line("saccade table push", options, TableOptions())
    facts = {"scenario_seed": SCENARIO_SEED, "rows": {r.key: making.result(r) for r in shown}}
    made = tables(table, shown), figures(table, shown)
    write_table(options.out, SYSTEM, "Push: the papers' tables", command, *made, facts)
    if not done:
        print(f"stopped; what was done is kept. Go on with: {command}")
    return 0 if done else STOPPED


COMMAND = Command(TableOptions, run_table)
