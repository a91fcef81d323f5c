"""The tasks as Gymnasium environments: an action is a pose of the tip and open or closed fingers.

env = gymnasium.make("saccade/TakeLidOffSaucepan-v0")       # registered by `import saccade`
env = TabletopEnv(my_task)                                  # a task of your own
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float, UInt8

from saccade.checks import check_counts
from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.pose_action import PoseAction, PoseActionSettings
from saccade.worlds.offscreen import FINE, QUICK, OffscreenRenderer, Quality
from saccade.worlds.rgbd import Observation
from saccade.worlds.robots.panda import FINGER_RANGE, PANDA, arm_only_model
from saccade.worlds.tabletop.camera import FARTHEST_SEEN
from saccade.worlds.tabletop.joint_env import JointTargetEnv
from saccade.worlds.tabletop.scene import OVERVIEW
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.tasks import task_named
from saccade.worlds.tabletop.world import TICK, Frame, TabletopWorld, WorldConfig

MAX_ACTIONS = 10
"""The paper's limit of actions an episode."""
LOWEST, HIGHEST = (-1.0, -1.0, 0.0), (1.0, 1.0, 1.2)
"""Bounds of the tip's positions [m]."""
FASTEST = 100.0
"""Bound of the joints' speeds [rad/s], far above what the arm's limits allow."""
PICTURE = (640, 480)
"""Width and height of what `render` draws [pixels]."""
FILMED = (480, 360)
"""Those of a film's pictures, which are drawn as large as others: shrinking smooths their edges for
less than multisampling."""

GRASP_LOST, TIME_OUT = "grasp_lost", "time_out"
"""Why an episode failed, as `info["failure"]` says, beside "out_of_reach" and "planning_failed";
None while it has not."""


class Outcome(NamedTuple):
    """What an action led to: Gymnasium's words, without an observation."""

    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


class TabletopEnv(gymnasium.Env):
    """A Panda, a table and a task.

    Action: float32 (8,), the tip's position [m] and quaternion (w, x, y, z) in the world, and the
    gripper (> 0.5 open). The arm goes there with the fingers as they are, then opens or closes
    them. Reward: 1 when the task is done, which ends the episode, as does a pose out of reach.

    Args:
        task: A task, or the name of one of `tasks.TASKS`.
        config: Settings of the world.
        max_actions: Actions after which the episode is truncated.
        refused_reward: Reward of a pose that is out of reach or that no way leads to.
        render_mode: "rgb_array" for pictures of the overview camera, or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012

    def __init__(
        self,
        task: str | Task,
        config: WorldConfig | None = None,
        max_actions: int = MAX_ACTIONS,
        refused_reward: float = -1.0,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "rgb_array"):
            raise UserInputError(f"render_mode is {render_mode!r}; expected None or 'rgb_array'")
        self.task = task if isinstance(task, Task) else task_named(task)
        self.max_actions = max_actions
        check_counts(self, "max_actions")
        self.render_mode = render_mode
        kinematics = ArmKinematics(arm_only_model(), PANDA)
        self.world = TabletopWorld(self.task, config, kinematics.reachable)
        self._arm = PoseAction(
            JointTargetEnv(self.world),
            PANDA,
            timestep=TICK,
            planning=self.world.config.planning,
            pace=self.world.config.pace,
            settings=PoseActionSettings(refused_reward, lowest=LOWEST, highest=HIGHEST),
            kinematics=kinematics,
        )
        self.action_space = self._arm.action_space
        camera = self.world.config.camera
        self.observation_space = _observation_space(camera.height, camera.width)
        self._actions = 0
        self._held_before: frozenset[str] = frozenset()
        self._grasp_lost = False
        self._observation: Observation | None = None
        self._renderers: dict[Quality, OffscreenRenderer] = {}

    @property
    def observation(self) -> Observation:
        """What was last seen, as policies take it."""
        if self._observation is None:
            raise SaccadeError("nothing has been seen yet; call reset() first")
        return self._observation

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Draw a placement and observe it; the same seed gives the same episode."""
        super().reset(seed=seed)
        self.begin(seed if seed is not None else int(self.np_random.integers(2**31)))
        return self._observe(), self._info()

    def step(
        self, action: Float[np.ndarray, "8"]
    ) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Go to a pose, set the gripper, observe."""
        reward, terminated, truncated, info = self.execute(action)
        return self._observe(), reward, terminated, truncated, info

    def begin(self, seed: int) -> None:
        """Draw a placement without looking at it."""
        self._arm.reset(seed=seed)
        self._actions = 0
        self._held_before, self._grasp_lost = frozenset(), False

    def execute(self, action: Float[np.ndarray, "8"]) -> Outcome:
        """Go to a pose and set the gripper without looking."""
        self._actions += 1
        _, reward, refused, _, told = self._arm.step(action)
        self.world.rest()
        if refused:
            return Outcome(reward, True, False, self._info(told["failure"], told["reason"]))
        state = self.world.state()
        if self.task.success(state):
            return Outcome(1.0, True, False, self._info())
        if action[7] <= 0.5 and self._held_before - state.held:
            self._grasp_lost = True
        self._held_before = state.held
        truncated = self._actions >= self.max_actions
        failure = (GRASP_LOST if self._grasp_lost else TIME_OUT) if truncated else None
        return Outcome(0.0, False, truncated, self._info(failure))

    def render(self) -> UInt8[np.ndarray, "480 640 3"] | None:
        """A picture from the overview camera, in render_mode "rgb_array"."""
        if self.render_mode is None:
            return None
        return self._picture(self.world.frames[-1], FINE)

    def film(self, every: int = 1) -> Iterator[UInt8[np.ndarray, "360 480 3"]]:
        """Pictures of the episode so far, from the overview camera.

        Args:
            every: Control frames from one picture to the next; the last frame always has one.
        """
        frames = self.world.frames
        for frame in (*frames[:-1:every], frames[-1]):
            yield cv2.resize(self._picture(frame, QUICK), FILMED, interpolation=cv2.INTER_AREA)

    def close(self) -> None:
        """Free the GL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
        self.world.close()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the renderers: a pickled or copied environment opens its own."""
        return self.__dict__ | {"_renderers": {}}

    def _picture(self, frame: Frame, quality: Quality) -> UInt8[np.ndarray, "480 640 3"]:
        renderer = self._renderers.get(quality)
        if renderer is None or not renderer.usable:
            renderer = OffscreenRenderer(self.world.model, *PICTURE, quality)
            self._renderers[quality] = renderer
        return renderer.picture(self.world.at(frame), OVERVIEW)

    def _observe(self) -> dict[str, np.ndarray]:
        self._observation = seen = self.world.observe()
        arm = seen.proprioception
        return {
            "rgb": seen.view.rgb,
            "depth": seen.view.depth,
            "points": seen.view.points,
            "tip_pose": arm.tip_pose,
            "gripper_open": np.array([arm.gripper_open], np.float32),
            "finger_positions": arm.finger_positions,
            "joint_positions": arm.joint_positions,
            "joint_velocities": arm.joint_velocities,
        }

    def _info(self, failure: str | None = None, reason: str = "") -> dict[str, Any]:
        state, camera = self.world.state(), self.world.camera
        return {
            "success": self.task.success(state),
            "failure": failure,
            "reason": reason,
            "held": sorted(state.held),
            "poses": {name: pose.array() for name, pose in state.poses.items()},
            "actions": self._actions,
            "redraws": self.world.redraws,
            "intrinsics": camera.intrinsics,
            "T_world_camera": camera.T_world_camera,
            "attach": self.world.config.attach,
        }


def _observation_space(height: int, width: int) -> spaces.Space[Any]:
    def within(limit: float, *shape: int) -> spaces.Box:
        return spaces.Box(-limit, limit, shape, np.float32)

    return spaces.Dict(
        {
            "rgb": spaces.Box(0, 255, (height, width, 3), np.uint8),
            "depth": spaces.Box(0.0, 2 * FARTHEST_SEEN, (height, width), np.float32),
            "points": within(2 * FARTHEST_SEEN, height, width, 3),
            "tip_pose": within(FARTHEST_SEEN, 7),
            "gripper_open": spaces.Box(0.0, 1.0, (1,), np.float32),
            "finger_positions": within(2 * FINGER_RANGE, 2),
            "joint_positions": within(2 * math.pi, 7),
            "joint_velocities": within(FASTEST, 7),
        }
    )
