"""Demonstrations of a task that has no world can be trained on, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tiny_arm
from saccade.data.demonstrations import Demonstration, DemonstrationDataset, save_demonstration
from saccade.errors import UserInputError
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.look_and_vote.config import OwnConfig
from saccade.systems.arm.train import start_run
from saccade.worlds.cameras import Intrinsics
from saccade.worlds.tabletop.tasks import TASKS


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    assert tiny_arm.TASK not in TASKS
    dataset = DemonstrationDataset.create(tmp_path / "mine", {"world": tiny_arm.TASK})
    save_demonstration(dataset.path(0), tiny_arm.a_demonstration())
    return dataset.folder


def test_a_run_of_them_starts(folder: Path, tmp_path: Path) -> None:
    config = ArmConfig(task=tiny_arm.TASK, demonstrations=str(folder), episodes=1)
    assert start_run(tmp_path / "run", config, seed=0).folder.exists()


def test_they_are_trained_on_and_shown_without_being_played(
    saccade: Any, folder: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    done = saccade(
        "train", "arm", "--preset", "smoke", "--task", tiny_arm.TASK, "--demonstrations", folder,
        "--episodes", 1, "--own.rounds", 0, "--look.steps", 1, "--vote.steps", 1, "--out", run,
    )  # fmt: skip
    assert done.code == 0
    assert "saccade eval" not in done.out
    assert done.out.splitlines()[-1] == f"next    saccade show {run}"
    done = saccade("show", run, "--out", tmp_path / "out")
    assert done.code == 0
    assert f"no episode: '{tiny_arm.TASK}' has no world here" in done.out
    assert (tmp_path / "out" / "learning_curves.png").exists()


def test_images_that_the_network_cannot_halve_are_refused(
    saccade: Any, folder: Path, tmp_path: Path
) -> None:
    saccade(
        "train", "arm", "--task", tiny_arm.TASK, "--demonstrations", folder, "--episodes", 1,
        "--look.stride", 3, "--out", tmp_path / "run",
    ).mistake(str(folder), "32 x 32", "multiples of 48")  # fmt: skip
    assert not (tmp_path / "run").exists()


def still(d: Demonstration) -> Demonstration:
    """An arm that does nothing."""
    tips = np.tile(d.tip_poses[:1], (len(d), 1))
    return replace(
        d, tip_poses=tips, gripper_open=np.ones(len(d)), joint_velocities=0 * d.joint_velocities
    )


def elsewhere(d: Demonstration) -> Demonstration:
    """A camera whose pose is given as that of the world in its frame."""
    return replace(d, T_world_camera=np.linalg.inv(d.T_world_camera))


def small(d: Demonstration) -> Demonstration:
    """Images of half the size."""
    k = d.intrinsics
    lens = Intrinsics(k.fx / 2, k.fy / 2, (k.cx - 0.5) / 2, (k.cy - 0.5) / 2)
    return replace(d, rgb=d.rgb[:, ::2, ::2], depth=d.depth[:, ::2, ::2], intrinsics=lens)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (still, ["demonstration 4", "no keyframe"]),
        (elsewhere, ["demonstration 4", "not where its matrices say"]),
        (small, ["demonstration 4", "16 x 16", "32 x 32, as in the first"]),
    ],
)
def test_what_cannot_be_learned_from_is_named_before_there_is_a_run(
    saccade: Any, folder: Path, tmp_path: Path, spoil: Any, words: list[str]
) -> None:
    spoiled = spoil(tiny_arm.a_demonstration(4))
    save_demonstration(DemonstrationDataset(folder).path(1), spoiled)
    saccade(
        "train", "arm", "--preset", "smoke", "--task", tiny_arm.TASK, "--demonstrations", folder,
        "--own.rounds", 0, "--out", tmp_path / "run",
    ).mistake(str(folder), *words)  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_they_are_neither_recorded_nor_played(folder: Path, tmp_path: Path) -> None:
    recorded = ArmConfig(task=tiny_arm.TASK)
    played = ArmConfig(
        task=tiny_arm.TASK, demonstrations=str(folder), episodes=1, own=OwnConfig(rounds=1)
    )
    for number, config in enumerate((recorded, played)):
        with pytest.raises(UserInputError, match="unknown task 'grasp_and_lift'"):
            start_run(tmp_path / f"run{number}", config, seed=0)
