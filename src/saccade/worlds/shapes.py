"""The eight toy blocks, as convex pieces that MuJoCo can collide, and their ten colours.

Dimensions are those of the authors' published scene (metres here). Every block is built about its
centre of mass, so that "the object's origin" of the outcome tests is the point that must fall in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
from jaxtyping import Float

DENSITY = 600.0
"""Density of wooden toys [kg/m^3]."""

ARC_SEGMENTS = 16
"""Facets that stand for the half-cylinder's half circle; the arch's cut has a quarter as many."""

COLOURS: dict[str, tuple[float, float, float]] = {
    "blue": (0.31, 0.47, 0.65),
    "green": (0.35, 0.63, 0.31),
    "brown": (0.61, 0.46, 0.37),
    "orange": (0.95, 0.56, 0.17),
    "yellow": (0.93, 0.79, 0.28),
    "grey": (0.73, 0.69, 0.67),
    "red": (1.00, 0.34, 0.35),
    "purple": (0.69, 0.48, 0.63),
    "cyan": (0.46, 0.72, 0.70),
    "pink": (1.00, 0.62, 0.66),
}


@dataclass(frozen=True)
class Piece:
    """One convex part of a block, in the block's frame.

    Attributes:
        kind: Form: "box" (half sizes), "cylinder" (radius, half length) or "hull" (its corners).
        size: Half sizes [m], for boxes and cylinders.
        position: Centre [m], for boxes and cylinders.
        corners: Corners [m] of a hull, (n, 3).
    """

    kind: str
    size: tuple[float, ...] = ()
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    corners: Float[np.ndarray, "n 3"] | None = None


@dataclass(frozen=True)
class Shape:
    """A toy block: convex pieces, and whether it can roll (it then gets rolling friction)."""

    name: str
    pieces: tuple[Piece, ...]
    rolls: bool = False


def _extruded(profile: list[tuple[float, float]], width: float) -> Float[np.ndarray, "n 3"]:
    """Corners of an (x, z) profile swept along y over a width [m]."""
    return np.array([(x, s * width / 2, z) for s in (-1, 1) for x, z in profile])


def _prism() -> Shape:
    base, height, width = 0.093, 0.049, 0.050
    low = -height / 3  # the centroid of a triangle lies a third up
    profile = [(-base / 2, low), (base / 2, low), (0.0, low + height)]
    return Shape("prism", (Piece("hull", corners=_extruded(profile, width)),))


def _half_cylinder() -> Shape:
    radius, width = 0.025, 0.050
    centroid = 4 * radius / (3 * math.pi)
    angles = np.linspace(0, math.pi, ARC_SEGMENTS + 1)
    profile = [(radius * math.cos(a), radius * math.sin(a) - centroid) for a in angles]
    return Shape("half_cylinder", (Piece("hull", corners=_extruded(profile, width)),), rolls=True)


def _arch() -> Shape:
    length, width, height, radius = 0.100, 0.050, 0.050, 0.025
    full, cut = length * height, math.pi * radius**2 / 2
    cut_centroid = 4 * radius / (3 * math.pi)
    centroid = (full * height / 2 - cut * cut_centroid) / (full - cut)
    leg = (length / 2 - radius) / 2
    legs = tuple(
        Piece("box", (leg, width / 2, height / 2), (s * (radius + leg), 0.0, height / 2 - centroid))
        for s in (-1.0, 1.0)
    )
    # Between the legs, each slice reaches from a chord of the arc up to the flat top.
    angles = np.linspace(0, math.pi, ARC_SEGMENTS // 4 + 1)
    arc = [(radius * math.cos(a), radius * math.sin(a)) for a in angles]
    slices = tuple(
        Piece(
            "hull",
            corners=_extruded(
                [
                    (x0, z0 - centroid),
                    (x1, z1 - centroid),
                    (x0, height - centroid),
                    (x1, height - centroid),
                ],
                width,
            ),
        )
        for (x0, z0), (x1, z1) in pairwise(arc)
    )
    return Shape("arch", legs + slices)


def _box(name: str, x: float, y: float, z: float) -> Shape:
    return Shape(name, (Piece("box", (x / 2, y / 2, z / 2)),))


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        _prism(),
        _arch(),
        _box("plate", 0.050, 0.050, 0.025),
        _box("slab", 0.100, 0.050, 0.025),
        _box("cube", 0.050, 0.050, 0.050),
        _box("pillar", 0.050, 0.050, 0.100),
        _half_cylinder(),
        Shape("cylinder", (Piece("cylinder", (0.0225, 0.025)),), rolls=True),
    )
}


def add_shape_meshes(spec: mujoco.MjSpec) -> None:
    """Register the hull pieces of all shapes as mesh assets of a scene."""
    for shape in SHAPES.values():
        for i, piece in enumerate(shape.pieces):
            if piece.corners is not None:
                spec.add_mesh(
                    name=f"{shape.name}_{i}",
                    uservert=piece.corners.astype(np.float32).ravel(),
                    inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX,
                )


def add_block(body: mujoco.MjsBody, shape: Shape, rgb: tuple[float, float, float], **geom) -> None:
    """Add a block's pieces as geoms of a body; `geom` holds contact settings for each of them."""
    kinds = {"box": mujoco.mjtGeom.mjGEOM_BOX, "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER}
    for i, piece in enumerate(shape.pieces):
        added = body.add_geom(rgba=[*rgb, 1.0], density=DENSITY, **geom)
        if piece.corners is None:
            added.type = kinds[piece.kind]
            added.size = [*piece.size, 0.0, 0.0][:3]
            added.pos = piece.position
        else:
            added.type = mujoco.mjtGeom.mjGEOM_MESH
            added.meshname = f"{shape.name}_{i}"
