"""Demonstrations of a task that has no world can be trained on, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tiny_arm
from saccade.data.demonstrations import DemonstrationDataset, save_demonstration
from saccade.errors import UserInputError
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.look_and_vote.config import OwnConfig
from saccade.systems.arm.train import start_run
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


def test_they_are_neither_recorded_nor_played(folder: Path, tmp_path: Path) -> None:
    recorded = ArmConfig(task=tiny_arm.TASK)
    played = ArmConfig(
        task=tiny_arm.TASK, demonstrations=str(folder), episodes=1, own=OwnConfig(rounds=1)
    )
    for number, config in enumerate((recorded, played)):
        with pytest.raises(UserInputError, match="unknown task 'grasp_and_lift'"):
            start_run(tmp_path / f"run{number}", config, seed=0)
