"""Moving the gripper of the pushing world, on the arm or flying: from a push to joint set points.

The push primitive of the published scene: hover 0.10 m above the start height, descend, move
0.10 m along the direction, lift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.errors import UserInputError
from saccade.worlds.heightmap import workspace_of
from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.motion.pointing_down import (
    ToolKinematics,
    Waypoint,
    joint_path,
    nearest_half_turn,
    timed,
)
from saccade.worlds.robots.ur5e import FLYING_JOINTS, HOME, JOINTS, TOOL_SITE, arm_only_model
from saccade.worlds.workspace import Push, Workspace

PATCH = 11
"""Side of the patch around the start whose highest point sets the start height [pixels]."""
YAW = math.pi / 2
"""The gripper's yaw over the table's centre [rad]; pushes turn by at most a quarter from it."""
PARKED_ABOVE = 0.3
"""Height of a flying gripper between pushes, above the table [m]."""


@dataclass(frozen=True)
class PushMotion:
    """How the tool moves in a push.

    Attributes:
        clearance: Fingertips above the highest point of the start patch [m].
        hover: Descent and lift [m].
        push_speed: Tool speed while pushing [m/s].
        travel_speed: Tool speed while descending and lifting [m/s].
    """

    clearance: float
    hover: float
    push_speed: float
    travel_speed: float


def push_waypoints(
    push: Push, heightmap: Float[np.ndarray, "rows cols"], motion: PushMotion
) -> list[Waypoint]:
    """Tool poses of a push: down to the start, along the line, up from the end.

    Args:
        push: The push, in the world of its workspace.
        heightmap: What it was chosen on [m above the table]; it sets the height of the tool.
        motion: Clearance, hover and speeds.

    Raises:
        UserInputError: The push and the heightmap lie in different workspaces.
    """
    lies_on = workspace_of(heightmap) or push.workspace
    if lies_on != push.workspace:
        raise UserInputError(
            f"the push is in {push.workspace}, its heightmap in {lies_on}; expected one workspace "
            "for both: policy.at(workspace)"
        )
    half = PATCH // 2
    r0, c0 = max(push.row - half, 0), max(push.col - half, 0)
    patch = heightmap[r0 : push.row + half + 1, c0 : push.col + half + 1]
    z = push.workspace.table_height + float(patch.max()) + motion.clearance
    (x0, y0), (x1, y1) = push.start, push.end
    yaw = nearest_half_turn(push.angle, YAW)
    slow, fast = motion.push_speed, motion.travel_speed
    steps = max(1, math.ceil(math.dist((x0, y0), (x1, y1)) / 0.025))
    line = [
        Waypoint((x0 + (x1 - x0) * s / steps, y0 + (y1 - y0) * s / steps, z), yaw, slow)
        for s in range(1, steps + 1)
    ]
    down = [Waypoint((x0, y0, z + motion.hover * s), yaw, fast) for s in (1.0, 0.5, 0.0)]
    up = [Waypoint((x1, y1, z + motion.hover * s), yaw, fast) for s in (0.5, 1.0)]
    return down + line + up


class Gripper:
    """The closed gripper, carried by the UR5e or flying.

    Args:
        arm: Whether the arm carries it.
        workspace: The table.
    """

    def __init__(self, arm: bool, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kinematics: ToolKinematics | None = None
        if arm:
            self._kinematics = ToolKinematics(arm_only_model((0.0, 0.0, workspace.table_height)))
        self._joints = JOINTS if arm else FLYING_JOINTS

    def parked(self) -> Float[np.ndarray, " k"]:
        """Joint positions over the table's centre, high above the objects."""
        if self._kinematics is not None:
            return HOME
        x, y = self._workspace.centre
        return np.array([x, y, self._workspace.table_height + PARKED_ABOVE, YAW])

    def put(self, data: mujoco.MjData, q: Float[np.ndarray, " k"]) -> None:
        """Put the gripper's joints (the model's last) at rest at q, servos included."""
        k = len(self._joints)
        data.qpos[-k:] = q
        data.qvel[-k:] = 0.0
        data.ctrl[:] = q

    def path(self, waypoints: list[Waypoint]) -> Float[np.ndarray, "n k"]:
        """Joint positions at each waypoint of a push.

        Raises:
            Unreachable: Names the waypoint that the arm cannot reach.
        """
        if self._kinematics is not None:
            return joint_path(self._kinematics, waypoints)
        return np.array([[*w.position, w.yaw] for w in waypoints])

    def travel(
        self, data: mujoco.MjData, hover: Waypoint, q: Float[np.ndarray, " k"], above: float
    ) -> Float[np.ndarray, "steps k"]:
        """Set points from where the gripper is to a hover pose with joints q.

        Args:
            data: MuJoCo's state.
            hover: The pose to end in.
            q: Its joint positions.
            above: World height that the fingertips keep on the way, where the arm reaches it [m].
        """
        dt, start = float(data.model.opt.timestep), data.ctrl.copy()
        x, y, z = (float(v) for v in data.site(TOOL_SITE).xpos)
        height = max(above, z, hover.position[2])
        speed = 1.2 * hover.speed
        way = [Waypoint((x, y, height), hover.yaw, speed)]
        gap = math.dist((x, y), hover.position[:2])
        steps = max(1, math.ceil(gap / 0.05))
        for s in range(1, steps + 1):
            at = x + (hover.position[0] - x) * s / steps, y + (hover.position[1] - y) * s / steps
            way.append(Waypoint((*at, height), hover.yaw, speed))
        try:
            path = self._from(start, way)
        except Unreachable:
            path, way = np.array([start]), way[:1]
        first = Waypoint((x, y, z), hover.yaw, speed)
        return timed(np.concatenate([[start], path, [q]]), [first, *way, hover], dt)

    def _from(
        self, start: Float[np.ndarray, " k"], waypoints: list[Waypoint]
    ) -> Float[np.ndarray, "n k"]:
        if self._kinematics is None:
            return self.path(waypoints)
        return joint_path(self._kinematics, waypoints, start)
