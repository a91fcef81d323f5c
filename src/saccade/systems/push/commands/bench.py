"""`saccade bench push`: how fast push is here, beside the papers' networks."""

from __future__ import annotations

from dataclasses import dataclass

from saccade.systems.push.bench import PushPlan, benchmark
from saccade.systems.push.weights import SYSTEM, load
from saccade.verbs.bench import BenchOptions, run_bench
from saccade.verbs.command import Command
from saccade.verbs.lookup import weights_folder
from saccade.worlds.scenarios import check_count

NOTES = (
    "pushes: execution, settling and heightmap; deciding and setting up a scenario excluded",
    "indented: peers of the row above, in the same run; networks among them are untrained",
)


@dataclass(frozen=True)
class PushBenchOptions(BenchOptions):
    """Time physics, heightmaps, attention, decisions and learning; takes about a minute.

    Attributes:
        objects: Number of objects on the table, 1 to 20.
    """

    objects: int = 10


def run(options: PushBenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    check_count(options.objects)
    weights = weights_folder(options.weights, SYSTEM)
    load(weights)  # a mistake shows before the minute has passed
    plan = PushPlan(weights, options.repeats, options.seconds, options.objects)
    return run_bench(SYSTEM, options, lambda: benchmark(plan), NOTES)


COMMAND = Command(PushBenchOptions, run)
