"""Triangles of a cup: its wall inside and outside, its rim, floor, stem and handle."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from saccade.worlds.pouring.cups import SIDES, CupShape

HANDLE_STEPS, HANDLE_SIDES = 8, 5
HANDLE_RADIUS = 0.0045
"""Radius of a handle's bar [m]."""


def cup_mesh(
    shape: CupShape,
) -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "f 3"], Float[np.ndarray, "v 2"]]:
    """Vertices [m], faces and texture coordinates of a cup in its frame."""
    z, r = np.array(shape.heights), np.array(shape.radii)
    inner = [(0.0, shape.floor), *zip(r, z + shape.floor, strict=True)]
    outer = [(a + shape.wall, b) for a, b in reversed(inner[1:])]
    profile = [*inner, *outer, *_foot(shape)]
    vertices, faces, where = _revolved(np.array(profile))
    if shape.handle:
        more, more_faces, more_where = _handle(shape)
        faces = np.concatenate([faces, more_faces + len(vertices)])
        vertices, where = np.concatenate([vertices, more]), np.concatenate([where, more_where])
    return vertices, faces, where


def _foot(shape: CupShape) -> list[tuple[float, float]]:
    """Profile (radius, height) [m] below the hollow, from outside to the axis."""
    bottom = shape.radii[0] + shape.wall
    if not shape.stem:
        return [(bottom, 0.0), (0.0, 0.0)]
    foot = 0.8 * max(shape.radii)
    under = shape.floor - 0.003
    return [(bottom * 0.7, under), (shape.stem, under - 0.004), (shape.stem, 0.005), (foot, 0.003),
            (foot, 0.0), (0.0, 0.0)]  # fmt: skip


def _revolved(
    profile: Float[np.ndarray, "p 2"],
) -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "f 3"], Float[np.ndarray, "v 2"]]:
    """A profile (radius, height) [m], turned around the axis; outside lies right of its way."""
    turn = np.linspace(0, 2 * np.pi, SIDES + 1)
    points = np.empty((len(profile), SIDES + 1, 3))
    points[..., 0] = np.outer(profile[:, 0], np.cos(turn))
    points[..., 1] = np.outer(profile[:, 0], np.sin(turn))
    points[..., 2] = profile[:, 1:]
    where = np.empty((len(profile), SIDES + 1, 2))
    where[..., 0] = turn / (2 * np.pi)
    where[..., 1] = profile[:, 1:] / profile[:, 1].max()
    faces = _grid(len(profile), SIDES + 1)
    return points.reshape(-1, 3), faces, where.reshape(-1, 2)


def _grid(rows: int, columns: int) -> Int[np.ndarray, "f 3"]:
    """Triangles of a grid of vertices."""
    i, j = np.mgrid[: rows - 1, : columns - 1].reshape(2, -1)
    a, b, c, d = (v.ravel() for v in (i * columns + j, i * columns + j + 1,
                                     (i + 1) * columns + j, (i + 1) * columns + j + 1))  # fmt: skip
    return np.concatenate([np.stack([a, c, b], -1), np.stack([b, c, d], -1)])


def _handle(
    shape: CupShape,
) -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "f 3"], Float[np.ndarray, "v 2"]]:
    """A bar in half a ring beside the wall, at positive y."""
    high, low = 0.82 * shape.height, 0.22 * shape.height
    turn = np.linspace(-np.pi / 2, np.pi / 2, HANDLE_STEPS)
    around = np.linspace(0, 2 * np.pi, HANDLE_SIDES + 1)
    middle, half = (high + low) / 2, (high - low) / 2
    wall = np.interp(
        middle + half * np.sin(turn), [low, high], [shape.radius_at(low), shape.radius_at(high)]
    )
    out = wall - 0.002 + 0.026 * np.cos(turn)
    normal = np.stack([np.zeros_like(turn), np.cos(turn), np.sin(turn)], -1)
    centre = np.stack([np.zeros_like(turn), out, middle + half * np.sin(turn)], -1)
    bar = np.cos(around)[None, :, None] * normal[:, None] + np.sin(around)[
        None, :, None
    ] * np.array([1.0, 0, 0])
    points = centre[:, None] + HANDLE_RADIUS * bar
    where = np.broadcast_to(points[..., 1:] / shape.height, (*points.shape[:2], 2))
    return points.reshape(-1, 3), _grid(HANDLE_STEPS, HANDLE_SIDES + 1), where.reshape(-1, 2)
