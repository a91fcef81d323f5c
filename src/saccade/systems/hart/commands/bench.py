"""`saccade bench hart`: how fast the tracker is here, beside OpenCV's in the same run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from saccade import systems
from saccade.errors import UserInputError
from saccade.systems.hart.bench import Plan, benchmark
from saccade.systems.hart.tracker import load
from saccade.systems.hart.weights import SYSTEM
from saccade.verbs.bench import Bench
from saccade.verbs.command import Command
from saccade.verbs.spelling import command_line

NOTES = (
    "trackers: frames a second without reading them and without starting on the first",
    "indented: OpenCV's trackers on the same video",
)


@dataclass(frozen=True)
class BenchOptions:
    """Time following, learning and generating clips; takes about a minute.

    Attributes:
        repeats: Repetitions of each measurement; training steps are repeated three times at most.
        seconds: About how long a repetition lasts.
        weights: As for `saccade eval hart`; the shipped weights if not given.
        out: Folder for bench.json; nothing is written if not given.
    """

    repeats: int = 5
    seconds: float = 0.5
    weights: str = ""
    out: Path | None = None


def run_bench(options: BenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    if options.repeats < 1 or not 0 < options.seconds <= 60:
        raise UserInputError(
            f"--repeats {options.repeats} --seconds {options.seconds:g}: expected at least 1 "
            "repetition, of more than 0 and at most 60 s"
        )
    weights = systems.weights_folder(options.weights, SYSTEM)
    load(weights)  # a mistake shows before the minute has passed
    plan = Plan(weights, options.repeats, options.seconds)
    command = command_line("saccade bench hart", options, BenchOptions())
    bench = Bench(SYSTEM, command, options.repeats, NOTES)
    bench.measure(lambda: benchmark(plan), options.out)
    return 0


COMMAND = Command(BenchOptions, run_bench)
