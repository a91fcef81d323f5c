"""`saccade show` of what the arm makes: demonstrations, runs, weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tiny_arm
from saccade.data.demonstrations import DemonstrationDataset, save_demonstration
from saccade.systems.arm.commands.show_run import curve_panels, stages
from saccade.systems.arm.pictures import attention, keyframes
from saccade.systems.arm.train_from_replay import STAGE
from saccade.training.run import Run

GAP = 12


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def panels(count: int, side: int) -> int:
    """Width of so many pictures in a row."""
    return count * side + (count - 1) * GAP


def test_demonstrations_are_counted_and_their_keyframes_drawn(saccade, tmp_path):
    facts = {"world": "reach_target", "policy": "hand"}
    dataset = DemonstrationDataset.create(tmp_path / "mine", facts)
    for number in range(6):
        demonstration = tiny_arm.a_demonstration(number, success=number > 0)
        save_demonstration(dataset.path(number), demonstration)
    done = saccade("show", tmp_path / "mine", "--out", tmp_path / "out")
    assert done.code == 0
    assert "reach_target, by hand" in done.out
    assert "6 episodes, 5 of them did the task" in done.out
    # 41 frames of 20 Hz; images of every fifth and of two more, of which one is a fifth, too.
    assert "2.0 s and 9 images each" in done.out
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [f"keyframes_{number}.png" for number in range(4)]
    # The first frame; where it grasps; where it has lifted.
    drawn = picture(tmp_path / "out" / "keyframes_0.png")
    assert drawn.shape[1] == panels(3, keyframes.SIDE)


def test_a_demonstration_without_keyframes_is_named_and_the_others_are_shown(saccade, tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "mine", {"world": "reach_target"})
    usual = tiny_arm.a_demonstration(5)
    tips = np.tile(usual.tip_poses[:1], (len(usual), 1))
    still = replace(usual, tip_poses=tips, gripper_open=np.ones(len(usual)))
    save_demonstration(dataset.path(0), still)
    save_demonstration(dataset.path(1), usual)
    done = saccade("show", tmp_path / "mine", "--out", tmp_path / "out")
    assert done.code == 0
    assert "demonstration 5: no keyframe in 41 frame(s)" in done.out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["keyframes_1.png"]


def test_an_empty_dataset_says_so(saccade, tmp_path):
    DemonstrationDataset.create(tmp_path / "mine", {"world": "reach_target"})
    saccade("show", tmp_path / "mine", "--out", tmp_path / "out").mistake("no demonstration yet")


def test_a_run_shows_its_stages_and_curves(saccade, tmp_path):
    run = tmp_path / "run"
    config = {"task": "reach_target", "episodes": 3, "own": {"rounds": 1, "episodes": 2}}
    Run.create(run, {"system": "arm", "config": config}, 5)
    lines = [
        {"step": step, "stage": stage, "loss": 1.0 / step}
        for stage in ("look", "vote", "own-000-look", "own-000-vote")
        for step in (20, 40)
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = saccade("show", run, "--out", tmp_path / "out")
    assert done.code == 0
    assert "seed 5, reach_target, look-and-vote, 3 demonstrations, then 2 own" in done.out
    assert ["vote", "40", "0.050", "0.025"] in [line.split() for line in done.out.splitlines()]
    assert f"--resume {run}" in done.out
    curves = picture(tmp_path / "out" / "learning_curves.png")
    assert (curves != 255).any()
    drawn = curve_panels(lines)
    assert list(drawn) == ["loss of look", "loss of vote"]
    (vote,) = drawn["loss of vote"]
    np.testing.assert_array_equal(vote.steps, [20, 40, 60, 80])  # both stages of this network


def test_curves_of_what_learns_from_replay_leave_out_what_was_not_finite():
    records = [
        {"step": 1, "stage": STAGE, "loss": 3.0, "critic_loss": 3.0, "own_success": None},
        {"step": 2, "stage": STAGE, "loss": 2.0, "critic_loss": 2.0, "own_success": 0.5},
    ]
    drawn = curve_panels(records)
    assert list(drawn) == ["loss of the critics", "success of recent own episodes"]
    np.testing.assert_array_equal(drawn["success of recent own episodes"][0].values, [0.5])
    assert stages(records).rows == [[STAGE, 2, 3.0, 2.0]]


@pytest.mark.parametrize("target", ["folder", "file"])
def test_weights_play_an_episode_and_show_where_they_look(saccade, reaching, tmp_path, target):
    named = reaching if target == "folder" else reaching / "model.safetensors"
    done = saccade("show", named, "--out", tmp_path, "--seed", 1)
    assert done.code == 0
    (told,) = [line for line in done.out.splitlines() if line.startswith("reach_target, seed 1: ")]
    assert told.rpartition(": ")[2] in ("done", "out of reach")
    assert "  1  looks at (" in done.out and "  2  looks" not in done.out
    assert picture(tmp_path / "attention.png").shape[1] == 2 * attention.SIDE + attention.GAP
