"""`saccade bench smak`: how fast frames are embedded and learned from, beside the peers."""

from __future__ import annotations

from saccade.systems.smak.bench import benchmark
from saccade.systems.smak.weights import SYSTEM, load
from saccade.verbs.bench import BenchOptions, Plan, run_bench
from saccade.verbs.command import Command
from saccade.verbs.lookup import weights_folder

NOTES = (
    "frames a second: scaling to the network's square counts, decoding of videos does not",
    "indented: the embedders of the peers, on the same trunk and the same frames",
)


def run(options: BenchOptions) -> int:
    """Measure, print the table, write bench.json."""
    weights = weights_folder(options.weights, SYSTEM)
    load(weights)  # a mistake shows before the minute has passed
    plan = Plan(weights, options.repeats, options.seconds)
    return run_bench(SYSTEM, options, lambda: benchmark(plan), NOTES)


COMMAND = Command(BenchOptions, run)
