"""`saccade table push`: the papers' tables beside ours, from real runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from saccade.checks import check_least
from saccade.systems.push.paper.making import SCENARIO_SEED, PushTable, share_recording
from saccade.systems.push.paper.report import figures, tables
from saccade.systems.push.paper.rows import Budget, Row, rows
from saccade.systems.push.weights import SYSTEM
from saccade.training.interrupt import GracefulStop
from saccade.training.provenance import usable_cores
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.verbs.table import chosen_rows, write_table


@dataclass(frozen=True)
class TableOptions:
    """Train and evaluate every row of the papers' tables with one budget, and print them.

    What was done is kept: run it again to go on, or with --only for some rows.

    Attributes:
        out: Folder of rows, tables, figures and report.html.
        only: Keys of the rows to run; a row's base must be done or named too. All if not given.
        workers: Rows at a time, each with one thread.
        seed: Seed of the trainings.
        budget: Budget of every trained row, and the scenarios that every row plays.
    """

    out: Path = Path("tables/push")
    only: tuple[str, ...] = ()
    workers: int = field(default_factory=usable_cores)
    seed: int = 0
    budget: Budget = field(default_factory=Budget)


def run_table(options: TableOptions) -> int:
    """Run what is missing, then print and write the tables."""
    check_least(options, {"workers": 0, "seed": 0}, "--")
    table = PushTable(options.out, options.budget, options.seed)
    everything, making = rows(options.budget), table.making()
    chosen = chosen_rows(everything, options.only)
    for checked in (chosen, _bases(chosen, everything)):  # before the recording, which takes long
        making.check(checked)
    with GracefulStop() as stop:
        share_recording(table, chosen, options.workers, stop)
        done = not stop.requested and making.make(chosen, options.workers, stop)
    shown = making.shown(everything)
    command = command_line("saccade table push", options, TableOptions())
    facts = {"scenario_seed": SCENARIO_SEED, "rows": {r.key: making.kept(r) for r in shown}}
    made = tables(table, shown), figures(table, shown)
    write_table(options.out, SYSTEM, "Push: the papers' tables", command, *made, facts)
    if not done:
        print(f"stopped; what was done is kept. Go on with: {command}")
    return 0 if done else STOPPED


def _bases(chosen: list[Row], everything: list[Row]) -> list[Row]:
    """The rows that chosen ones start from: their runs must have this budget too."""
    keys = {row.base for row in chosen}
    return [row for row in everything if row.key in keys]


COMMAND = Command(TableOptions, run_table)
