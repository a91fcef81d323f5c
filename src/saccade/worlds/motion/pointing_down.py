"""Joint trajectories of a tool that points down: the UR5e's pushes.

A push is a polyline of tool positions with the tool pointing down. Each waypoint is solved by
mink's QP with the arm's joint limits; the joints are interpolated between waypoints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mink
import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.robots.ur5e import HOME, TOOL_SITE

POSITION_TOLERANCE = 1.5e-3
"""Distance within which a waypoint counts as reached [m]."""
ROTATION_TOLERANCE = 0.02
"""Angle within which a waypoint counts as reached [rad]."""
JOINT_SPEED_LIMIT = math.pi
"""Published maximal joint speed [rad/s]: 180 degrees a second."""
RAMP = 0.06
"""Time over which the set points' speed changes [s]; sudden changes would swing the arm."""


@dataclass(frozen=True)
class Waypoint:
    """A tool pose, fingers down.

    Attributes:
        position: Fingertips' centre in the world [m].
        yaw: Angle of the closing axis in the world's (x, y) plane [rad].
        speed: Tool speed on the way here [m/s].
    """

    position: tuple[float, float, float]
    yaw: float
    speed: float


def downward(yaw: float) -> Float[np.ndarray, "3 3"]:
    """World rotation of a tool whose z points down and whose x points along yaw."""
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]])


class ToolKinematics:
    """Inverse kinematics of an arm-only model, warm-started along a path."""

    def __init__(self, model: mujoco.MjModel, iterations: int = 30) -> None:
        self._configuration = mink.Configuration(model)
        self._task = mink.FrameTask(
            frame_name=TOOL_SITE,
            frame_type="site",
            position_cost=1.0,
            orientation_cost=0.3,
            lm_damping=1e-4,
        )
        self._limits = [mink.ConfigurationLimit(model)]
        self._iterations = iterations

    def solve(
        self, position: tuple[float, float, float], yaw: float, start: Float[np.ndarray, "6"]
    ) -> Float[np.ndarray, "6"]:
        """Joint angles [rad] that put the tool at a position [m] with a yaw [rad].

        Raises:
            Unreachable: The arm's length or its joint limits do not allow it.
        """
        rotation = mink.SO3.from_matrix(downward(yaw))
        target = mink.SE3.from_rotation_and_translation(rotation, np.asarray(position))
        self._task.set_target(target)
        self._configuration.update(start)
        for _ in range(self._iterations):
            error = self._task.compute_error(self._configuration)
            offset, turn = np.linalg.norm(error[:3]), np.linalg.norm(error[3:])
            if offset < POSITION_TOLERANCE / 3 and turn < ROTATION_TOLERANCE / 3:
                break
            velocity = mink.solve_ik(
                self._configuration, [self._task], 1.0, "daqp", 1e-6, limits=self._limits
            )
            self._configuration.integrate_inplace(velocity, 1.0)
        else:
            error = self._task.compute_error(self._configuration)
            offset, turn = np.linalg.norm(error[:3]), np.linalg.norm(error[3:])
            if offset > POSITION_TOLERANCE or turn > ROTATION_TOLERANCE:
                x, y, z = position
                raise Unreachable(
                    f"the arm stays {1000 * offset:.0f} mm and {math.degrees(turn):.0f} degrees "
                    f"from ({x:.3f}, {y:.3f}, {z:.3f}) m",
                    float(offset),
                    float(turn),
                )
        return self._configuration.q.copy()


def nearest_half_turn(yaw: float, current: float) -> float:
    """The angle equal to `yaw` modulo pi (a closed gripper is symmetric) nearest to `current`."""
    return yaw + math.pi * round((current - yaw) / math.pi)


def joint_path(
    kinematics: ToolKinematics,
    waypoints: list[Waypoint],
    start: Float[np.ndarray, "6"] | None = None,
) -> Float[np.ndarray, "n 6"]:
    """Joint angles [rad] at each waypoint, each solved from the one before.

    Raises:
        Unreachable: A waypoint cannot be reached; the message names it.
    """
    q = HOME if start is None else start
    path = []
    for waypoint in waypoints:
        q = kinematics.solve(waypoint.position, waypoint.yaw, q)
        path.append(q)
    return np.array(path)


def timed(
    path: Float[np.ndarray, "n k"], waypoints: list[Waypoint], timestep: float
) -> Float[np.ndarray, "steps k"]:
    """Joint set points, one a time step, along a joint path, at the waypoints' tool speeds.

    Each segment takes its length divided by its speed, longer where a joint would be too fast;
    speeds change over RAMP seconds.
    """
    pieces = []
    for a, b, from_, to in zip(path[:-1], path[1:], waypoints[:-1], waypoints[1:], strict=True):
        distance = math.dist(from_.position, to.position)
        duration = max(distance / to.speed, np.abs(b - a).max() / JOINT_SPEED_LIMIT)
        steps = max(1, math.ceil(duration / timestep))
        fraction = np.arange(1, steps + 1)[:, None] / steps
        pieces.append(a + (b - a) * fraction)
    if not pieces:
        return np.empty((0, path.shape[1]))
    return _ramped(path[0], np.concatenate(pieces), max(1, round(RAMP / timestep)))


def _ramped(
    start: Float[np.ndarray, " k"], set_points: Float[np.ndarray, "n k"], window: int
) -> Float[np.ndarray, "steps k"]:
    """Average over the last `window` set points: every change of speed takes that long."""
    rest = np.tile(set_points[-1], (window - 1, 1))
    padded = np.concatenate([np.tile(start, (window, 1)), set_points, rest])
    total = np.cumsum(padded, axis=0)
    return (total[window:] - total[:-window]) / window
