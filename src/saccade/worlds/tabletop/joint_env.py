"""A task's world as an environment of joint targets, one control frame a step; it sees nothing."""

from __future__ import annotations

from typing import Any

import gymnasium
import mujoco
import numpy as np
from gymnasium import spaces
from jaxtyping import Float

from saccade.worlds.robots.panda import POSITION_LIMITS
from saccade.worlds.tabletop.world import TabletopWorld

LOW, HIGH = np.array(POSITION_LIMITS).T


class JointTargetEnv(gymnasium.Env):
    """Move the joints to targets for 50 ms and open or close the gripper.

    Action: joint positions [rad] and the gripper (> 0.5 open), float32 (8,). Observation: joint
    positions and velocities, float32 (14,). Reward: 1 when the task is done, which ends the
    episode.

    Args:
        world: The task's world.
    """

    def __init__(self, world: TabletopWorld) -> None:
        self.world = world
        low, high = np.append(LOW, 0.0), np.append(HIGH, 1.0)
        self.action_space = spaces.Box(low.astype(np.float32), high.astype(np.float32))
        self.observation_space = spaces.Box(-np.inf, np.inf, (14,), np.float32)

    @property
    def model(self) -> mujoco.MjModel:
        """The scene."""
        return self.world.model

    @property
    def data(self) -> mujoco.MjData:
        """MuJoCo's state."""
        return self.world.data

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float[np.ndarray, "14"], dict[str, Any]]:
        """Draw a placement."""
        super().reset(seed=seed)
        self.world.reset(seed if seed is not None else int(self.np_random.integers(2**31)))
        return self._joints(), {}

    def step(
        self, action: Float[np.ndarray, "8"]
    ) -> tuple[Float[np.ndarray, "14"], float, bool, bool, dict[str, Any]]:
        """Move for one control frame."""
        self.world.track(np.asarray(action[:7], dtype=float), bool(action[7] > 0.5))
        return self._joints(), 0.0, False, False, {}

    def _joints(self) -> Float[np.ndarray, "14"]:
        data, arm = self.world.data, self.world.arm
        return np.concatenate([data.qpos[arm.qpos], data.qvel[arm.dofs]]).astype(np.float32)
