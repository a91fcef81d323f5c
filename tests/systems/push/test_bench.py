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
from saccade.verbs.bench import Measure


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
