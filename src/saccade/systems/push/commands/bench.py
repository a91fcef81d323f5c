"""`saccade bench push`: how fast push is here, beside peers in the same run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from saccade.errors import UserInputError
from saccade.systems.push.bench import Plan, benchmark
from saccade.systems.push.named_policies import weights_folder
from saccade.systems.push.weights import SYSTEM, load_policy
from saccade.verbs.bench import Bench
from saccade.verbs.command import Command
from saccade.verbs.spelling import command_line
from saccade.worlds.scenarios import check_count

NOTES = (
    "pushes: execution, settling and heightmap; deciding and setting up a scenario excluded",
    "indented: peers of the row above, in the same run; networks among them are untrained",
)


@dataclass(frozen=True)
class BenchOptions:
    """Time physics, heightmaps, attention, decisions and learning; takes about a minute.

    Attributes:
        repeats: Repetitions of each measurement; slow peers are repeated three times at most.
        seconds: About how long a repetition lasts.
        objects: Objects on the table, 1 to 20.
        weights: As for `saccade eval push`; the shipped weights if not given.
        out: Folder for bench.json; nothing is written if not given.
    """

    repeats: int = 5
    seconds: float = 0.5
    objects: int = 10
    weights: str = ""
    out: Path | None = None


def run_bench(options: BenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    check_count(options.objects)
    if options.repeats < 1 or not 0 < options.seconds <= 60:
        raise UserInputError(
            f"--repeats {options.repeats} --seconds {options.seconds:g}: expected at least 1 "
            "repetition, of more than 0 and at most 60 s"
        )
    weights = weights_folder(options.weights)
    load_policy(weights)  # a mistake shows before the minute has passed
    plan = Plan(weights, options.repeats, options.seconds, options.objects)
    command = command_line("saccade bench push", options, BenchOptions())
    bench = Bench(SYSTEM, command, options.repeats, NOTES)
    bench.measure(lambda: benchmark(plan), options.out)
    return 0


COMMAND = Command(BenchOptions, run_bench)
