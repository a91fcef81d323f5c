from __future__ import annotations

import pytest

from saccade.systems.push.commands.train import TRAINING


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--seed", 3], ["leave out --seed 3", "--workers, --engine, --ray-address, --log"]),
        (["--offline.steps", 9], ["leave out --offline.steps 9"]),
        (["--out", "elsewhere"], ["leave out --out elsewhere"]),
    ],
)
def test_resuming_with_other_settings_is_refused(saccade, tmp_path, argv, words):
    saccade("train", "push", "--resume", tmp_path, *argv).mistake(*words)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--preset", "smal"], ["preset 'smal'", "cpu, cylinders, paper, smoke"]),
        (["--seed", -3], ["--seed is -3"]),
        (["--log", "paper"], ["--log is 'paper'", "tensorboard, wandb, trackio"]),
        (["--gamma", 1.5], ["gamma is 1.5", "below 1"]),
        (["--gamma", 0.4], ["gamma is 0.4", "GlimpseQ"]),
        (["--network", "resnet"], ["'resnet'", "hourglass"]),
        (["--mask.threshold", "high"], ["--mask.threshold", "'high'", "FLOAT"]),
        (["--steps", 3], ["--steps", "--offline.steps"]),
        (["--data.reuse", "no/such/data"], ["no/such/data"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    saccade("train", "push", "--out", tmp_path / "run", *argv).mistake(*words)


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
