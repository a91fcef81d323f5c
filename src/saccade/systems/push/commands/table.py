"""`saccade table push`: the papers' tables beside ours, from real runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from saccade.checks import choice
from saccade.systems.push.tables.rows import Budget, rows
from saccade.verbs.command import STOPPED, Command


@dataclass(frozen=True)
class TableOptions:
    """Train and evaluate every row of the papers' tables with one budget, and print them.

    A finished row is kept: run it again to go on, or with --only for some rows.
    """

    out: Path = Path("tables/push")
    """Folder of rows, tables, figures and report.html."""
    only: tuple[str, ...] = ()
    """Keys of the rows to run; a row's base must be done or named before it. Default: all."""
    workers: int = 2
    """Rows at a time."""
    seed: int = 0
    """Of the trainings."""
    budget: Budget = field(default_factory=Budget)
    """What every trained row gets."""


def table(options: TableOptions) -> int:
    """Run what is missing, then print and write the tables."""
    from saccade.systems.push.tables.report import tables, write_tables
    from saccade.systems.push.tables.run import run_rows
    from saccade.training.interrupt import GracefulStop
    from saccade.verbs.spelling import command_line
    from saccade.viewing.tables import to_text

    everything = rows(options.budget)
    keys = [row.key for row in everything]
    wanted = [choice("row", key, keys) for key in options.only] or keys
    chosen = [row for row in everything if row.key in wanted]
    with GracefulStop() as stop:
        run_rows(options.out, chosen, options.budget, options.workers, options.seed, stop)
        stopped = stop.requested
    done = [r for r in everything if (options.out / "rows" / r.key / "result.json").exists()]
    command = command_line("saccade table push", options, TableOptions())
    for made in tables(options.out, done, options.budget):
        print(to_text(made))
    for path in write_tables(options.out, done, options.budget, command):
        print(f"wrote {path}")
    return STOPPED if stopped else 0


COMMAND = Command(TableOptions, table)
