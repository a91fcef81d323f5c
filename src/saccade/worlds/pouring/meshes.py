"""Triangles of a cup: its hollow, its rim, its outer wall, what it stands on, and its handle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from saccade.worlds.pouring.cups import SIDES, CupShape

_STEPS, _AROUND = 8, 5
"""Steps along a handle, and points around its bar."""
_BAR, _OUT = 0.0045, 0.026
"""Radius of a handle's bar, and how far it is from the wall [m]."""


@dataclass(frozen=True)
class Mesh:
    """Triangles: vertices [m], their texture coordinates, and faces seen from outside."""

    vertices: Float[np.ndarray, "v 3"]
    places: Float[np.ndarray, "v 2"]
    faces: Int[np.ndarray, "f 3"]


def cup_mesh(shape: CupShape) -> Mesh:
    """A cup in its frame."""
    hollow = list(zip(shape.radii, np.array(shape.heights) + shape.floor, strict=True))
    outside = [(radius + shape.wall, height) for radius, height in reversed(hollow)]
    body = revolved(np.array([(0.0, shape.floor), *hollow, *outside, *_foot(shape)]))
    return joined(body, _handle(shape)) if shape.handle else body


def revolved(profile: Float[np.ndarray, "p 2"]) -> Mesh:
    """A profile of radii and heights [m], turned around the axis; its right side is outside."""
    turn = np.linspace(0, 2 * np.pi, SIDES + 1)
    points = np.empty((len(profile), SIDES + 1, 3))
    points[..., 0] = np.outer(profile[:, 0], np.cos(turn))
    points[..., 1] = np.outer(profile[:, 0], np.sin(turn))
    points[..., 2] = profile[:, 1:]
    places = np.empty((len(profile), SIDES + 1, 2))
    places[..., 0] = turn / (2 * np.pi)
    places[..., 1] = profile[:, 1:] / profile[:, 1].max()
    return Mesh(points.reshape(-1, 3), places.reshape(-1, 2), _grid(len(profile), SIDES + 1))


def joined(one: Mesh, other: Mesh) -> Mesh:
    """Two meshes as one."""
    return Mesh(
        np.concatenate([one.vertices, other.vertices]),
        np.concatenate([one.places, other.places]),
        np.concatenate([one.faces, other.faces + len(one.vertices)]),
    )


def _foot(shape: CupShape) -> list[tuple[float, float]]:
    """Profile (radius, height) [m] below the hollow, from outside to the axis."""
    bottom = shape.radii[0] + shape.wall
    if not shape.stem:
        return [(bottom, 0.0), (0.0, 0.0)]
    foot, under = 0.8 * max(shape.radii), shape.floor - 0.003
    stem = [(shape.stem, under - 0.004), (shape.stem, 0.006), (foot, 0.003), (foot, 0.0)]
    return [(0.7 * bottom, under), *stem, (0.0, 0.0)]


def _handle(shape: CupShape) -> Mesh:
    """A bar in half a ring beside the wall, at positive y."""
    high, low = 0.82 * shape.height, 0.22 * shape.height
    turn = np.linspace(-np.pi / 2, np.pi / 2, _STEPS)
    height = (high + low) / 2 + (high - low) / 2 * np.sin(turn)
    wall = np.array([shape.radius_at(h) for h in height])
    zero = np.zeros_like(turn)
    centre = np.stack([zero, wall - 0.002 + _OUT * np.cos(turn), height], -1)
    normal = np.stack([zero, np.cos(turn), np.sin(turn)], -1)
    around = np.linspace(0, 2 * np.pi, _AROUND + 1)[:, None]
    bar = np.cos(around) * normal[:, None] + np.sin(around) * np.array([1.0, 0.0, 0.0])
    points = centre[:, None] + _BAR * bar
    places = points[..., 1:] / shape.height
    return Mesh(points.reshape(-1, 3), places.reshape(-1, 2), _grid(_STEPS, _AROUND + 1))


def _grid(rows: int, columns: int) -> Int[np.ndarray, "f 3"]:
    """Triangles of a grid of vertices."""
    i, j = (v.ravel() for v in np.mgrid[: rows - 1, : columns - 1])
    a, c = i * columns + j, (i + 1) * columns + j
    return np.concatenate([np.stack([a, c, a + 1], -1), np.stack([a + 1, c, c + 1], -1)])
