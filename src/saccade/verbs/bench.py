"""How `saccade bench SYSTEM` measures: repeatedly, on a stated number of cores, beside peers."""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import cv2
import torch

from saccade.errors import UserInputError
from saccade.storage.files import write_whole
from saccade.training.provenance import describe_surroundings
from saccade.verbs.spelling import command_line
from saccade.viewing.tables import Cell, Table, to_text
from saccade.wording import counted

ResultT = TypeVar("ResultT")

BENCH_FILE = "bench.json"
LONGEST = 60.0
"""Longest time that a repetition may take [s]."""
PEER_REPEATS = 3
"""Largest number of repetitions of slow peers."""
BUSY = 0.5
"""Load a core above which other programs must have been running."""
COLUMNS = ("what", "median", "min to max", "unit", "cores", "floor", "aim", "met", "times ours")


@dataclass(frozen=True)
class Measure:
    """One measured quantity, once a repetition.

    Attributes:
        key: Name of the measure in bench.json.
        what: Name of the measure in the table.
        unit: Unit: "ms", "s" or "/s"; of rates more is better, of times less.
        values: Values, one a repetition.
        cores: Number of cores that it may use.
        floor: Value that it must reach; None where nothing is asked.
        aim: Value that it should reach.
        peer_of: Key of the measure that it is compared with; "" for one of our own.
    """

    key: str
    what: str
    unit: str
    values: tuple[float, ...]
    cores: int = 1
    floor: float | None = None
    aim: float | None = None
    peer_of: str = ""

    @property
    def median(self) -> float:
        """Middle value."""
        return statistics.median(self.values)

    @property
    def met(self) -> str:
        """ "aim", "floor" or "no": what the median reaches; "" where nothing is asked."""
        if self._reaches(self.aim):
            return "aim"
        if self._reaches(self.floor):
            return "floor"
        return "" if self.floor is None and self.aim is None else "no"

    def _reaches(self, limit: float | None) -> bool:
        if limit is None:
            return False
        return self.median >= limit if self.unit == "/s" else self.median <= limit


def seconds_a_call(work: Callable[[], object], repeats: int, seconds: float) -> tuple[float, ...]:
    """Seconds a call of `work`, once a repetition of about `seconds`; a first call warms up.

    With 0 seconds a repetition is one call.
    """
    work()
    calls = 1
    if seconds > 0:
        started = time.perf_counter()
        work()
        once = time.perf_counter() - started
        calls = max(1, round(seconds / max(once, 1e-6)))
    measured = []
    for _ in range(repeats):
        started = time.perf_counter()
        for _ in range(calls):
            work()
        measured.append((time.perf_counter() - started) / calls)
    return tuple(measured)


def on_cores(n: int, work: Callable[..., ResultT], *arguments: Any) -> ResultT:
    """Call `work` in a new process that may use n cores only.

    Threads alone would not do: a software GL driver starts as many as the machine has cores.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=_confine, initargs=(n,)) as process:
        return process.submit(work, *arguments).result()


def _confine(n: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n])
    torch.set_num_threads(n)
    cv2.setNumThreads(n)


@dataclass(frozen=True)
class BenchOptions:
    """Measure speed beside peers in the same run; takes about a minute.

    Attributes:
        repeats: Number of repetitions of each measurement; of slow peers three at most.
        seconds: Length of a repetition, about [s].
        weights: Weights as for `saccade eval`; the shipped ones if not given.
        out: Folder for bench.json; nothing is written if not given.
    """

    repeats: int = 5
    seconds: float = 0.5
    weights: str = ""
    out: Path | None = None

    def __post_init__(self) -> None:
        if self.repeats < 1 or not 0 < self.seconds <= LONGEST:
            raise UserInputError(
                f"--repeats {self.repeats} --seconds {self.seconds:g}: expected at least 1 "
                f"repetition, of more than 0 and at most {LONGEST:g} s"
            )


@dataclass(frozen=True)
class Plan:
    """What is timed and for how long.

    Attributes:
        weights: Folder of the weights.
        repeats: Number of repetitions of each measurement.
        seconds: Approximate length of a repetition [s]; 0: each is one call.
    """

    weights: Path
    repeats: int = 5
    seconds: float = 0.5

    def times(self, work: Callable[[], object]) -> tuple[float, ...]:
        """Seconds a call, once a repetition."""
        return seconds_a_call(work, self.repeats, self.seconds)

    def milliseconds(self, work: Callable[[], object]) -> tuple[float, ...]:
        """Milliseconds a call, once a repetition."""
        return tuple(1000 * t for t in self.times(work))

    @property
    def brief(self) -> Self:
        """The same for slow peers: single calls, few of them."""
        return replace(self, repeats=min(self.repeats, PEER_REPEATS), seconds=0.0)


def run_bench(
    system: str,
    options: BenchOptions,
    work: Callable[[], Sequence[Measure]],
    notes: tuple[str, ...],
) -> int:
    """Measure, print the table and, where a folder is given, write bench.json there.

    Args:
        system: Name of the system.
        options: Options of the command.
        work: Function that measures.
        notes: Lines that are printed below the table.
    """
    started, busy = time.monotonic(), load_average()
    measured = work()
    surroundings = describe_surroundings()
    machine = surroundings["machine"]
    cores, repeats = (counted(machine["cores"], "core"), counted(options.repeats, "repetition"))
    print(f"{machine['cpu']}, {cores}; {repeats} each")
    if busy > BUSY * machine["cores"]:
        print(f"the machine was busy (load {busy:.1f} before the start): times are too long")
    print("\n" + to_text(bench_table(measured, notes)))
    print(f"{time.monotonic() - started:.0f} s")
    if options.out is not None:
        command = command_line(f"saccade bench {system}", options, type(options)())
        document = {"system": system, "command": command, **surroundings}
        document |= {"load_before": busy, "measures": [measure_json(m) for m in measured]}
        write_whole(options.out / BENCH_FILE, (json.dumps(document, indent=1) + "\n").encode())
        print(options.out / BENCH_FILE)
    return 0


def load_average() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def bench_table(measured: Sequence[Measure], notes: tuple[str, ...] = ()) -> Table:
    """One measure a row; peers below what they are compared with."""
    ours = {m.key: m.median for m in measured}
    rows: list[list[Cell]] = []
    for m in measured:
        limits = ["" if v is None else f"{v:g}" for v in (m.floor, m.aim)]
        ratio = f"{m.median / ours[m.peer_of]:.3g}" if m.peer_of else ""
        name = f"  {m.what}" if m.peer_of else m.what
        span = f"{min(m.values):.3g} to {max(m.values):.3g}"
        rows.append([name, f"{m.median:.3g}", span, m.unit, str(m.cores), *limits, m.met, ratio])
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
