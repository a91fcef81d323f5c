"""Demonstrations that are learned from: the first of a dataset that did the task."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from saccade.data.demonstrations import Demonstration, DemonstrationDataset
from saccade.data.keyframes import discover_keyframes
from saccade.data.projection import check_projection
from saccade.errors import UserInputError
from saccade.systems.arm.config import LOOK_AND_VOTE, ArmConfig
from saccade.systems.arm.off_policy.rows import keyframes_of


def read_demonstrations(folder: Path, config: ArmConfig) -> Iterator[Demonstration]:
    """The demonstrations that a training learns from, each read when it is asked for.

    Raises:
        UserInputError: They are of another task, or too few.
    """
    check_demonstrations(folder, config)
    return islice(DemonstrationDataset(folder).successes(), config.episodes)


def check_demonstrations(folder: Path, config: ArmConfig) -> None:
    """Refuse a dataset of another task or with too few successes.

    Raises:
        UserInputError: The message has the folder, what there is and what was expected.
    """
    dataset = DemonstrationDataset(folder)
    task, found = dataset.facts.get("world"), len(dataset) - len(dataset.failures())
    if task != config.task:
        raise UserInputError(
            f"{folder} has demonstrations of '{task}'; expected demonstrations of '{config.task}'"
        )
    if found < config.episodes:
        raise UserInputError(
            f"{folder} has {found} demonstrations that succeeded; expected the "
            f"{config.episodes} of --episodes, or fewer of these"
        )


def look_through(folder: Path, config: ArmConfig) -> None:
    """Refuse demonstrations of somebody's that nothing can be learned from.

    Raises:
        UserInputError: One has no keyframe, a camera that is not where its matrices say, or images
            of a size that the method cannot look at.
        DamagedFileError: One cannot be read.
    """
    first: tuple[int, ...] = ()
    for demonstration in read_demonstrations(folder, config):
        first = first or demonstration.depth.shape[1:]
        try:
            _check_keyframes(demonstration, config)
            if config.method == LOOK_AND_VOTE:
                _check_size(demonstration, first, config)
            check_projection(demonstration)
        except UserInputError as error:
            raise UserInputError(f"{folder}: {error}") from error


def _check_keyframes(demonstration: Demonstration, config: ArmConfig) -> None:
    d = demonstration
    try:
        if config.method == LOOK_AND_VOTE:
            discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses)
        else:
            keyframes_of(d, config.rows)
    except UserInputError as error:
        raise UserInputError(f"demonstration {d.seed} of {d.task} has {error}") from error


def _check_size(demonstration: Demonstration, first: tuple[int, ...], config: ArmConfig) -> None:
    height, width = demonstration.depth.shape[1:]
    if (height, width) != first:
        raise UserInputError(
            f"demonstration {demonstration.seed} of {demonstration.task} has images of {height} x "
            f"{width} pixels; expected {first[0]} x {first[1]}, as in the first one"
        )
    config.look.check_view(height, width)
