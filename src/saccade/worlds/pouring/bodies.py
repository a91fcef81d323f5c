"""Where everything that moves is, frame by frame: the arm's bones and three bodies of liquid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from saccade.worlds.pouring import liquid
from saccade.worlds.pouring.cups import SIDES, CupShape
from saccade.worlds.pouring.hand import HandShape
from saccade.worlds.pouring.plan import GRAVITY, Plan
from saccade.worlds.pouring.script import Course

_RINGS, _AROUND = 8, 8
"""Rings of the stream, and points of each."""
_THINNEST, _THICKEST = 0.002, 0.0045
"""Radius of the stream when it dwindles, and at its strongest [m]."""
_INSIDE = 0.985
"""Share of the hollow's radius that liquid takes, so that it never shows through the wall."""
_PUDDLE, _FILM = 0.06, 0.002
"""Radius of the largest puddle, and how far its surface is above the table [m]."""
_EMPTY = 1e-7
"""Volume below which a cup shows no liquid [m3]."""


@dataclass(frozen=True)
class Surface:
    """A surface that changes its form: points [m] and normals in the world in each frame."""

    points: Float[np.ndarray, "n p 3"]
    normals: Float[np.ndarray, "n p 3"]
    faces: Int[np.ndarray, "f 3"]


def arm_bones(
    plan: Plan, course: Course, shape: HandShape
) -> tuple[Float[np.ndarray, "n b 3"], Float[np.ndarray, "n b 3"]]:
    """Ends of the bones of hand and arm in the world [m], in the order of `HandShape.radii`."""
    radius = plan.source.radius_at(plan.hold)
    cos, sin = np.cos(plan.grip), np.sin(plan.grip)
    rotation = course.rotation @ np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    hand = [
        course.hand[:, None] + np.einsum("nij,nbj->nbi", rotation, side)
        for side in shape.bones(radius, course.aperture)
    ]
    arm = shape.arm(radius, course.hand, rotation)
    starts, ends = (np.concatenate(parts, axis=1) for parts in zip(hand, arm, strict=True))
    return starts, ends


def liquids(plan: Plan, course: Course) -> dict[str, Surface]:
    """The liquid in the source, in the target, between them, and what is spilled on the table."""
    n = len(course.tilt)
    still, stands = np.broadcast_to(np.eye(3), (n, 3, 3)), np.broadcast_to(plan.target_at, (n, 3))
    poured, received = course.volumes.T
    found = {
        "liquid_source": _in_cup(plan.source, course.tilt, poured, course.rotation, course.source),
        "liquid_target": _in_cup(plan.target, np.zeros(n), received, still, stands),
        "stream": _stream(plan, course),
    }
    return found if plan.hits else found | {"puddle": _puddle(plan, course)}


def stream_centre(plan: Plan, course: Course) -> Float[np.ndarray, "n rings 3"]:
    """Middle of the falling liquid [m], from the lip to the surface in the target or the table."""
    levels = np.zeros(len(course.tilt))
    if plan.hits:
        levels = liquid.level_of(plan.target, levels, course.volumes[:, 1])
    fall = course.lip[:, 2] - (plan.target_at[2] + levels)
    time = np.sqrt(2 * np.maximum(fall, 1e-4) / GRAVITY)[:, None] * np.linspace(0, 1, _RINGS)
    centre = course.lip[:, None] + plan.speed * time[..., None] * plan.direction
    centre[..., 2] -= GRAVITY / 2 * time**2
    return centre


def stream_radius(course: Course) -> Float[np.ndarray, " n"]:
    """Radius of the falling liquid [m]; 0 where nothing falls."""
    share = np.sqrt(course.flow / max(float(course.flow.max()), 1e-12))
    return np.where(share > 0, _THINNEST + (_THICKEST - _THINNEST) * share, 0.0)


def _in_cup(
    shape: CupShape,
    tilts: Float[np.ndarray, " n"],
    volumes: Float[np.ndarray, " n"],
    rotation: Float[np.ndarray, "n 3 3"],
    place: Float[np.ndarray, "n 3"],
) -> Surface:
    """Liquid in a cup at these poses: what wets the wall, then the level surface as a fan."""
    levels = liquid.level_of(shape, tilts, volumes)
    middle, points = liquid.surface(shape, tilts, levels)
    lid = np.concatenate([points[:, liquid.RIM], middle[:, None]], axis=1)
    up = liquid.up_in_cup(tilts)
    outward = points * [1.0, 1.0, 0.0]
    outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-9)
    # In the level plane, wall and level surface lie on each other: they must be shaded alike.
    level = np.einsum("npk,nk->np", points, up) > (levels - 1e-6)[:, None]
    outward = np.where(level[..., None], up[:, None], outward)
    inside = np.concatenate([points, lid], axis=1) * [_INSIDE, _INSIDE, 1.0]
    inside[volumes < _EMPTY] = (0.0, 0.0, shape.floor)
    normals = np.concatenate([outward, np.broadcast_to(up[:, None], lid.shape)], axis=1)
    return Surface(
        place[:, None] + np.einsum("nij,npj->npi", rotation, inside),
        np.einsum("nij,npj->npi", rotation, normals),
        _cup_faces(),
    )


def _stream(plan: Plan, course: Course) -> Surface:
    """A tube around the falling liquid."""
    angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
    around = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    centre = stream_centre(plan, course)[:, :, None]
    points = centre + stream_radius(course)[:, None, None, None] * around
    normals = np.broadcast_to(around, points.shape)
    n = len(points)
    return Surface(points.reshape(n, -1, 3), normals.reshape(n, -1, 3), _tube_faces())


def _puddle(plan: Plan, course: Course) -> Surface:
    """A disc on the table, of what was spilled."""
    spilled = plan.filled - course.volumes.sum(axis=1)
    wide = _PUDDLE * np.sqrt(spilled / max(float(spilled.max()), 1e-12))
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    edge = np.stack([np.cos(angle), 0.8 * np.sin(angle), np.zeros_like(angle)], axis=-1)
    disc = np.concatenate([edge, np.zeros((1, 3))])
    last = stream_centre(plan, course)[:, -1] * [1.0, 1.0, 0.0] + [0.0, 0.0, _FILM]
    landed = last[int(np.argmax(course.flow > 0))]
    points = landed + wide[:, None, None] * disc
    normals = np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    ring = np.arange(SIDES)
    faces = np.stack([np.full(SIDES, SIDES), ring, (ring + 1) % SIDES], axis=-1)
    return Surface(points, normals, faces)


def _cup_faces() -> Int[np.ndarray, "f 3"]:
    """Triangles of the wetted wall and of the level surface above it."""
    count = int(liquid.TRIANGLES.max()) + 1
    ring = np.arange(SIDES)
    middle = np.full(SIDES, count + SIDES)
    lid = np.stack([middle, count + ring, count + (ring + 1) % SIDES], axis=-1)
    return np.concatenate([liquid.TRIANGLES, lid])


def _tube_faces() -> Int[np.ndarray, "f 3"]:
    """Triangles between the rings of the stream, the upper ring of each pair first."""
    ring, i = (v.ravel() for v in np.mgrid[: _RINGS - 1, :_AROUND])
    a, b = ring * _AROUND + i, ring * _AROUND + (i + 1) % _AROUND
    lower = np.stack([a, a + _AROUND, b], axis=-1)
    upper = np.stack([b, a + _AROUND, b + _AROUND], axis=-1)
    return np.concatenate([lower, upper])
