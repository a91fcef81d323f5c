"""`saccade bench push`: how fast push is here, beside peers in the same run."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from saccade.errors import UserInputError
from saccade.systems import Command
from saccade.systems.push.bench import Plan, benchmark
from saccade.systems.push.commands.spelling import command_line
from saccade.systems.push.named_policies import weights_folder
from saccade.systems.push.timing import Measure
from saccade.systems.push.weights import SYSTEM, load_policy
from saccade.training.provenance import describe_surroundings
from saccade.viewing.images import write_whole
from saccade.viewing.tables import Cell, Table, to_text
from saccade.worlds.scenarios import check_count

BENCH_FILE = "bench.json"
BUSY = 0.5
"""Load a core above which other programs must have been running."""
COLUMNS = ("what", "median", "min to max", "unit", "cores", "floor", "aim", "met", "times ours")


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
    started, busy = time.monotonic(), load_average()
    plan = Plan(weights, options.repeats, options.seconds, options.objects)
    measured = benchmark(plan)
    surroundings = describe_surroundings()
    machine = surroundings["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores; {options.repeats} repetitions each")
    if busy > BUSY * machine["cores"]:
        print(f"the machine was busy (load {busy:.1f} before the start): times are too long")
    print("\n" + to_text(bench_table(measured)))
    print(f"{time.monotonic() - started:.0f} s")
    if options.out is not None:
        command = command_line("saccade bench push", options, BenchOptions())
        document = {"system": SYSTEM, "command": command, **surroundings, "load_before": busy}
        document["measures"] = [measure_json(m) for m in measured]
        path = options.out / BENCH_FILE
        write_whole(path, (json.dumps(document, indent=1) + "\n").encode())
        print(path)
    return 0


def load_average() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def bench_table(measured: list[Measure]) -> Table:
    """One measure a row; peers below what they are compared with."""
    ours = {m.key: m.median for m in measured}
    rows: list[list[Cell]] = []
    for m in measured:
        limits = ["" if v is None else f"{v:g}" for v in (m.floor, m.aim)]
        ratio = f"{m.median / ours[m.peer_of]:.3g}" if m.peer_of else ""
        name = f"  {m.what}" if m.peer_of else m.what
        span = f"{min(m.values):.3g} to {max(m.values):.3g}"
        rows.append([name, f"{m.median:.3g}", span, m.unit, str(m.cores), *limits, m.met, ratio])
    notes = (
        "pushes: execution, settling and heightmap; deciding and setting up a scenario excluded",
        "indented: peers of the row above, in the same run; networks among them are untrained",
    )
    return Table(COLUMNS, rows, notes=notes)


def measure_json(measure: Measure) -> dict[str, Any]:
    """A measure as bench.json holds it."""
    values = measure.values
    return asdict(measure) | {
        "median": measure.median,
        "min": min(values),
        "max": max(values),
        "met": measure.met,
    }


COMMAND = Command(BenchOptions, run_bench, "speed, beside the papers' networks in the same run")
