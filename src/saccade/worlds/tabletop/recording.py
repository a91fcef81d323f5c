"""Recording demonstrations: the expert's episodes, seen only where training looks.

with Recorder("take_lid_off_saucepan") as recorder:
    demonstration = recorder.record(seed=0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
from jaxtyping import Int

from saccade.checks import check_counts
from saccade.data.demonstrations import Demonstration
from saccade.data.keyframes import departures, discover_keyframes
from saccade.errors import UserInputError
from saccade.worlds.rgbd import Proprioception
from saccade.worlds.tabletop import expert
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.world import WorldConfig

Player = Callable[[TabletopEnv, int], bool]
"""Function that plays an episode of a seed, and says whether the task was done."""


def play_expert(env: TabletopEnv, seed: int) -> bool:
    """Play the scripted expert's episode."""
    return bool(expert.play(env, seed).info["success"])


class Recorder:
    """Records episodes of one task.

    Args:
        task: A task, or the name of one.
        config: Settings of the world.
        every: Every so many-th frame has an image, besides the keyframes, the frames from which the
            arm moves on, the first and the last.
    """

    def __init__(self, task: str | Task, config: WorldConfig | None = None, every: int = 5) -> None:
        self.every = every
        check_counts(self, "every")
        self.env = TabletopEnv(task, config)

    def record(self, seed: int, play: Player = play_expert) -> Demonstration:
        """One episode, the expert's if nobody else plays; the seed decides all of it."""
        success = play(self.env, seed)
        world = self.env.world
        arm = [world.proprioception(world.at(frame)) for frame in world.frames]
        image_frames = _frames_to_see(arm, self.every)
        views = [world.view(world.at(world.frames[i])) for i in image_frames]
        return Demonstration(
            task=self.env.task.name,
            seed=seed,
            success=success,
            intrinsics=world.camera.intrinsics,
            T_world_camera=world.camera.T_world_camera,
            image_frames=image_frames,
            rgb=np.stack([view.rgb for view in views]),
            depth=np.stack([view.depth.astype(np.float16) for view in views]),
            times=np.array([frame.time for frame in world.frames]),
            tip_poses=np.stack([a.tip_pose for a in arm]),
            gripper_open=np.array([a.gripper_open for a in arm], np.float32),
            finger_positions=np.stack([a.finger_positions for a in arm]),
            joint_positions=np.stack([a.joint_positions for a in arm]),
            joint_velocities=np.stack([a.joint_velocities for a in arm]),
        )

    def close(self) -> None:
        """Free the GL context."""
        self.env.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def record_episode(
    task: str | Task, seed: int, config: WorldConfig | None = None, every: int = 5
) -> Demonstration:
    """One episode of a task's expert; for several, one `Recorder` is faster."""
    with Recorder(task, config, every) as recorder:
        return recorder.record(seed)


def _frames_to_see(arm: list[Proprioception], every: int) -> Int[np.ndarray, " k"]:
    """The first frame, the last, every so many-th, the keyframes and the departures from them."""
    regular = np.arange(0, len(arm), every)
    speeds = np.stack([a.joint_velocities for a in arm])
    try:
        keyframes = discover_keyframes(
            speeds, np.array([a.gripper_open for a in arm]), np.stack([a.tip_pose for a in arm])
        )
    except UserInputError:  # an episode in which nothing happened is recorded as it was
        keyframes = np.array([], np.int64)
    left = departures(keyframes, speeds)
    return np.unique(np.concatenate([regular, keyframes, left, [len(arm) - 1]]))
