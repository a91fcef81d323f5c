"""`saccade table arm`: the paper's Figures 6 and 7 beside ours, from real runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from saccade.checks import check_least
from saccade.systems.arm.paper.budget import Budget
from saccade.systems.arm.paper.figures import figures
from saccade.systems.arm.paper.making import TEST_SEED, ArmTable, share_demonstrations
from saccade.systems.arm.paper.report import tables
from saccade.systems.arm.paper.rows import rows
from saccade.verbs.command import Command
from saccade.verbs.spelling import command_line
from saccade.verbs.table import TableView, run_table
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class TableOptions(WorkerOptions):
    """Train and measure every row of the paper's figures with one budget, and print them.

    What was done is kept: run it again to go on, or with --only for some rows.

    Attributes:
        out: Folder of rows, tables, figures and report.html.
        only: Keys of the rows to make, TASK.METHOD, or patterns such as "stack_wine.*"; all if not
            given.
        seed: Seed of the first training of each row.
        demonstrations: Folder of recorded demonstrations, TASK/ for each task; recorded into
            OUT/demonstrations if not given.
        budget: Budget of every trained row, and the placements that every row plays.
    """

    out: Path = Path("tables/arm")
    only: tuple[str, ...] = ()
    seed: int = 0
    demonstrations: Path | None = None
    budget: Budget = field(default_factory=Budget)


def run(options: TableOptions) -> int:
    """Make what is missing, then print and write the tables."""
    check_least(options, {"workers": 0, "seed": 0}, "--")
    table = ArmTable(options.out, options.budget, options.seed, options.demonstrations)
    view = TableView(
        "Arm: the paper's figures", partial(tables, table), partial(figures, table),
        {"budget": asdict(options.budget), "placements_seed": TEST_SEED},
    )  # fmt: skip
    command = command_line("saccade table arm", options, TableOptions())
    workers, everything = options.as_workers(), rows(options.budget)
    share = partial(share_demonstrations, table, workers)
    return run_table(table.making(), view, everything, options.only, workers, command, share)


COMMAND = Command(TableOptions, run)
