"""RLBench's own tasks, acted in through our observations and actions.

    env = RLBenchEnv("take_lid_off_saucepan")       # starts CoppeliaSim, without a window
    _, info = env.reset(seed=0)
    while True:
        decision = policy.act(env.observation, rng)
        action = np.append(decision.tip_pose, decision.gripper_open).astype(np.float32)
        _, reward, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break
    env.close()

RLBench and its PyRep are on no package index, so that no extra of Saccade's could name them: they
are installed from their repositories, beside CoppeliaSim, as RLBench's README says.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float

from saccade.checks import check_counts, choice
from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.coppelia import camera_from_coppelia, pose_from_coppelia, pose_to_coppelia
from saccade.worlds.motion.pose_action import OUT_OF_REACH
from saccade.worlds.rgbd import Observation, Proprioception, RgbdView
from saccade.worlds.tabletop.env import MAX_ACTIONS, TIME_OUT

SOURCE = "git+https://github.com/stepjam/RLBench.git"
LOWEST = (-2.0, -2.0, 0.0, -1.0, -1.0, -1.0, -1.0, 0.0)
HIGHEST = (2.0, 2.0, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Bounds of an action: tip position [m], quaternion (w, x, y, z), gripper."""
DEEPEST = 20.0
"""Bound of depths and positions [m]."""
FASTEST = 100.0
"""Bound of the joints' speeds [rad/s]."""
JOINTS = 7
_SEEDS = 2**31


class RLBenchEnv(gymnasium.Env):
    """A task of RLBench, with the interface of the tabletop's environments.

    Action: float32 (8,), the tip's position [m] and quaternion (w, x, y, z) in the world, and the
    gripper (> 0.5 open). The arm goes there with the fingers as they are, then opens or closes
    them. Reward: RLBench's, 1 when the task is done.

    Args:
        task: Name of the task, such as "take_lid_off_saucepan".
        variation: Number of the task's variation.
        size: Rows and columns of the front camera's images [pixels].
        max_actions: Actions after which the episode is truncated.
        refused_reward: Reward of a pose that is out of reach or that no way leads to, which ends
            the episode.
        headless: Whether CoppeliaSim runs without a window.

    Raises:
        UserInputError: RLBench is not installed, or has no such task.
    """

    def __init__(
        self,
        task: str,
        variation: int = 0,
        size: int = 128,
        max_actions: int = MAX_ACTIONS,
        refused_reward: float = -1.0,
        headless: bool = True,
    ) -> None:
        self.max_actions, self.refused_reward, self.size = max_actions, refused_reward, size
        check_counts(self, "max_actions", "size")
        self.action_space = spaces.Box(np.array(LOWEST, np.float32), np.array(HIGHEST, np.float32))
        self.observation_space = _observation_space(size)
        self._out_of_reach = (
            _module("rlbench.backend.exceptions").InvalidActionError,
            _module("pyrep.errors").IKError,
            _module("pyrep.errors").ConfigurationPathError,
        )
        choice("RLBench task", task, _task_names())
        self._simulator = _launched(size, headless)
        self._task = self._simulator.get_task(_module("rlbench.utils").name_to_task_class(task))
        self._task.set_variation(variation)
        self._observation: Observation | None = None
        self._descriptions: list[str] = []
        self._actions = 0

    @property
    def observation(self) -> Observation:
        """What was last seen, as policies take it."""
        if self._observation is None:
            raise SaccadeError("nothing has been seen yet; call reset() first")
        return self._observation

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Draw a placement and observe it; `info["descriptions"]` says in words what to do."""
        super().reset(seed=seed)
        # RLBench draws from NumPy's global generator alone.
        np.random.seed(seed if seed is not None else self.np_random.integers(_SEEDS))  # noqa: NPY002
        self._descriptions, seen = self._task.reset()
        self._actions = 0
        return self._observe(seen), self._info(False)

    def step(
        self, action: Float[np.ndarray, "8"]
    ) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Go to a pose, set the gripper, observe.

        Raises:
            UserInputError: The quaternion is zero or NaN.
        """
        tip = np.asarray(action[:7], dtype=np.float64)
        length = float(np.linalg.norm(tip[3:]))
        if not length > 0:
            raise UserInputError(f"the action {action} has no rotation; expected a quaternion")
        tip[3:] /= length
        self._actions += 1
        try:
            seen, reward, terminated = self._task.step(
                np.append(pose_to_coppelia(tip), float(action[7] > 0.5))
            )
        except self._out_of_reach:
            arrays = self._observe(self._task.get_observation())
            return arrays, self.refused_reward, True, False, self._info(False, OUT_OF_REACH)
        success = reward >= 1
        truncated = not terminated and self._actions >= self.max_actions
        info = self._info(success, TIME_OUT if truncated else None)
        return self._observe(seen), float(reward), bool(terminated), truncated, info

    def close(self) -> None:
        """Stop CoppeliaSim."""
        self._simulator.shutdown()

    def _observe(self, seen: Any) -> dict[str, np.ndarray]:
        self._observation = observed = observation_from_rlbench(seen)
        arm = observed.proprioception
        return {
            "rgb": observed.view.rgb,
            "depth": observed.view.depth,
            "points": observed.view.points,
            "tip_pose": arm.tip_pose,
            "gripper_open": np.array([arm.gripper_open], np.float32),
            "finger_positions": arm.finger_positions,
            "joint_positions": arm.joint_positions,
            "joint_velocities": arm.joint_velocities,
        }

    def _info(self, success: bool, failure: str | None = None) -> dict[str, Any]:
        return {
            "success": success,
            "failure": failure,
            "actions": self._actions,
            "descriptions": list(self._descriptions),
        }


def observation_from_rlbench(seen: Any, camera: str = "front") -> Observation:
    """An observation of RLBench's, with depth in metres, as ours.

    Args:
        seen: Its observation.
        camera: Camera whose image is taken.

    Raises:
        UserInputError: It lacks the camera's images or the arm's state, or they are impossible.
    """
    needed = (
        f"{camera}_rgb", f"{camera}_depth", "gripper_pose", "gripper_open",
        "gripper_joint_positions", "joint_positions", "joint_velocities",
    )  # fmt: skip
    missing = [name for name in needed if getattr(seen, name, None) is None]
    if missing:
        raise UserInputError(
            f"an observation of RLBench lacks {', '.join(missing)}; expected an ObservationConfig "
            "with them"
        )
    lens, pose = camera_from_coppelia(
        seen.misc[f"{camera}_camera_intrinsics"], seen.misc[f"{camera}_camera_extrinsics"]
    )
    rgb, depth = getattr(seen, f"{camera}_rgb"), getattr(seen, f"{camera}_depth")
    arm = Proprioception(
        pose_from_coppelia(_floats(seen.gripper_pose)),
        float(seen.gripper_open),
        _floats(seen.gripper_joint_positions),
        _floats(seen.joint_positions),
        _floats(seen.joint_velocities),
    )
    return Observation(RgbdView(rgb, _floats(depth), lens, pose), arm)


def _floats(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def _launched(size: int, headless: bool) -> Any:
    """RLBench's environment with our action mode and one camera, started."""
    config = _module("rlbench.observation_config").ObservationConfig()
    config.set_all(False)
    config.set_all_low_dim(True)
    config.front_camera.rgb = config.front_camera.depth = True
    config.front_camera.image_size = (size, size)
    config.front_camera.depth_in_meters = True
    action_mode = _module("rlbench.action_modes.action_mode").MoveArmThenGripper(
        _module("rlbench.action_modes.arm_action_modes").EndEffectorPoseViaPlanning(),
        _module("rlbench.action_modes.gripper_action_modes").Discrete(),
    )
    simulator = _module("rlbench.environment").Environment(
        action_mode=action_mode, obs_config=config, headless=headless
    )
    simulator.launch()
    return simulator


def _task_names() -> list[str]:
    return sorted(found.name for found in pkgutil.iter_modules(_module("rlbench.tasks").__path__))


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserInputError(
            f"RLBench cannot be imported ({error}); no package index has it: install CoppeliaSim "
            f"and PyRep as RLBench's README says, then run: pip install {SOURCE}"
        ) from error


def _observation_space(size: int) -> spaces.Space[Any]:
    def within(limit: float, *shape: int) -> spaces.Box:
        return spaces.Box(-limit, limit, shape, np.float32)

    return spaces.Dict(
        {
            "rgb": spaces.Box(0, 255, (size, size, 3), np.uint8),
            "depth": spaces.Box(0.0, DEEPEST, (size, size), np.float32),
            "points": within(2 * DEEPEST, size, size, 3),
            "tip_pose": within(DEEPEST, 7),
            "gripper_open": spaces.Box(0.0, 1.0, (1,), np.float32),
            "finger_positions": within(1.0, 2),
            "joint_positions": within(2 * math.pi, JOINTS),
            "joint_velocities": within(FASTEST, JOINTS),
        }
    )
