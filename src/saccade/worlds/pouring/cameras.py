"""Where the cameras are in each frame: a head that moves slightly, and people who walk around.

Every camera keeps in view what happens; how closely, how steadily and from where is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.plan import Plan
from saccade.worlds.pouring.script import Course

_HEAD = np.array([0.0, -0.4, 0.5])
"""Mean place of the head [m]."""
_SPAN = 0.03
"""Half the width of a cup or of a hand, which has to fit in [m]."""
_SHOWN = 0.9
"""Share of the frames for which the narrowest view is wide enough."""
_WIDEST = 1.9
"""Widest field of view [rad]."""


@dataclass(frozen=True)
class CameraPath:
    """Poses of a camera in each frame.

    Attributes:
        eyes: Optical centre [m].
        axes: Columns right, up and backward.
        fovy: Vertical field of view [rad].
    """

    eyes: Float[np.ndarray, "n 3"]
    axes: Float[np.ndarray, "n 3 3"]
    fovy: Float[np.ndarray, " n"]


def interest(plan: Plan, course: Course) -> Float[np.ndarray, "n p 3"]:
    """Points that a view should show [m]: both cups' bottoms and rims, and the hand."""
    n = len(course.tilt)
    target = plan.target_at + np.array([[0.0, 0.0, 0.0], [0.0, 0.0, plan.target.height]])
    top = course.source + plan.source.height * course.rotation[:, :, 2]
    moving = np.stack([course.source, top, course.hand], axis=1)
    return np.concatenate([np.broadcast_to(target, (n, 2, 3)), moving], axis=1)


def first_person(
    rng: np.random.Generator, shown: Float[np.ndarray, "n p 3"], config: PouringConfig
) -> CameraPath:
    """The view of the one who pours, whose head follows what happens a little."""
    n = len(shown)
    eyes = _HEAD + rng.uniform(-1, 1, 3) * [0.06, 0.05, 0.06] + 0.02 * _drift(rng, n, 3)
    middle = 0.6 * _middle(shown).mean(axis=0) + 0.4 * _smooth(_middle(shown))
    looked = middle + 0.01 * _drift(rng, n, 3)
    return _framed(eyes, looked, shown, rng.uniform(1.02, 1.2) + 0.03 * _drift(rng, n, 1), config)


def third_person(
    rng: np.random.Generator, shown: Float[np.ndarray, "n p 3"], config: PouringConfig
) -> CameraPath:
    """The view of somebody across the table who walks, zooms, and holds the camera by hand."""
    n = len(shown)
    most = config.azimuth
    azimuth = rng.uniform(-most, most) + rng.uniform(0.05, 0.35) * most * _drift(rng, n, 1)[:, 0]
    azimuth = np.clip(azimuth, -most, most)
    rise = rng.uniform(0.45, 0.95) + 0.08 * _drift(rng, n, 1)[:, 0]
    far = rng.uniform(0.6, 1.0) * (1 + 0.1 * _drift(rng, n, 1)[:, 0])
    level = np.stack([np.sin(azimuth), np.cos(azimuth)], axis=-1) * np.cos(rise)[:, None]
    still = _middle(shown).mean(axis=0)
    eyes = still + far[:, None] * np.column_stack([level, np.sin(rise)])
    shake = rng.uniform(0.0, 0.005) * rng.normal(size=(n, 3))
    looked = 0.6 * still + 0.4 * _smooth(_middle(shown)) + 0.012 * _drift(rng, n, 3) + shake
    zoom = rng.uniform(1.02, 1.25) + 0.06 * _drift(rng, n, 1)
    return _framed(eyes, looked, shown, zoom, config)


def _middle(shown: Float[np.ndarray, "n p 3"]) -> Float[np.ndarray, "n 3"]:
    """Middle of what is to be seen [m]."""
    return (shown.min(axis=1) + shown.max(axis=1)) / 2


def _smooth(path: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """A way without its quick turns."""
    reach = max(1, len(path) // 8)
    padded = np.concatenate([path[:1].repeat(reach, 0), path, path[-1:].repeat(reach, 0)])
    total = np.cumsum(np.concatenate([np.zeros((1, 3)), padded]), axis=0)
    return (total[2 * reach + 1 :] - total[: -2 * reach - 1]) / (2 * reach + 1)


def _drift(rng: np.random.Generator, frames: int, axes: int) -> Float[np.ndarray, "n axes"]:
    """Slow wandering, from -1 to 1, of each axis."""
    time = np.linspace(0, 1, frames)[:, None]
    pace, phase = rng.uniform(0.3, 1.5, axes), rng.uniform(0, 2 * np.pi, axes)
    return np.sin(2 * np.pi * pace * time + phase)


def _framed(
    eyes: Float[np.ndarray, "n 3"],
    looked: Float[np.ndarray, "n 3"],
    shown: Float[np.ndarray, "n p 3"],
    room: Float[np.ndarray, "n 1"],
    config: PouringConfig,
) -> CameraPath:
    """A camera that looks there, wide enough for what is to be seen in nearly all frames.

    Args:
        eyes: Optical centre [m].
        looked: Point in the middle of the image [m].
        shown: Points that should be in view [m].
        room: Width of the view as a share of the width that is needed.
        config: Settings; the shape of the image counts.
    """
    back = eyes - looked
    back /= np.linalg.norm(back, axis=-1, keepdims=True)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    axes = np.stack([right, np.cross(back, right), back], axis=-1)
    seen = np.einsum("nji,npj->npi", axes, shown - eyes[:, None])
    across = (np.abs(seen[..., :2]) + _SPAN) / np.maximum(-seen[..., 2:], 0.1)
    needed = np.quantile((across * [config.height / config.width, 1.0]).max(axis=(1, 2)), _SHOWN)
    fovy = np.minimum(2 * np.arctan(needed * room[:, 0]), _WIDEST)
    return CameraPath(eyes, axes, fovy)
