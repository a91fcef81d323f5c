"""`saccade bench arm`: how fast the arm decides, plays and learns here."""

from __future__ import annotations

from dataclasses import dataclass

from saccade.systems.arm.bench import benchmark
from saccade.systems.arm.commands.evaluate import weights_of
from saccade.systems.arm.config import FIRST_TASK
from saccade.systems.arm.weights import SYSTEM, load_look_and_vote
from saccade.verbs.bench import BenchOptions, Plan, run_bench
from saccade.verbs.command import Command

NOTES = ("episodes: simulation, control, rendering and decisions, to their end",)


@dataclass(frozen=True)
class ArmBenchOptions(BenchOptions):
    """Time decisions, episodes, recording and learning; takes about a minute.

    Attributes:
        task: Task whose shipped weights are timed.
    """

    task: str = FIRST_TASK


def run(options: ArmBenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    weights = weights_of(options.weights, options.task)
    load_look_and_vote(weights)  # a mistake shows before the minute has passed
    plan = Plan(weights, options.repeats, options.seconds)
    return run_bench(SYSTEM, options, lambda: benchmark(plan), NOTES)


COMMAND = Command(ArmBenchOptions, run)
