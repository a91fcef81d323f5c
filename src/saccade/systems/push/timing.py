"""Timing: repeated measurements, and a process of a stated number of cores to make them in."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import torch

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Measure:
    """One measured quantity, once a repetition.

    Attributes:
        key: Its name in bench.json.
        what: Its name in the table.
        unit: "ms", "s" or "/s"; of rates more is better, of times less.
        values: One a repetition.
        cores: Cores that it may use.
        floor: What it must reach; None where nothing is asked.
        aim: What it should reach.
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
