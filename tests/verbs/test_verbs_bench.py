"""How a bench measures: repetitions, limits, peers; not how fast anything is."""

from __future__ import annotations

import pytest
import torch

from saccade.verbs import bench as timing
from saccade.verbs.bench import Measure, bench_table, on_cores, seconds_a_call


class Clock:
    """perf_counter that moves only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("unit", "values", "met"),
    [
        ("/s", (7.0, 7.9, 30.0), "no"),
        ("/s", (7.0, 8.0, 9.0), "floor"),
        ("/s", (1.0, 15.0, 15.0), "aim"),
        ("ms", (1.0, 15.1, 15.2), "no"),
        ("ms", (14.0, 15.0, 99.0), "floor"),
        ("ms", (2.0, 8.0, 99.0), "aim"),
    ],
)
def test_the_median_decides_what_is_met(unit: str, values: tuple, met: str) -> None:
    floor, aim = (8.0, 15.0) if unit == "/s" else (15.0, 8.0)
    assert Measure("k", "w", unit, values, 1, floor, aim).met == met
    assert Measure("k", "w", unit, values).met == ""


def test_a_call_is_timed_in_repetitions_of_the_asked_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, calls = Clock(), []
    monkeypatch.setattr(timing.time, "perf_counter", clock)

    def work() -> None:
        calls.append(clock.now)
        clock.now += 0.25 if len(calls) > 1 else 60.0  # the first call warms up

    assert seconds_a_call(work, repeats=3, seconds=1.0) == (0.25, 0.25, 0.25)
    assert len(calls) == 2 + 3 * 4
    calls.clear()
    assert seconds_a_call(work, repeats=2, seconds=0.0) == (0.25, 0.25)
    assert len(calls) == 3


def test_work_runs_in_a_process_of_its_own_with_that_many_threads() -> None:
    before = torch.get_num_threads()
    assert on_cores(1, torch.get_num_threads) == 1
    assert torch.get_num_threads() == before


def test_peers_are_compared_with_the_row_they_name() -> None:
    ours = Measure("mask", "ours", "ms", (4.0, 5.0, 6.0), 1, 10.0, 5.0)
    peer = Measure("literal", "literal", "ms", (500.0,), 1, peer_of="mask")
    first, second = bench_table([ours, peer]).rows
    assert first[-2:] == ["aim", ""]
    assert second[-2:] == ["", "100"]
