"""What the benchmark counts and reports; not how fast anything is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saccade import cli
from saccade.systems.hart import bench, evaluate
from saccade.systems.hart.bench import Plan, frame_rates, peers, training_step, video
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.commands import bench as command
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.weights import save_tracker
from saccade.verbs.bench import Measure


class Clock:
    """perf_counter that moves only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    save_tracker(tmp_path / "weights", smoke_preset(), build_tracker(smoke_preset()))
    return tmp_path / "weights"


class Slow:
    """Needs 100 s to start and a quarter of a second a frame."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.updates = clock, 0

    def init(self, frame: np.ndarray, box: tuple) -> None:
        self._clock.now += 100

    def update(self, frame: np.ndarray) -> tuple:
        self._clock.now += 0.25
        self.updates += 1
        return (0.0, 0.0, 1.0, 1.0)


def test_rates_leave_out_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(evaluate.time, "perf_counter", clock)
    slow = Slow(clock)
    assert frame_rates(slow, video((320, 240), 4), Plan(Path(), 2, seconds=1.0)) == (4.0, 4.0)
    assert slow.updates == 3 + 2 * 6  # once to warm up, then twice for a second


def test_large_frames_are_small_ones_enlarged_with_their_boxes() -> None:
    small, large = video((320, 240), 2), video((1920, 1080), 2)
    assert large.size == (1920, 1080) and small.size == (320, 240)
    np.testing.assert_allclose(large.boxes, small.boxes * [6, 4.5, 6, 4.5], rtol=1e-6)
    x, y, w, h = large.boxes[0].round().astype(int)
    there = large.frame(0)[y : y + h, x : x + w].mean(axis=(0, 1))
    x, y, w, h = small.boxes[0].round().astype(int)
    here = small.frame(0)[y : y + h, x : x + w].mean(axis=(0, 1))
    np.testing.assert_allclose(there, here, atol=6)


def test_peers_are_those_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"mil": "TrackerMIL", "gone": "TrackerThatNobodyHas"}
    monkeypatch.setattr("saccade.systems.hart.evaluation.baselines.OPENCV_TRACKERS", known)
    monkeypatch.setattr(bench, "OPENCV_TRACKERS", known)
    monkeypatch.setattr(bench, "frame_rates", lambda *_: (7.0,))
    (measure,) = peers(video((320, 240), 1), Plan(Path()))
    assert (measure.key, measure.peer_of, measure.median) == ("update_mil", "update", 7.0)


@pytest.mark.parametrize("variant", ["hart", "ratm"])
def test_a_training_step_learns(variant) -> None:
    config = replace(smoke_preset(), variant=variant)
    learners = []
    learner_class = bench.Learner

    def keep(config: object) -> object:
        learners.append(learner_class(config))  # pyright: ignore[reportArgumentType]
        return learners[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "Learner", keep)
        step = training_step(config, 3)
    before = [p.detach().clone() for p in learners[0].model.parameters() if p.requires_grad]
    step()
    after = [p for p in learners[0].model.parameters() if p.requires_grad]
    assert any(not a.equal(b) for a, b in zip(before, after, strict=True))


def test_the_command_prints_the_table_and_writes_bench_json(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    seen: list[Plan] = []

    def measure(plan: Plan) -> list[Measure]:
        seen.append(plan)
        return [Measure("update", "tracker, 320 x 240", "/s", (190.0, 230.0), 1, 60.0, 200.0)]

    monkeypatch.setattr(command, "benchmark", measure)
    arguments = ["--weights", str(weights), "--out", str(tmp_path), "--repeats", "2"]
    assert cli.main(["bench", "hart", *arguments]) == 0
    assert seen == [replace(Plan(weights), repeats=2)]
    assert "tracker, 320 x 240" in capsys.readouterr().out
    (measured,) = json.loads((tmp_path / "bench.json").read_text())["measures"]
    assert (measured["median"], measured["met"]) == (210.0, "aim")


def test_everything_is_measured_on_one_core(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = bench.video((320, 240), 2)
    monkeypatch.setattr(bench, "video", lambda size, frames: small)
    measured = bench.one_core(Plan(weights, repeats=1, seconds=1e-6))
    keys = {"update", "update_hd", "update_objects", "step_first", "step_last", "generate"}
    assert keys <= {m.key for m in measured}
    assert all(m.cores == 1 and m.median > 0 for m in measured)


@pytest.mark.parametrize("options", [("--repeats", "0"), ("--seconds", "0")])
def test_impossible_numbers_are_refused(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", "hart", *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert options[1] in error
