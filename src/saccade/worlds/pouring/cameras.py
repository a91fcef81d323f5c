"""Where the cameras are in each frame: a head that moves slightly, and people who walk around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

MIDDLE = np.array([0.0, 0.0, 0.07])
"""Point that all cameras look at, nearly [m]."""


@dataclass(frozen=True)
class CameraPath:
    """Poses of a camera: eye [m], axes (columns right, up, backward), vertical field of view [rad]."""

    eyes: Float[np.ndarray, "n 3"]
    axes: Float[np.ndarray, "n 3 3"]
    fovy: Float[np.ndarray, "n"]


def first_person(rng: np.random.Generator, frames: int) -> CameraPath:
    """A head above the near edge of the table."""
    eye = np.array([0.0, -0.42, 0.42]) + rng.uniform(-0.04, 0.04, 3)
    eyes = eye + 0.02 * _drift(rng, frames, 3)
    looked = MIDDLE + rng.uniform(-0.02, 0.02, 3) + 0.01 * _drift(rng, frames, 3)
    return _path(eyes, looked, np.full(frames, rng.uniform(0.85, 0.95)))


def third_person(rng: np.random.Generator, frames: int, azimuth: float) -> CameraPath:
    """Somebody across the table who walks around it, comes nearer, and holds a camera by hand."""
    angle = np.clip(
        rng.uniform(-azimuth, azimuth) + 0.35 * _drift(rng, frames, 1)[:, 0], -azimuth, azimuth
    )
    rise = rng.uniform(0.35, 0.8) + 0.1 * _drift(rng, frames, 1)[:, 0]
    far = rng.uniform(0.7, 1.0) * (1 + 0.12 * _drift(rng, frames, 1)[:, 0])
    level = np.stack([np.sin(angle), np.cos(angle)], axis=-1) * np.cos(rise)[:, None]
    eyes = MIDDLE + far[:, None] * np.column_stack([level, np.sin(rise)])
    looked = MIDDLE + 0.02 * _drift(rng, frames, 3) + 0.004 * rng.normal(size=(frames, 3))
    fovy = rng.uniform(0.55, 0.65) * 0.85 / rng.uniform(0.75, 0.95)
    return _path(eyes, looked, np.full(frames, fovy))


def _drift(rng: np.random.Generator, frames: int, axes: int) -> Float[np.ndarray, "n axes"]:
    """Slow wandering, about -1 to 1, of each axis."""
    time = np.linspace(0, 1, frames)[:, None]
    pace, phase = rng.uniform(0.4, 1.6, axes), rng.uniform(0, 2 * np.pi, axes)
    return np.sin(2 * np.pi * pace * time + phase)


def _path(
    eyes: Float[np.ndarray, "n 3"], looked: Float[np.ndarray, "n 3"], fovy: Float[np.ndarray, "n"]
) -> CameraPath:
    back = eyes - looked
    back /= np.linalg.norm(back, axis=-1, keepdims=True)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    return CameraPath(eyes, np.stack([right, np.cross(back, right), back], axis=-1), fovy)
