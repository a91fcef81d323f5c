"""Building blocks of objects: primitives and hollow things made of them.

Every object's frame has its origin at the middle of its bottom, so that z = 0 stands on the table.
`at` is the place of a part's centre in the object's frame.
"""

from __future__ import annotations

import math
from typing import Any

import mujoco

from saccade.worlds.tabletop.pose import ORIGIN, Pose, Vector

Colour = tuple[float, float, float]

RED, ORANGE, YELLOW = (0.80, 0.12, 0.12), (0.95, 0.50, 0.10), (0.95, 0.80, 0.15)
GREEN, BLUE, PURPLE = (0.13, 0.55, 0.22), (0.10, 0.30, 0.75), (0.50, 0.20, 0.60)
WHITE, STEEL, BLACK = (0.95, 0.95, 0.95), (0.62, 0.65, 0.70), (0.10, 0.10, 0.12)
BROWN, PINK, CYAN = (0.42, 0.26, 0.15), (0.95, 0.45, 0.60), (0.20, 0.70, 0.75)

SOLID: dict[str, Any] = {
    "condim": 4,
    "friction": [1.2, 0.01, 0.0001],
    "solref": [0.004, 1.0],
    "solimp": [0.95, 0.99, 0.001, 0.5, 2.0],
    "group": 0,
}
"""Contacts in which a grasped thing neither slips nor creeps (elliptic cones, impratio 10)."""


def _geom(
    body: mujoco.MjsBody, kind: mujoco.mjtGeom, size: list[float], colour: Colour, at: Pose,
    solid: bool, friction: float | None,
) -> mujoco.MjsGeom:  # fmt: skip
    contact = dict(SOLID)
    if friction is not None:
        contact["friction"] = [friction, *SOLID["friction"][1:]]
    if not solid:
        contact |= {"contype": 0, "conaffinity": 0}
    return body.add_geom(
        type=kind, size=size, rgba=[*colour, 1.0], pos=at.position, quat=at.quaternion, **contact
    )


def box(
    body: mujoco.MjsBody, size: Vector, colour: Colour, at: Pose = ORIGIN, *,
    solid: bool = True, friction: float | None = None,
) -> mujoco.MjsGeom:  # fmt: skip
    """Add a box with sides of `size` [m]; one that is not solid is only seen."""
    half = [s / 2 for s in size]
    return _geom(body, mujoco.mjtGeom.mjGEOM_BOX, half, colour, at, solid, friction)


def cylinder(
    body: mujoco.MjsBody, radius: float, height: float, colour: Colour, at: Pose = ORIGIN, *,
    solid: bool = True, friction: float | None = None,
) -> mujoco.MjsGeom:  # fmt: skip
    """Add a cylinder along z [m]."""
    size = [radius, height / 2, 0.0]
    return _geom(body, mujoco.mjtGeom.mjGEOM_CYLINDER, size, colour, at, solid, friction)


def sphere(
    body: mujoco.MjsBody, radius: float, colour: Colour, at: Pose = ORIGIN, *,
    solid: bool = True, friction: float | None = None,
) -> mujoco.MjsGeom:  # fmt: skip
    """Add a sphere [m]."""
    size = [radius, 0.0, 0.0]
    return _geom(body, mujoco.mjtGeom.mjGEOM_SPHERE, size, colour, at, solid, friction)


def capsule(
    body: mujoco.MjsBody, radius: float, length: float, colour: Colour, at: Pose = ORIGIN, *,
    solid: bool = True, friction: float | None = None,
) -> mujoco.MjsGeom:  # fmt: skip
    """Add a capsule along z, `length` [m] from end to end."""
    size = [radius, length / 2 - radius, 0.0]
    return _geom(body, mujoco.mjtGeom.mjGEOM_CAPSULE, size, colour, at, solid, friction)


def tube(
    body: mujoco.MjsBody, radius: float, height: float, wall: float, colour: Colour,
    at: Pose = ORIGIN, *, sides: int = 12, solid: bool = True, friction: float | None = None,
) -> None:  # fmt: skip
    """Add a round wall along z, open above and below, of `sides` flat plates.

    Args:
        body: Body to add it to.
        radius: Outer radius, to the middle of a plate [m].
        height: Height [m].
        wall: Thickness [m].
        colour: Colour.
        at: Place of its centre.
        sides: Number of plates.
        solid: Whether it touches things.
        friction: Coefficient of sliding friction, if not the usual one.
    """
    width = 2 * radius * math.tan(math.pi / sides)
    for i in range(sides):
        plate = at @ Pose.at(yaw=2 * math.pi * i / sides) @ Pose.at(x=radius - wall / 2)
        box(body, (wall, width, height), colour, plate, solid=solid, friction=friction)


def tray(
    body: mujoco.MjsBody, size: Vector, wall: float, colour: Colour, at: Pose = ORIGIN, *,
    friction: float | None = None,
) -> None:  # fmt: skip
    """Add a floor and four walls, open above; `size` [m] is outer, `at` its bottom's middle."""
    x, y, z = size
    box(body, (x, y, wall), colour, at @ Pose.at(z=wall / 2), friction=friction)
    for side in (-1, 1):
        along_y = at @ Pose.at(x=side * (x - wall) / 2, z=z / 2)
        along_x = at @ Pose.at(y=side * (y - wall) / 2, z=z / 2)
        box(body, (wall, y, z), colour, along_y, friction=friction)
        box(body, (x - 2 * wall, wall, z), colour, along_x, friction=friction)
