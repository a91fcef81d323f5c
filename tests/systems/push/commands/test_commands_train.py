from __future__ import annotations

import json
import shlex

import pytest

import interruptions
from fast_world import FAST
from saccade.systems.push.commands.train import TRAINING
from saccade.training import fit

TINY = (
    "--preset", "smoke", "--workers", 1, "--mask.kind", "edge", "--data.episodes", 2,
    "--data.pushes", 2, "--data.max-objects", 1, "--offline.steps", 4, "--offline.batch", 4,
    "--online.rounds", 0, *FAST,
)  # fmt: skip


def test_training_leaves_a_run_that_says_what_it_is(saccade, tmp_path):
    out = tmp_path / "run"
    done = saccade("train", "push", "--out", out, "--seed", 7, *TINY)
    assert done.code == 0
    assert f"weights {out / 'weights'}" in done.out
    description = json.loads((out / "config.json").read_text())
    assert description["system"] == "push"
    assert description["config"]["offline"]["steps"] == 4
    assert description["config"]["mask"]["kind"] == "edge"
    assert json.loads((out / "run.json").read_text())["seed"] == 7
    assert (out / "weights" / "model.safetensors").exists()


def test_stopped_and_resumed_equals_uninterrupted(saccade, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert saccade("train", "push", "--out", whole, *TINY).code == 0
    with monkeypatch.context() as patch:
        # Two looks while recording, one after it, then one a gradient step.
        patch.setattr(fit, "GracefulStop", interruptions.stop_after(5))
        done = saccade("train", "push", "--out", parts, *TINY)
    assert done.code == 130
    assert not (parts / "weights").exists()
    assert list((parts / "checkpoints").iterdir())
    line = done.out.splitlines()[-1]
    assert line.startswith("stopped; everything is saved. Go on with: saccade train push --")
    assert f"--resume {parts}" in line
    resumed = saccade(*shlex.split(line.partition("Go on with: saccade ")[2]))
    assert resumed.code == 0
    for file in ("weights/model.safetensors", "weights/config.json", "metrics.jsonl"):
        assert (whole / file).read_bytes() == (parts / file).read_bytes()


def test_an_existing_run_is_not_overwritten(saccade, tmp_path):
    (tmp_path / "run.json").write_text("{}")
    done = saccade("train", "push", "--out", tmp_path, *TINY)
    done.mistake(f"{tmp_path} holds a run already", f"--resume {tmp_path}", "--out")
    assert (tmp_path / "run.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--preset", "smoke"], ["leave out --preset smoke"]),
        (["--seed", 3], ["leave out --seed 3", "--workers, --log"]),
        (["--offline.steps", 9], ["leave out --offline.steps 9"]),
        (["--out", "elsewhere"], ["leave out --out elsewhere"]),
    ],
)
def test_resuming_with_other_settings_is_refused(saccade, tmp_path, argv, words):
    saccade("train", "push", "--resume", tmp_path, *argv).mistake(*words)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--preset", "smal"], ["preset 'smal'", "cpu, paper, smoke"]),
        (["--seed", -3], ["--seed is -3"]),
        (["--log", "paper"], ["--log is 'paper'", "tensorboard, wandb, trackio"]),
        (["--gamma", 1.5], ["gamma is 1.5", "below 1"]),
        (["--gamma", 0.4], ["gamma is 0.4", "GlimpseQ"]),
        (["--network", "resnet"], ["'resnet'", "hourglass"]),
        (["--mask.threshold", "high"], ["--mask.threshold", "'high'", "FLOAT"]),
        (["--steps", 3], ["--steps", "--offline.steps"]),
        (["--resume", "no/such/run"], ["no run in no/such/run"]),
        (["--data.reuse", "no/such/data"], ["no/such/data"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    out = () if "--resume" in argv else ("--out", tmp_path / "run")
    saccade("train", "push", *out, *argv).mistake(*words)


def test_a_damaged_run_is_named(saccade, tmp_path):
    (tmp_path / "run.json").write_text('{"seed": 0}')
    (tmp_path / "config.json").write_text('{"system": "push", "config": {"offlin": 3}}')
    done = saccade("train", "push", "--resume", tmp_path)
    done.mistake("config.json", "unknown settings offlin")


def test_presets_differ_and_what_people_change_is_an_option(saccade):
    steps = {
        name: TRAINING.options.from_preset(name).config.offline.steps for name in ("cpu", "smoke")
    }
    assert steps["smoke"] < steps["cpu"]
    done = saccade("train", "push", "--help", "all")
    assert done.code == 0
    for option in ("--offline.steps", "--device", "--world.scene.camera.noise"):
        assert option in done.out
    assert done.out.count("\n\N{BOX DRAWINGS LIGHT VERTICAL} --") <= 65


def test_a_device_that_is_not_there_is_refused(saccade, tmp_path):
    saccade("train", "push", "--device", "abacus", "--out", tmp_path / "run").mistake("abacus")
