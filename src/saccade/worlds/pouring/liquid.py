"""Liquid in a cup: the part of its hollow below a level plane, as a volume and as a surface.

That part is convex, so all of it is seen from any of its points: rays from a point of the level
plane through the rings of the hollow end on its surface, whatever the tilt.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from saccade.worlds.pouring.cups import SIDES, CupShape

RINGS = 6
"""Rings of the liquid's surface, from the floor to the rim."""
_SLICES = 48
_BISECTIONS = 24


def up_in_cup(tilts: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 3"]:
    """Direction up in the frame of a cup that is tilted towards its lip [rad]."""
    return np.stack([-np.sin(tilts), np.zeros_like(tilts), np.cos(tilts)], axis=-1)


def lip_level(shape: CupShape, tilts: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Height of the lip's inner edge along `up_in_cup` [m]."""
    return up_in_cup(tilts) @ np.array([shape.rim, 0.0, shape.height])


def volume(
    shape: CupShape, tilts: Float[np.ndarray, " n"], levels: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Volume of the hollow below a level plane [m3].

    Args:
        shape: The cup.
        tilts: Angle between its axis and the vertical [rad], 0 to pi.
        levels: Height of the plane along `up_in_cup` [m].
    """
    edges = np.linspace(0.0, shape.heights[-1], _SLICES + 1)
    z = (edges[:-1] + edges[1:]) / 2
    r = np.interp(z, shape.heights, shape.radii)
    # Across a slice, what lies below the plane is the segment x >= c of a circle.
    c = np.outer(np.cos(tilts), z + shape.floor) - levels[:, None]
    # A plane passes at least as gently as this: never a whole slice of an upright cup at a time.
    least = (edges[1] - edges[0]) / (2 * max(shape.radii))
    c = np.clip(c / np.maximum(np.sin(tilts), least)[:, None], -r, r)
    area = r**2 * np.arccos(c / r) - c * np.sqrt(r**2 - c**2)
    return area.sum(axis=1) * (edges[1] - edges[0])


def capacity(shape: CupShape, tilts: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Volume that the cup holds at each tilt [m3] before it flows over the lip."""
    return volume(shape, tilts, lip_level(shape, tilts))


def level_of(
    shape: CupShape, tilts: Float[np.ndarray, " n"], volumes: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Height of the level plane along `up_in_cup` [m] that so much liquid [m3] has."""
    low, high = _extremes(shape, up_in_cup(tilts))[1]
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        fuller = volume(shape, tilts, middle) > volumes
        low, high = np.where(fuller, low, middle), np.where(fuller, middle, high)
    return (low + high) / 2


def rings(shape: CupShape) -> Float[np.ndarray, "points 3"]:
    """Points of the hollow's surface in the cup's frame [m]: rings, then the floor's middle."""
    z = np.linspace(0.0, shape.heights[-1], RINGS)
    r = np.interp(z, shape.heights, shape.radii)
    angle = 2 * np.pi * np.arange(SIDES) / SIDES
    points = np.empty((RINGS, SIDES, 3))
    points[..., 0], points[..., 1] = np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle))
    points[..., 2] = z[:, None] + shape.floor
    return np.concatenate([points.reshape(-1, 3), [[0.0, 0.0, shape.floor]]])


def surface(
    shape: CupShape, tilts: Float[np.ndarray, " n"], levels: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n points 3"]]:
    """A point of the level plane, and the surface below it, in the cup's frame [m].

    The points are joined by `TRIANGLES`; the level surface itself is a fan from the first one to
    the last ring (`RIM`).
    """
    up = up_in_cup(tilts)
    (bottom, top), (low, high) = _extremes(shape, up)
    share = np.clip((levels - low) / (high - low), 0.0, 1.0)
    middle = bottom + share[:, None] * (top - bottom)
    rays = rings(shape) - middle[:, None]
    above = np.maximum(np.einsum("npk,nk->np", rays, up), 0.0)
    rays -= above[..., None] * up[:, None]
    normals, offsets = shape.half_spaces
    room = np.maximum(offsets - middle @ normals.T, 0.0)[:, None, :]
    share = (rays @ normals.T / np.maximum(room, 1e-9)).max(axis=-1)
    return middle, middle[:, None] + rays / np.maximum(share, 1e-9)[..., None]


def _triangles() -> Int[np.ndarray, "faces 3"]:
    """Triangles between the points of `rings`, seen from outside."""
    faces = []
    for ring in range(RINGS - 1):
        for i in range(SIDES):
            a, b = ring * SIDES + i, ring * SIDES + (i + 1) % SIDES
            faces += [(a, b, a + SIDES), (b, b + SIDES, a + SIDES)]
    faces += [(i, RINGS * SIDES, (i + 1) % SIDES) for i in range(SIDES)]
    return np.array(faces)


TRIANGLES = _triangles()
RIM = np.arange((RINGS - 1) * SIDES, RINGS * SIDES)
"""Points of the last ring, which bound the level surface, counterclockwise from above."""


def _extremes(
    shape: CupShape, up: Float[np.ndarray, "n 3"]
) -> tuple[
    tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]],
    tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]],
]:
    """Lowest and highest points of the hollow [m], and their heights along `up` [m]."""
    z, r = np.array(shape.heights) + shape.floor, np.array(shape.radii)
    points = np.concatenate([np.stack([s * r, np.zeros_like(r), z], axis=-1) for s in (1, -1)])
    heights = up @ points.T
    bottom, top = points[heights.argmin(axis=1)], points[heights.argmax(axis=1)]
    return (bottom, top), (heights.min(axis=1), heights.max(axis=1))
