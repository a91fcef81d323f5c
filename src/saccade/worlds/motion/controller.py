"""From a tip pose to what servos are told, tick by tick; who owns the physics does the ticking."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.planning import MotionPlanner, PlanningSettings
from saccade.worlds.motion.servos import servo_lag
from saccade.worlds.motion.trajectories import (
    JointLimits,
    Pace,
    Trajectory,
    require_ruckig,
    trajectory,
)
from saccade.worlds.robots.arm import Arm

REST_JOINT, REST_FINGER = 0.01, 0.002
"""Speeds below which joints [rad/s] and fingers [m/s] rest."""


@dataclass(frozen=True, eq=False)
class Motion:
    """A motion of the arm.

    Attributes:
        commands: What the servos are told, one row a tick: set points and their lead [rad].
        trajectory: Where the joints shall be at each tick.
        planner: What found the way: "line", "joints" or the sampling planner's name.
    """

    commands: Float[np.ndarray, "n k"]
    trajectory: Trajectory
    planner: str


class PoseController:
    """Turns tip poses into commands for the servos of one arm in one scene.

        motion = controller.motion(data, tip_pose)
        for command in motion.commands:
            data.ctrl[controller.places.actuators] = command
            mujoco.mj_step(model, data)

    Args:
        model: The arm in its scene.
        arm: Names of its parts.
        timestep: Time of a tick [s].
        planning: How ways are planned.
        pace: How much of the arm's limits its motions use.
        kinematics: Inverse kinematics of the same arm, if there is one already.

    Raises:
        MissingExtraError: Ruckig or OMPL is not installed.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        arm: Arm,
        timestep: float,
        planning: PlanningSettings | None = None,
        pace: Pace | None = None,
        kinematics: ArmKinematics | None = None,
    ) -> None:
        require_ruckig()
        self.arm, self.timestep = arm, timestep
        self.places = arm.locate(model)
        self.planner = MotionPlanner(model, arm, planning, kinematics)
        self._limits = JointLimits.of(arm, pace or Pace())
        self._lag = servo_lag(model, self.places)
        self._model = model

    def motion(
        self, data: mujoco.MjData, tip_pose: Float[np.ndarray, "7"], held: tuple[str, ...] = ()
    ) -> Motion:
        """The motion from where the arm is to a tip pose.

        Args:
            data: Where everything is.
            tip_pose: Where the tip shall be, in the world.
            held: Names of the free bodies that the arm carries along.

        Raises:
            Unreachable: The arm cannot put its tip there.
            PlanningFailed: It would touch something there, or no way was found in time.
        """
        plan = self.planner.plan(data, tip_pose, held)
        timed = trajectory(plan.path, self._limits, self.timestep)
        return Motion(timed.positions + self._lag * timed.velocities, timed, plan.planner)

    def gripper_motion(self, data: mujoco.MjData, opened: bool) -> Float[np.ndarray, "n g"]:
        """What the gripper's actuators are told, one row a tick, to open or to close it."""
        gripper = self.arm.gripper
        if gripper is None:
            return np.empty((0, 0))
        before = data.ctrl[self.places.gripper_actuators]
        after = np.array(gripper.opened if opened else gripper.closed)
        way = np.abs(after - before) / np.abs(np.subtract(gripper.opened, gripper.closed))
        ticks = max(1, round(gripper.travel_time * float(way.max()) / self.timestep))
        return before + (after - before) * (np.arange(1, ticks + 1)[:, None] / ticks)

    def gripper_command(self, opened: bool) -> Float[np.ndarray, " g"]:
        """Values of the gripper's actuators with which it stays open or closed."""
        gripper = self.arm.gripper
        if gripper is None:
            return np.empty(0)
        return np.array(gripper.opened if opened else gripper.closed)

    def rests(self, data: mujoco.MjData) -> bool:
        """Whether joints and fingers rest."""
        joints, fingers = data.qvel[self.places.dofs], data.qvel[self.places.finger_dofs]
        return bool((np.abs(joints) < REST_JOINT).all() and (np.abs(fingers) < REST_FINGER).all())

    def held(self, data: mujoco.MjData) -> tuple[str, ...]:
        """Names of the free bodies that all of the gripper's bodies touch."""
        model, gripper = self._model, self.arm.gripper
        if gripper is None or not gripper.bodies:
            return ()
        fingers = [int(model.body(name).id) for name in gripper.bodies]
        touched: list[set[int]] = [set() for _ in fingers]
        bodies = model.geom_bodyid[data.contact.geom[data.contact.dist <= 0]]
        for one, other in np.concatenate([bodies, bodies[:, ::-1]]):
            if one in fingers:
                touched[fingers.index(int(one))].add(int(other))
        between = set.intersection(*touched)
        return tuple(sorted(model.body(i).name for i in between if _is_free(model, i)))


def _is_free(model: mujoco.MjModel, body: int) -> bool:
    joint = int(model.body_jntadr[body])
    return joint >= 0 and model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE
