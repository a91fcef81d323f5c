"""Planning of a way to a tip pose: a straight line of the tip where it can be, or around things."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
from jaxtyping import Float
from scipy.interpolate import BSpline

from saccade.checks import check_choice, check_counts, check_least, check_positive
from saccade.worlds.motion.collisions import CollisionCheck
from saccade.worlds.motion.failures import PlanningFailed, Unreachable
from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.poses import checked_pose
from saccade.worlds.motion.sampling import (
    PLANNERS,
    RESOLUTION,
    Budget,
    require_ompl,
    sample_path,
)
from saccade.worlds.robots.arm import Arm

LINE, JOINTS = "line", "joints"
"""Names of plans without chance: a straight line of the tip, and one of the joints."""
ROUNDINGS = (0.4, 0.2, 0.1, 0.05)
"""Distances between the control points of a rounded path [rad]; the first that is free is taken."""
SETPOINT_GAP = 0.05
"""A commanded joint position farther than this from the joint [rad] is no place to start from."""
MOST_GOALS = 4
"""Postures that the sampling planner may end in."""


@dataclass(frozen=True)
class PlanningSettings:
    """How ways are planned.

    Attributes:
        collisions: Whether ways lead around things. If not, they are straight lines of the tip, or
            of the joints where the tip cannot.
        planner: What searches where a straight line will not do: LBKPIECE1 or RRTConnect.
        max_checks: Collision checks after which it gives up.
        time_limit: Time after which it gives up at the latest [s].
        tolerance: Depth of a contact that does not count [m].
        clearance: Distance that ways around things keep from them [m].
        may_touch: Bodies that may touch things where a way ends; the gripper's if None.
        seed: Seed of the planner's chance.
    """

    collisions: bool = True
    planner: str = PLANNERS[0]
    max_checks: int = 20_000
    time_limit: float = 10.0
    tolerance: float = 0.002
    clearance: float = 0.01
    may_touch: tuple[str, ...] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("planner", self.planner, PLANNERS)
        check_counts(self, "max_checks")
        check_positive(self, "time_limit")
        check_least(self, {"tolerance": 0.0, "clearance": 0.0})


@dataclass(frozen=True, eq=False)
class Plan:
    """A way for the joints.

    Attributes:
        path: Joint positions from where the arm is to where it shall be [rad].
        planner: What found it: "line", "joints" or the sampling planner's name.
    """

    path: Float[np.ndarray, "n k"]
    planner: str


class MotionPlanner:
    """Plans ways of one arm in one scene.

    Args:
        model: The arm in its scene.
        arm: Names of its parts.
        settings: How to plan.
        kinematics: Inverse kinematics of the same arm, if there is one already.

    Raises:
        MissingExtraError: Collisions count and OMPL is not installed.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        arm: Arm,
        settings: PlanningSettings | None = None,
        kinematics: ArmKinematics | None = None,
    ) -> None:
        self.settings = settings = settings or PlanningSettings()
        self.kinematics = kinematics or ArmKinematics(model, arm)
        self._places = arm.locate(model)
        self._check: CollisionCheck | None = None
        if settings.collisions:
            require_ompl()
            fingers = arm.gripper.bodies if arm.gripper else ()
            may_touch = fingers if settings.may_touch is None else settings.may_touch
            self._check = CollisionCheck(model, arm, may_touch, settings.tolerance)

    def plan(
        self, data: mujoco.MjData, tip_pose: Float[np.ndarray, "7"], held: tuple[str, ...] = ()
    ) -> Plan:
        """A way from where the arm is to a tip pose.

        Args:
            data: Where everything is.
            tip_pose: Where the tip shall be, in the world.
            held: Names of free bodies that the arm carries along.

        Raises:
            Unreachable: The arm cannot put its tip there.
            PlanningFailed: It would touch something there, or no way was found in time.
        """
        pose, start = checked_pose(tip_pose), self.start(data)
        if self._check is not None:
            self._check.begin(data, start, held)
        try:
            path = self.kinematics.line(start, pose)
            if self._direct(path):
                return Plan(path, LINE)
        except Unreachable:
            pass  # the pose itself may be within reach
        goals = self._goals(pose, start)
        for goal in goals:
            path = _steps(np.array([start, goal]), RESOLUTION)
            if self._direct(path):
                return Plan(path, JOINTS)
        return self._around(pose, start, goals)

    def start(self, data: mujoco.MjData) -> Float[np.ndarray, " k"]:
        """Joint positions to start from: those commanded, or the true ones where they differ much.

        From the commanded ones a motion begins without a jerk.
        """
        true, commanded = data.qpos[self._places.qpos], data.ctrl[self._places.actuators]
        near = np.abs(true - commanded).max() < SETPOINT_GAP
        return (commanded if near else true).copy()

    def _free(self, path: Float[np.ndarray, "n k"]) -> bool:
        """Whether a path touches nothing; the end first, which most often does."""
        check = self._check
        return check is None or all(check.free(q) for q in _steps(path, RESOLUTION)[::-1])

    def _direct(self, path: Float[np.ndarray, "n k"]) -> bool:
        """Whether a path touches nothing, but for fingers and what is held at its end."""
        if self._check is not None:
            self._check.let_end(path[-1])
        return self._free(path)

    def _goals(
        self, pose: Float[np.ndarray, "7"], start: Float[np.ndarray, " k"]
    ) -> list[Float[np.ndarray, " k"]]:
        """Joint positions that put the tip at a pose and touch nothing, the nearest first."""
        found = self.kinematics.postures(pose, start, MOST_GOALS)
        check = self._check
        if check is None:
            return found
        for q in found:
            check.let_end(q)
        goals = [q for q in found if check.free(q)]
        if not goals:
            x, y, z = pose[:3]
            raise PlanningFailed(
                f"at ({x:.3f}, {y:.3f}, {z:.3f}) m the arm would touch something: "
                f"{check.touched(found[0])}"
            )
        return goals

    def _around(
        self,
        pose: Float[np.ndarray, "7"],
        start: Float[np.ndarray, " k"],
        goals: list[Float[np.ndarray, " k"]],
    ) -> Plan:
        """A way that the sampling planner finds, its corners rounded."""
        settings, check, kinematics = self.settings, self._check, self.kinematics
        assert check is not None, "without collisions a straight way of the joints will do"
        check.keep_clear(settings.clearance, goals)
        budget = Budget(settings.max_checks, settings.time_limit)
        bounds = (
            np.minimum(np.maximum(kinematics.low, -2 * math.pi), start),
            np.maximum(np.minimum(kinematics.high, 2 * math.pi), start),
        )
        corners = sample_path(
            settings.planner, bounds, start, goals, check.free, budget, settings.seed
        )
        if corners is None:
            x, y, z = pose[:3]
            raise PlanningFailed(
                f"{settings.planner} found no way to ({x:.3f}, {y:.3f}, {z:.3f}) m in {budget}"
            )
        path = _steps(corners, RESOLUTION)
        for spacing in ROUNDINGS:
            path = rounded(corners, spacing)
            if self._free(path):
                break
        return Plan(path, settings.planner)


def rounded(corners: Float[np.ndarray, "m k"], spacing: float) -> Float[np.ndarray, "n k"]:
    """A path with corners as a smooth one that stays the nearer to it the smaller the spacing.

    A cubic B-spline whose control points lie on the path, so many radians from each other.
    """
    control = _steps(corners, spacing)
    if len(control) < 4:
        control = _steps(corners, float(np.linalg.norm(np.diff(corners, axis=0), axis=1).max()) / 3)
    n = len(control)
    knots = np.concatenate([[0.0] * 4, np.arange(1.0, n - 3), [n - 3.0] * 4])
    length = float(np.linalg.norm(np.diff(control, axis=0), axis=1).sum())
    along = np.linspace(0.0, n - 3.0, max(4, math.ceil(length / RESOLUTION) + 1))
    return BSpline(knots, control, 3)(along)


def _steps(path: Float[np.ndarray, "m k"], gap: float) -> Float[np.ndarray, "n k"]:
    """The path with its straight pieces divided, so that no neighbours are farther apart [rad]."""
    pieces = [path[:1]]
    for a, b in pairwise(path):
        count = max(1, math.ceil(float(np.linalg.norm(b - a)) / gap - 1e-9))
        pieces.append(a + (b - a) * (np.arange(1, count + 1)[:, None] / count))
    return np.concatenate(pieces)
