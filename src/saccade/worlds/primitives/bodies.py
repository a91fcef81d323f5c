"""The bodies that pictures show: primitives, open cups, and hands of capsules."""

from __future__ import annotations

import math
from collections.abc import Callable

import mujoco
import numpy as np

BACKGROUND = "background"
KINDS = (BACKGROUND, "box", "ball", "cylinder", "capsule", "ellipsoid", "cup", "hand")
"""What a pixel may show, in the order of its numbers."""
RING = 14
"""Staves of a cup."""

_GEOM = mujoco.mjtGeom
_SIMPLE = {
    "box": _GEOM.mjGEOM_BOX,
    "ball": _GEOM.mjGEOM_SPHERE,
    "cylinder": _GEOM.mjGEOM_CYLINDER,
    "capsule": _GEOM.mjGEOM_CAPSULE,
    "ellipsoid": _GEOM.mjGEOM_ELLIPSOID,
}


def add_body(body: mujoco.MjsBody, kind: str, rng: np.random.Generator) -> None:
    """Give a body its geoms, of sizes at random; z is its axis."""
    rgba = (1.0, 1.0, 1.0, rng.uniform(0.25, 0.6) if rng.random() < 0.15 else 1.0)

    def add(form: mujoco.mjtGeom, size: tuple[float, ...], **where: object) -> None:
        whole = [*size, *[0.0] * (3 - len(size))]
        body.add_geom(type=form, size=whole, rgba=rgba, contype=0, conaffinity=0, **where)

    match kind:
        case "cup":
            _add_cup(add, rng)
        case "hand":
            _add_hand(add, rng)
        case _:
            add(_SIMPLE[kind], _sizes(kind, rng))


def _sizes(kind: str, rng: np.random.Generator) -> tuple[float, ...]:
    """Half sizes, or radius and half length [m]."""
    match kind:
        case "ball":
            return (rng.uniform(0.02, 0.06),)
        case "cylinder" | "capsule":
            return rng.uniform(0.01, 0.05), rng.uniform(0.02, 0.1)
        case _:
            return tuple(rng.uniform(0.015, 0.08, 3))


def _add_cup(add: Callable[..., None], rng: np.random.Generator) -> None:
    """A ring of staves that may widen upwards, a bottom, and perhaps something in it."""
    radius, half = rng.uniform(0.025, 0.05), rng.uniform(0.03, 0.07)
    lean = rng.uniform(0.0, 0.25)
    width = math.pi * (radius + half * lean) / RING * 1.15
    for turn in 2 * math.pi * np.arange(RING) / RING:
        about_z = np.array([math.cos(turn / 2), 0.0, 0.0, math.sin(turn / 2)])
        leaning = np.array([math.cos(lean / 2), 0.0, math.sin(lean / 2), 0.0])
        quaternion = np.empty(4)
        mujoco.mju_mulQuat(quaternion, about_z, leaning)
        place = [radius * math.cos(turn), radius * math.sin(turn), 0.0]
        add(_GEOM.mjGEOM_BOX, (0.002, width, half), pos=place, quat=quaternion)
    add(_GEOM.mjGEOM_CYLINDER, (radius * 0.9, 0.002), pos=[0, 0, 0.002 - half])


def _add_hand(add: Callable[..., None], rng: np.random.Generator) -> None:
    """A palm, fingers that bend, a thumb, and a forearm."""
    palm = rng.uniform((0.03, 0.012, 0.035), (0.045, 0.02, 0.05))
    add(_GEOM.mjGEOM_ELLIPSOID, tuple(palm))
    bend, thick = rng.uniform(0.0, 1.6), rng.uniform(0.007, 0.011)
    for across in np.linspace(-0.7, 0.7, 4) * palm[0]:
        knuckle = np.array([across, 0.0, palm[2] * 0.8])
        tip = knuckle + 0.05 * np.array([0.0, math.sin(bend), math.cos(bend)])
        add(_GEOM.mjGEOM_CAPSULE, (thick,), fromto=[*knuckle, *tip])
    side = palm[0] * rng.choice([-1.0, 1.0])
    add(_GEOM.mjGEOM_CAPSULE, (thick * 1.2,), fromto=[side, 0, 0, side * 1.6, 0.03, 0.035])
    wrist, elbow = [0, 0, -palm[2]], [*rng.uniform(-0.05, 0.05, 2), -0.3]
    add(_GEOM.mjGEOM_CAPSULE, (palm[0] * 0.7,), fromto=[*wrist, *elbow])
