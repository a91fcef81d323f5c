"""`saccade table hart`: the paper's Table 1 and Figures 5 and 6 beside ours, from real runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar, Self, cast

from saccade.checks import check_least
from saccade.data.tracking.sources import RealFormat, SequenceSource
from saccade.errors import UserInputError
from saccade.systems.hart.paper.figures import figures
from saccade.systems.hart.paper.making import TrackerTable
from saccade.systems.hart.paper.report import tables
from saccade.systems.hart.paper.rows import Budget, TablePreset, budget_of, rows
from saccade.verbs.command import Command, PresetOptions
from saccade.verbs.spelling import command_line
from saccade.verbs.table import TableView, run_table
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class TableOptions(PresetOptions, WorkerOptions):
    """Train and evaluate every row of the paper's table with one budget, and print it.

    What was done is kept: run it again to go on, or with --only for some rows.

    Attributes:
        preset: Preset of networks and losses: "cpu", or "smoke", which runs everything in seconds.
        out: Folder of rows, table, figures and report.html.
        runs: Folder of runs that were trained elsewhere, one a row under its key (ratm,
            spatial-att, app-att, hart, no-spatial-loss); nothing is trained here then.
        only: Keys of the rows to run; all if not given.
        seed: Seed of the trainings.
        weights: Weights of the row "shipped", as for `saccade eval hart`; the shipped ones if not
            given.
        data: Folder of real sequences on which every row is evaluated as well.
        format: Format of these sequences.
        sequences: Number of these sequences, the first ones; all if not given.
        frames: Number of frames of each; all if not given.
        budget: Budget of every trained row, and the clips that test it.
    """

    PRESETS: ClassVar[tuple[str, ...]] = ("cpu", "smoke")

    preset: str = "cpu"
    out: Path = Path("tables/hart")
    runs: Path | None = None
    only: tuple[str, ...] = ()
    seed: int = 0
    weights: str = ""
    data: Path | None = None
    format: RealFormat | None = None
    sequences: int | None = None
    frames: int | None = None
    budget: Budget = field(default_factory=Budget)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """The options of a preset."""
        return cls(preset=name, budget=budget_of(cast(TablePreset, name)))


def run(options: TableOptions) -> int:
    """Run what is missing, then print and write the table."""
    table = _table(options)
    view = TableView(
        "HART: the paper's table", partial(tables, table), partial(figures, table),
        {"budget": asdict(table.budget), "workers": options.workers},
    )  # fmt: skip
    everything = rows(table.preset, table.budget)
    command = command_line("saccade table hart", options, TableOptions())
    return run_table(table.making(), view, everything, options.only, options.as_workers(), command)


def _table(options: TableOptions) -> TrackerTable:
    """What the options ask for.

    Raises:
        UserInputError: One is out of range, or only one of --data and --format was given.
    """
    least = {"steps": 1, "finetune": 0, "batch": 1, "clips": 1, "sequences": 1, "frames": 2}
    check_least(options.budget, least, "--budget.")
    check_least(options, {"workers": 0, "seed": 0}, "--")
    preset = cast(TablePreset, options.preset)
    return TrackerTable(
        options.out, preset, options.budget, options.seed, options.runs, options.weights,
        _real(options),
    )  # fmt: skip


def _real(options: TableOptions) -> SequenceSource | None:
    if options.format is None:
        if options.data is not None:
            raise UserInputError(f"--data {options.data} was given; expected --format beside it")
        return None
    source = SequenceSource(
        options.format, options.data, sequences=options.sequences, frames=options.frames
    )
    source.open()  # a mistake shows before hours of training
    return source


COMMAND = Command(TableOptions, run)
