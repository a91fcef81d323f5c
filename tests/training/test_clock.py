from __future__ import annotations

import json
from pathlib import Path

import pytest

from saccade.errors import DamagedFileError
from saccade.training.clock import CLOCK_FILE, Clock, read_clock


class Seconds:
    """A processor whose time is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_sittings_add_up_and_marks_stay_where_they_were_first(tmp_path: Path) -> None:
    time = Seconds()
    with Clock(tmp_path, time) as clock:
        time.now += 3
        clock.mark("first")
        time.now += 4
    time.now = 50.0  # another process
    with Clock(tmp_path, time) as clock:
        time.now += 1
        clock.mark("first")
        clock.mark("second")
        time.now += 2
        assert clock.seconds == 10
    assert read_clock(tmp_path) == (10, {"first": 3, "second": 8})


def test_what_a_kill_took_with_it_counts_once(tmp_path: Path) -> None:
    time = Seconds()
    with Clock(tmp_path, time) as clock:
        time.now += 3
        clock.mark("first")
        killed = (tmp_path / CLOCK_FILE).read_bytes()
        time.now += 40
    (tmp_path / CLOCK_FILE).write_bytes(killed)
    with Clock(tmp_path, time):
        time.now += 5
    assert read_clock(tmp_path)[0] == 8


def test_a_run_without_a_clock_has_no_time(tmp_path: Path) -> None:
    assert read_clock(tmp_path) == (0, {})


@pytest.mark.parametrize(
    "content",
    [[], {"seconds": 1}, {"seconds": -1, "marks": {}}, {"seconds": 1, "marks": {"a": ""}}],
)
def test_a_damaged_clock_is_named(tmp_path: Path, content: object) -> None:
    (tmp_path / CLOCK_FILE).write_text(json.dumps(content))
    with pytest.raises(DamagedFileError, match=CLOCK_FILE):
        Clock(tmp_path)
