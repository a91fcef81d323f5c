"""Inverse kinematics of any arm, with mink: joint positions that put the tip at a pose."""

from __future__ import annotations

import math
from collections.abc import Iterator

import mink
import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.motion.poses import checked_pose, straight_line, transform
from saccade.worlds.robots.arm import Arm

POSITION_TOLERANCE = 1e-4
"""Distance within which a pose counts as reached [m]."""
ROTATION_TOLERANCE = 5e-4
"""Angle within which a pose counts as reached [rad]."""
ITERATIONS = 40
"""Steps of the solver from one start; it takes five from a near one."""
RESTARTS = 6
"""Random starts after the given one and home have failed."""
STALLED = 8
"""Steps after which a start is given up if they have not halved the error."""
NEAR = 2e-3
"""Distance from which on nothing but the pose counts [m]."""
ROTATION_COST = 0.3
"""Weight of an angle of 1 rad beside a distance of 1 m: about the length of a forearm."""
POSTURE_COST = 3e-3
"""Weight of a joint's way from its posture [1/rad]: it decides only what the pose leaves open."""
CLEARANCE = 0.01
"""Distance kept from the joints' limits [rad or m]."""

DIFFERENT = 0.1
"""A joint's way from which on two postures are different ones [rad]."""

LINE_STEP, LINE_TURN = 0.02, 0.1
"""Sampling of a straight line of the tip [m, rad]."""
LARGEST_JUMP = 0.35
"""A joint's largest way between samples of a line [rad]: more, and the arm flips over."""


class ArmKinematics:
    """Inverse kinematics of one arm.

    A pose leaves a redundant arm a choice; it takes what is nearest to a posture, home if nothing
    else is said, and keeps clear of the joints' limits.

    Args:
        model: A model with the arm in it; without a scene it is faster.
        arm: Names of its parts.
    """

    def __init__(self, model: mujoco.MjModel, arm: Arm) -> None:
        self.model, self.arm = model, arm
        self.places = places = arm.locate(model)
        self.home = np.array(arm.home, dtype=float)
        limited = model.jnt_limited[places.joints].astype(bool)
        low, high = model.jnt_range[places.joints].T
        self.low = np.where(limited, low + CLEARANCE, -np.inf)
        self.high = np.where(limited, high - CLEARANCE, np.inf)
        self._configuration = mink.Configuration(model)
        self._frame = mink.FrameTask(arm.tip_site, "site", 1.0, ROTATION_COST, lm_damping=1e-4)
        cost = np.zeros(model.nv)
        cost[places.dofs] = POSTURE_COST
        self._posture = mink.PostureTask(model, cost)
        limit = mink.ConfigurationLimit(model)
        limit.lower[places.qpos] = np.where(limited, self.low, limit.lower[places.qpos])
        limit.upper[places.qpos] = np.where(limited, self.high, limit.upper[places.qpos])
        self._limits = [limit]
        self._rest = self._resting()

    def tip_pose(self, q: Float[np.ndarray, " k"]) -> Float[np.ndarray, "7"]:
        """Pose of the tip with the joints at q [rad]."""
        self._set(q)
        return self.places.tip_pose(self._configuration.data)

    def solve(
        self,
        tip_pose: Float[np.ndarray, "7"],
        start: Float[np.ndarray, " k"] | None = None,
        posture: Float[np.ndarray, " k"] | None = None,
    ) -> Float[np.ndarray, " k"]:
        """Joint positions that put the tip at a pose, searched from `start`, then from elsewhere.

        Args:
            tip_pose: Where to put the tip; the quaternion's length does not matter.
            start: Joint positions to search from first [rad]; home if None.
            posture: Joint positions to stay near to [rad]; home if None.

        Raises:
            Unreachable: The arm's length or its joint limits do not allow it.
        """
        pose = checked_pose(tip_pose)
        nearest = (math.inf, math.inf)
        for begin in self._starts(start):
            q, error = self._converge(pose, begin, posture)
            if q is not None:
                return q
            nearest = min(nearest, error)
        raise unreachable(pose, *nearest)

    def postures(
        self, tip_pose: Float[np.ndarray, "7"], start: Float[np.ndarray, " k"], most: int
    ) -> list[Float[np.ndarray, " k"]]:
        """Several different joint positions that put the tip at a pose, the nearest first.

        Args:
            tip_pose: Where to put the tip.
            start: Joint positions that they shall be near to [rad].
            most: How many at most.

        Raises:
            Unreachable: There are none.
        """
        pose = checked_pose(tip_pose)
        found: list[np.ndarray] = []
        nearest = (math.inf, math.inf)
        for begin in self._starts(start):
            q, error = self._converge(pose, begin, begin)
            nearest = min(nearest, error)
            if q is not None and all(np.abs(q - other).max() > DIFFERENT for other in found):
                found.append(q)
        if not found:
            raise unreachable(pose, *nearest)
        return sorted(found, key=lambda q: float(np.abs(q - start).max()))[:most]

    def reachable(self, tip_pose: Float[np.ndarray, "7"]) -> bool:
        """Whether the arm can put its tip at a pose."""
        try:
            self.solve(tip_pose)
        except Unreachable:
            return False
        return True

    def line(
        self, start: Float[np.ndarray, " k"], tip_pose: Float[np.ndarray, "7"]
    ) -> Float[np.ndarray, "n k"]:
        """Joint path that leads the tip on a straight line from where the joints at `start` put it.

        The posture goes from the given one to home on the way, so that the end depends little on
        the way there.

        Raises:
            Unreachable: A pose on the line is, or only by flipping the arm over.
        """
        pose = checked_pose(tip_pose)
        try:
            return self._line(start, pose, LINE_STEP, LINE_TURN)
        except Unreachable:  # beside a singularity joints are fast, which finer steps tell apart
            return self._line(start, pose, LINE_STEP / 3, LINE_TURN / 3)

    def _line(
        self, start: Float[np.ndarray, " k"], pose: Float[np.ndarray, "7"], step: float, turn: float
    ) -> Float[np.ndarray, "n k"]:
        poses = straight_line(self.tip_pose(start), pose, step, turn)
        path = [start]
        for i, between in enumerate(poses, 1):
            posture = start + (self.home - start) * (i / len(poses))
            q, error = self._converge(between, np.clip(path[-1], self.low, self.high), posture)
            if q is None:
                raise unreachable(between, *error)
            jump = float(np.abs(q - path[-1]).max())
            if jump > LARGEST_JUMP:
                raise Unreachable(
                    f"a straight line flips the arm over: a joint turns by {jump:.2f} rad at once"
                )
            path.append(q)
        return np.array(path)

    def _starts(self, start: Float[np.ndarray, " k"] | None) -> Iterator[Float[np.ndarray, " k"]]:
        """Where to search from: as given, home, then places that are random but always the same."""
        if start is not None:
            yield np.clip(start, self.low, self.high)
        yield self.home
        low, high = np.maximum(self.low, -math.pi), np.minimum(self.high, math.pi)
        rng = np.random.default_rng(0)  # the same question has the same answer
        for _ in range(RESTARTS):
            yield rng.uniform(low, high)

    def _converge(
        self,
        pose: Float[np.ndarray, "7"],
        start: Float[np.ndarray, " k"],
        posture: Float[np.ndarray, " k"] | None,
    ) -> tuple[Float[np.ndarray, " k"] | None, tuple[float, float]]:
        """Joint positions at a pose, or None, and how far [m, rad] the tip stays from it."""
        configuration, tasks = self._configuration, [self._frame, self._posture]
        self._frame.set_target(transform(pose))
        self._posture.set_target(self._whole(self.home if posture is None else posture))
        self._set(start)
        best, patience = math.inf, STALLED
        error = (math.inf, math.inf)
        for _ in range(ITERATIONS):
            twist = self._frame.compute_error(configuration)
            error = float(np.linalg.norm(twist[:3])), float(np.linalg.norm(twist[3:]))
            if error[0] < POSITION_TOLERANCE and error[1] < ROTATION_TOLERANCE:
                return configuration.q[self.places.qpos], error
            size = error[0] + ROTATION_COST * error[1]
            best, patience = (size, STALLED) if size < best / 2 else (best, patience - 1)
            if size < NEAR or patience == 0:
                if len(tasks) == 1 and patience == 0:
                    break
                tasks = tasks[:1]  # the posture has had its say; it would hold the tip off
                patience = STALLED
            step = mink.solve_ik(configuration, tasks, 1.0, "daqp", 1e-6, limits=self._limits)
            configuration.integrate_inplace(step, 1.0)
        return None, error

    def _set(self, q: Float[np.ndarray, " k"]) -> None:
        self._configuration.update(self._whole(q))

    def _whole(self, q: Float[np.ndarray, " k"]) -> Float[np.ndarray, " nq"]:
        """The model's configuration with the arm's joints at q and all else at rest."""
        whole = self._rest.copy()
        whole[self.places.qpos] = q
        return whole

    def _resting(self) -> Float[np.ndarray, " nq"]:
        """The model's own configuration, but within limits: the solver refuses to start outside."""
        model, rest = self.model, self.model.qpos0.copy()
        for joint in np.flatnonzero(model.jnt_limited):
            if model.jnt_type[joint] in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE):
                at = model.jnt_qposadr[joint]
                rest[at] = np.clip(rest[at], *model.jnt_range[joint])
        return rest


def unreachable(pose: Float[np.ndarray, "7"], distance: float, angle: float) -> Unreachable:
    """The error for a pose that the tip stays away from by a distance [m] and an angle [rad]."""
    x, y, z = pose[:3]
    return Unreachable(
        f"the arm stays {1000 * distance:.0f} mm and {math.degrees(angle):.0f} degrees "
        f"from ({x:.3f}, {y:.3f}, {z:.3f}) m",
        distance,
        angle,
    )
