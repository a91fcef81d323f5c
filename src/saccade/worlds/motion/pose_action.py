"""A pose of the tip as the action of anybody's MuJoCo arm: plan, move, open or close, observe."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import gymnasium
import mujoco
import numpy as np
from gymnasium import spaces
from gymnasium.envs.mujoco import MujocoEnv
from gymnasium.utils import RecordConstructorArgs
from jaxtyping import Float

from saccade.checks import check_least
from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.motion.controller import PoseController
from saccade.worlds.motion.failures import PlanningFailed, Unreachable
from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.planning import PlanningSettings
from saccade.worlds.motion.trajectories import Pace
from saccade.worlds.robots.arm import Arm

OUT_OF_REACH, PLANNING_FAILED = "out_of_reach", "planning_failed"
"""What `info["failure"]` says of an action that was refused; None of one that was not."""
QUIET_TIME = 0.02
"""Time for which everything has to rest [s]: at a turning point it does for a moment."""

Advanced = tuple[float, bool, bool, dict[str, Any]]
"""What a step gives but for the observation: reward, terminated, truncated, info."""
Advance = Callable[[np.ndarray], Advanced]


@dataclass(frozen=True)
class PoseActionSettings:
    """What happens around a motion.

    Attributes:
        refused_reward: Reward of a pose that is out of reach or that no way leads to.
        refused_ends: Whether the episode ends there.
        settle_time: Longest wait for the arm, and then for the fingers, to rest [s].
        lowest: Lowest position of the action space [m].
        highest: Highest position of the action space [m].
    """

    refused_reward: float = -1.0
    refused_ends: bool = True
    settle_time: float = 1.0
    lowest: tuple[float, float, float] = (-1.0, -1.0, -1.0)
    highest: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        check_least(self, {"settle_time": 0.0})
        if not all(low < high for low, high in zip(self.lowest, self.highest, strict=True)):
            raise UserInputError(
                f"lowest is {self.lowest}, highest {self.highest}; expected lower values first"
            )


class Hooks(NamedTuple):
    """Stepping an environment without observing at every tick.

    Attributes:
        advance: Takes an action of the environment; what its `step` does but for the observation.
        observe: The observation now.
    """

    advance: Advance
    observe: Callable[[], Any]


class PoseAction(gymnasium.Wrapper, RecordConstructorArgs):
    """A pose of the tip and the gripper instead of targets of the joints.

    Action: float32 (8,), the tip's position [m] and quaternion (w, x, y, z) in the world, of any
    length but none, and the gripper (> 0.5 open). A step plans a way there, follows it with the
    environment's own steps, then opens or closes the gripper, and waits until all of it rests. Its
    reward is the sum of theirs, its observation the last. It stops as soon as the episode ends.

    `info["planner"]` is what found the way: "line" (the tip goes straight), "joints" (the joints
    do), the sampling planner's name, or None. `info["failure"]` is None, "out_of_reach" or
    "planning_failed"; then nothing has moved, and `info["reason"]` says why in a line.

    The environment's action is `data.ctrl`, or is made of it by `to_action`; position servos move
    the arm's joints. Its `model` and `data` are MuJoCo's. The shorter its steps, the quieter the
    motion: stiff servos that hold a target for 20 ms shake a grasped cube by 9 mm on its way, and
    with a new target every 4 ms by less than 1.

        import gymnasium, mujoco, numpy as np
        from saccade.worlds.motion.pose_action import PoseAction
        from saccade.worlds.robots.ur5e import UR5E, arm_only_model

        class Servos(gymnasium.Env):  # yours; UR5E is an `Arm`: write one for your robot
            action_space = gymnasium.spaces.Box(-7, 7, (6,))
            observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (6,))
            model = arm_only_model((0.0, 0.0, 0.0))
            data = mujoco.MjData(model)

            def reset(self, *, seed=None, options=None):
                self.data.qpos[:] = self.data.ctrl[:] = UR5E.home
                return self.data.qpos.astype(np.float32), {}

            def step(self, action):
                self.data.ctrl[:] = action
                mujoco.mj_step(self.model, self.data, 10)
                return self.data.qpos.astype(np.float32), 0.0, False, False, {}

        env = PoseAction(Servos(), UR5E, timestep=0.02)
        env.reset(seed=0)
        action = np.array([-0.4, 0.2, 0.3, 0.0, 1.0, 0.0, 0.0, 1.0])
        joints, reward, terminated, truncated, info = env.step(action)
        print(info["planner"], env.tip_pose())

    Args:
        env: An environment whose `unwrapped` has `model` and `data`.
        arm: Names of the arm's parts in its model, and how fast it may be.
        timestep: Time of one of its steps [s]; a `MujocoEnv` tells it.
        planning: How ways are planned.
        pace: How much of the arm's limits its motions use.
        settings: What happens around a motion.
        to_action: Makes the environment's action of a copy of `data.ctrl` with the commands in it;
            by default that itself, within the bounds of the action space.
        hooks: Steps the environment without observing each time; its own `step` if None.
        kinematics: Inverse kinematics of the same arm; on a model of the arm alone it is faster.

    Raises:
        UserInputError: The model lacks a part of the arm, or the time of a step is unknown.
        MissingExtraError: The extra `arm` is not installed.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        arm: Arm,
        timestep: float | None = None,
        planning: PlanningSettings | None = None,
        pace: Pace | None = None,
        settings: PoseActionSettings | None = None,
        to_action: Callable[[np.ndarray], np.ndarray] | None = None,
        hooks: Hooks | None = None,
        kinematics: ArmKinematics | None = None,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, _disable_deepcopy=True, arm=arm, timestep=timestep, planning=planning, pace=pace,
            settings=settings, to_action=to_action, hooks=hooks, kinematics=kinematics,
        )  # fmt: skip
        gymnasium.Wrapper.__init__(self, env)
        self.arm, self.settings = arm, settings or PoseActionSettings()
        self.timestep = _timestep(env) if timestep is None else timestep
        if not self.timestep > 0:
            raise UserInputError(f"timestep is {timestep}; expected a time above 0 s")
        self._planning, self._pace, self._to_action = planning, pace, to_action
        self._hooks, self._kinematics = hooks, kinematics
        low = (*self.settings.lowest, -1.0, -1.0, -1.0, -1.0, 0.0)
        high = (*self.settings.highest, 1.0, 1.0, 1.0, 1.0, 1.0)
        self.action_space = spaces.Box(np.array(low, np.float32), np.array(high, np.float32))
        self._controller = self._control()
        self._gripper_open: bool | None = None
        self._seen: Any = None

    @property
    def model(self) -> mujoco.MjModel:
        """The environment's model."""
        return self._part("model", mujoco.MjModel)

    @property
    def data(self) -> mujoco.MjData:
        """The environment's state."""
        return self._part("data", mujoco.MjData)

    def tip_pose(self) -> Float[np.ndarray, "7"]:
        """Where the tip is: position [m] and quaternion (w, x, y, z)."""
        mujoco.mj_kinematics(self.model, self.data)
        return self._controller.places.tip_pose(self.data)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Reset the environment, which may have a new model then."""
        self._seen, info = self.env.reset(seed=seed, options=options)
        if self.model is not self._controlled:
            self._controller = self._control()
        self._gripper_open = None
        return self._seen, info

    def step(self, action: Float[np.ndarray, "8"]) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Go to a pose, open or close the gripper, observe."""
        controller, data = self._controller, self.data
        opened = bool(action[7] > 0.5)
        try:
            motion = controller.motion(data, np.asarray(action[:7]), controller.held(data))
        except (Unreachable, PlanningFailed) as reason:
            return self._refused(reason)
        steps = _Steps(self._advance, self._command)
        arm, gripper = controller.places.actuators, controller.places.gripper_actuators
        steps.play(arm, motion.commands)
        self._settle(steps)
        if opened != self._gripper_open:
            steps.play(gripper, controller.gripper_motion(data, opened))
            self._settle(steps)
            self._gripper_open = opened
        if self._hooks is not None:
            self._seen = self._hooks.observe()
        told = {"failure": None, "planner": motion.planner, "reason": ""}
        return self._seen, steps.reward, steps.terminated, steps.truncated, steps.info | told

    def _control(self) -> PoseController:
        self._controlled = self.model
        return PoseController(
            self.model, self.arm, self.timestep, self._planning, self._pace, self._kinematics
        )

    def _settle(self, steps: _Steps) -> None:
        """Wait until joints and fingers rest."""
        quiet, enough = 0, max(1, round(QUIET_TIME / self.timestep))
        for _ in range(round(self.settings.settle_time / self.timestep)):
            quiet = quiet + 1 if self._controller.rests(self.data) else 0
            if quiet >= enough or steps.over:
                break
            steps.wait()

    def _refused(self, reason: SaccadeError) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """What a pose leads to that the arm cannot take."""
        failure = OUT_OF_REACH if isinstance(reason, Unreachable) else PLANNING_FAILED
        info = {"failure": failure, "planner": None, "reason": str(reason)}
        seen = deepcopy(self._seen) if self._hooks is None else self._hooks.observe()
        return seen, self.settings.refused_reward, self.settings.refused_ends, False, info

    def _advance(self, action: np.ndarray) -> Advanced:
        if self._hooks is not None:
            return self._hooks.advance(action)
        self._seen, reward, terminated, truncated, info = self.env.step(action)
        return float(reward), terminated, truncated, info

    def _command(self, actuators: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The environment's action that gives some actuators new values."""
        command = self.data.ctrl.copy()
        command[actuators] = values
        if self._to_action is not None:
            return self._to_action(command)
        space = self.env.action_space
        if not isinstance(space, spaces.Box) or space.shape != command.shape:
            raise UserInputError(
                f"the environment's actions are {space}; expected a Box of {len(command)}, one for "
                "each actuator, or to_action"
            )
        return np.clip(command, space.low, space.high).astype(space.dtype)

    def _part(self, name: str, kind: type) -> Any:
        part = getattr(self.env.unwrapped, name, None)
        if not isinstance(part, kind):
            raise UserInputError(
                f"{type(self.env.unwrapped).__name__}.{name} is {type(part).__name__}; expected "
                f"MuJoCo's {kind.__name__}"
            )
        return part


class _Steps:
    """The environment's steps of one action, added up."""

    def __init__(
        self, advance: Advance, command: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> None:
        self._advance, self._command = advance, command
        self.reward, self.terminated, self.truncated = 0.0, False, False
        self.info: dict[str, Any] = {}

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self.terminated or self.truncated

    def play(self, actuators: np.ndarray, commands: Float[np.ndarray, "n k"]) -> None:
        """Give some actuators their values, one row a step."""
        for values in commands:
            if self.over:
                return
            self._take(self._command(actuators, values))

    def wait(self) -> None:
        """Leave everything as it is for a step."""
        self._take(self._command(np.array([], int), np.array([])))

    def _take(self, action: np.ndarray) -> None:
        reward, self.terminated, self.truncated, self.info = self._advance(action)
        self.reward += reward


def _timestep(env: gymnasium.Env) -> float:
    """Time of one step of an environment [s]."""
    inner = env.unwrapped
    if isinstance(inner, MujocoEnv):
        return float(inner.dt)
    raise UserInputError(
        f"how long a step of {type(inner).__name__} takes is unknown; expected timestep"
    )
