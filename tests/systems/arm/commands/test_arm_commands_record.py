"""`saccade record TASK` of the arm: what lies on disk, and going on with it."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

import interruptions
import tiny_arm
from saccade.data.demonstrations import DemonstrationDataset
from saccade.systems.arm.commands import record as command
from saccade.systems.arm.record import episode_seed
from saccade.worlds.tabletop.env import TabletopEnv

TINY = ("reach_target", "--workers", 1, "--every", 20)


def test_a_dataset_holds_the_experts_episodes_of_its_seed(saccade, tmp_path):
    done = saccade("record", *TINY, "--episodes", 2, "--seed", 7, "--out", tmp_path)
    assert done.code == 0
    assert f"2 episodes in {tmp_path} (2 recorded now, 2 of them did the task)" in done.out
    assert f"saccade train arm --task reach_target --demonstrations {tmp_path}" in done.out
    dataset = DemonstrationDataset(tmp_path)
    assert dataset.facts["world"] == "reach_target" and dataset.facts["seed"] == 7
    episodes = list(dataset)
    assert [d.seed for d in episodes] == [episode_seed(7, 0), episode_seed(7, 1)]
    env = TabletopEnv("reach_target")
    for demonstration in episodes:
        env.begin(demonstration.seed)
        target = env.world.state().pose("target").position
        assert demonstration.success and demonstration.task == "reach_target"
        np.testing.assert_allclose(demonstration.tip_poses[-1, :3], target, atol=0.005)
        assert set(range(0, len(demonstration), 20)) <= set(demonstration.image_frames.tolist())
    env.close()


def test_stopped_and_continued_equals_uninterrupted(saccade, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    saccade("record", *TINY, "--episodes", 3, "--out", whole)
    with monkeypatch.context() as patch:
        patch.setattr(command, "GracefulStop", interruptions.stop_after(1))
        done = saccade("record", *TINY, "--episodes", 3, "--out", parts)
    assert done.code == 130
    assert len(DemonstrationDataset(parts)) == 1
    again = done.out.splitlines()[-1].partition("go on with: saccade ")[2]
    assert saccade(*shlex.split(again)).code == 0
    for one, two in zip(DemonstrationDataset(whole), DemonstrationDataset(parts), strict=True):
        tiny_arm.assert_equal(one, two)
    done = saccade("record", *TINY, "--episodes", 3, "--out", parts)
    assert done.code == 0 and "(0 recorded now" in done.out


def test_recording_again_with_other_settings_is_refused(saccade, tmp_path):
    assert saccade("record", *TINY, "--episodes", 1, "--out", tmp_path).code == 0
    before = interruptions.tree(tmp_path)
    for other in ((*TINY, "--seed", 9), ("push_button", *TINY[1:])):
        done = saccade("record", *other, "--episodes", 2, "--out", tmp_path)
        done.mistake(str(tmp_path), "settings")
    assert interruptions.tree(tmp_path) == before


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["fly"], ["unknown world 'fly'", "reach_target"]),
        ([*TINY, "--episodes", 0], ["episodes", "0"]),
        ([*TINY, "--every", 0], ["every", "0"]),
        ([*TINY, "--seed", -1], ["--seed", "-1"]),
        ([*TINY, "--episode", 3], ["--episode", "did you mean --episodes"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, tmp_path, argv, words):
    saccade("record", *argv, "--out", tmp_path / "out").mistake(*words)
    assert not (tmp_path / "out").exists()
