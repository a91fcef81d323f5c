"""`saccade bench hart`: how fast the tracker is here, beside OpenCV's trackers."""

from __future__ import annotations

from saccade.systems.hart.bench import benchmark
from saccade.systems.hart.weights import SYSTEM, load
from saccade.verbs.bench import BenchOptions, Plan, run_bench
from saccade.verbs.command import Command
from saccade.verbs.lookup import weights_folder

NOTES = (
    "trackers: frames a second without reading them and without starting on the first",
    "indented: OpenCV's trackers on the same video",
)


def run(options: BenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    weights = weights_folder(options.weights, SYSTEM)
    load(weights)  # a mistake shows before the minute has passed
    plan = Plan(weights, options.repeats, options.seconds)
    return run_bench(SYSTEM, options, lambda: benchmark(plan), NOTES)


COMMAND = Command(BenchOptions, run)
