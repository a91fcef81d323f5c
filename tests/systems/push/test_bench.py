"""What the benchmark counts and reports; not how fast anything is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import tiny_push
from saccade import cli
from saccade.data.push_episodes import PushEpisode
from saccade.systems.push import bench
from saccade.systems.push.bench import PushPlan, push_rates, update_times
from saccade.systems.push.commands import bench as command
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask
from saccade.systems.push.weights import save_policy
from saccade.verbs import bench as timing
from saccade.verbs.bench import Measure, bench_table, on_cores, seconds_a_call


class Clock:
    """perf_counter that moves only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    mask, value = PushMask(tiny_push.HOURGLASS), GlimpseQ(tiny_push.GLIMPSE)
    save_policy(tmp_path / "weights", tiny_push.tiny_config(), mask, 0.4, value)
    return tmp_path / "weights"


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


def test_pushes_a_second_leave_out_decisions_and_setting_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(bench.time, "perf_counter", clock)

    class World:
        def __init__(self, config: object) -> None:
            self.config = tiny_push.WORLD

        def reset(self, scenario: object, seed: int) -> None:
            clock.now += 1000

        def observe(self) -> np.ndarray:
            clock.now += 0.05
            return tiny_push.block_map()

        def execute(self, push: object, heightmap: np.ndarray) -> None:
            clock.now += 0.20

        def close(self) -> None:
            pass

    class Slow(bench.ScriptedPolicy):
        def decide(self, heightmap: np.ndarray, avoid: object = ()) -> object:
            clock.now += 500
            return super().decide(heightmap)

    monkeypatch.setattr(bench, "PushWorld", World)
    monkeypatch.setattr(bench, "ScriptedPolicy", Slow)
    scenario = tiny_push.cube_at((-0.5, 0.0))
    rates, heightmaps = push_rates(tiny_push.WORLD, [scenario], PushPlan(Path(), 2, seconds=2.9))
    assert rates == pytest.approx((4.0, 4.0))  # 0.25 s a push
    assert len(heightmaps) == 2 * 2  # 12 pushes a repetition: set up anew after ten


def test_an_update_is_timed_once_a_step_after_the_first(episodes: list[PushEpisode]) -> None:
    times = update_times(tiny_push.tiny_config(), episodes, batch=4, repeats=3)
    assert len(times) == 3
    assert min(times) > 0


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


def test_the_command_prints_the_table_and_writes_bench_json(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    seen: list[PushPlan] = []

    def measure(plan: PushPlan) -> list[Measure]:
        seen.append(plan)
        return [Measure("decision_2", "decision, 2 cores", "ms", (24.0, 26.0), 2, 60.0, 25.0)]

    monkeypatch.setattr(command, "benchmark", measure)
    arguments = ["--weights", str(weights), "--out", str(tmp_path), "--repeats", "2"]
    assert cli.main(["bench", "push", *arguments]) == 0
    assert seen == [replace(PushPlan(weights), repeats=2)]
    assert "decision, 2 cores" in capsys.readouterr().out
    (measured,) = json.loads((tmp_path / "bench.json").read_text())["measures"]
    assert (measured["median"], measured["min"], measured["max"]) == (25.0, 24.0, 26.0)
    assert measured["met"] == "aim"


@pytest.mark.parametrize("options", [("--repeats", "0"), ("--seconds", "0"), ("--objects", "21")])
def test_impossible_numbers_are_refused(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", "push", *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert options[1] in error
