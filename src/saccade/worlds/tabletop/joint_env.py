"""A task's world as an environment of set points, one tick a step; it sees nothing."""

from __future__ import annotations

from typing import Any

import gymnasium
import mujoco
import numpy as np
from gymnasium import spaces
from jaxtyping import Float

from saccade.worlds.robots.panda import POSITION_LIMITS
from saccade.worlds.tabletop.grasp import CLOSED, OPENED
from saccade.worlds.tabletop.world import TabletopWorld

BEYOND = 0.5
"""How far set points may lead beyond the joints' limits [rad]."""


class JointTargetEnv(gymnasium.Env):
    """Lead the servos to set points within 10 ms; `PoseAction` makes poses of it.

    Action: set points of the seven joints [rad] and of the opening between the fingers [m], as in
    `data.ctrl`, float64 (8,). Observation: joint positions and velocities, float32 (14,). There is
    neither reward nor end: `TabletopEnv` judges after a whole action.

    Args:
        world: The task's world.
    """

    def __init__(self, world: TabletopWorld) -> None:
        self.world = world
        low, high = np.array(POSITION_LIMITS).T
        self.action_space = spaces.Box(
            np.append(low - BEYOND, CLOSED), np.append(high + BEYOND, OPENED), dtype=np.float64
        )
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
        """Move for one tick."""
        self.world.tick(action)
        return self._joints(), 0.0, False, False, {}

    def _joints(self) -> Float[np.ndarray, "14"]:
        data, arm = self.world.data, self.world.arm
        return np.concatenate([data.qpos[arm.qpos], data.qvel[arm.dofs]]).astype(np.float32)
