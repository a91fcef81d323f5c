"""Limits of time and memory for a block, which what reads a hostile file must not meet."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class TooSlow(BaseException):
    """No reader may swallow it."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """CPU time of this process: a busy machine makes no reader slow."""

    def ring(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def in_memory(most: int) -> Iterator[None]:
    """Refuse to the block what it would allocate far beyond, and fail where it used more."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before, limit = _memory("VmRSS"), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + 8 * most, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limit)
    assert _memory("VmHWM") - before < most


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index(f"{name}:") + 1]) << 10
