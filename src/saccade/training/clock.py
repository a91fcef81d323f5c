"""Processor time of a run: what its training cost, whatever else the machine did meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from saccade.errors import DamagedFileError
from saccade.storage.json_files import read_json, write_json

CLOCK_FILE = "clock.json"


class Clock:
    """Processor seconds of the training process, over all sittings; use it in a `with`.

    They are kept in the run's clock.json whenever a mark is set and in the end: what a kill took
    with it, and is done again, counts once.

    Args:
        run: Folder of the run.
        seconds: Processor time of this process [s], replaceable for tests.

    Raises:
        DamagedFileError: The file of earlier sittings is damaged.
    """

    def __init__(self, run: Path, seconds: Callable[[], float] = time.process_time) -> None:
        self._path, self._now = run / CLOCK_FILE, seconds
        self._before, self.marks = _kept(self._path)
        self._started = seconds()

    @property
    def seconds(self) -> float:
        """Processor time so far [s]."""
        return self._before + self._now() - self._started

    def mark(self, name: str) -> None:
        """Note the time at which something of that name was there first."""
        self.marks.setdefault(name, self.seconds)
        self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def _write(self) -> None:
        write_json(self._path, {"seconds": self.seconds, "marks": self.marks})


def read_clock(run: Path) -> tuple[float, dict[str, float]]:
    """Processor time of a run's training [s], and the times of its marks; nothing if it has none.

    Raises:
        DamagedFileError: The file is damaged.
    """
    return _kept(run / CLOCK_FILE)


def _kept(path: Path) -> tuple[float, dict[str, float]]:
    if not path.exists():
        return 0.0, {}
    found = read_json(path)
    found = found if isinstance(found, dict) else {}
    marks = found.get("marks")
    times = [found.get("seconds"), *(marks.values() if isinstance(marks, dict) else ())]
    if not isinstance(marks, dict) or not all(_is_time(each) for each in times):
        raise DamagedFileError(f"{path} is damaged: expected seconds, and marks with theirs")
    return times[0], dict(marks)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < math.inf
