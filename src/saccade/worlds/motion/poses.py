"""Poses as arrays (7): position [m] and unit quaternion (w, x, y, z); lines between them."""

from __future__ import annotations

import math

import mink
import numpy as np
from jaxtyping import Float

from saccade.errors import UserInputError

SHORTEST_QUATERNION = 1e-6
"""A quaternion shorter than this says nothing of a rotation."""


def checked_pose(pose: Float[np.ndarray, "7"]) -> Float[np.ndarray, "7"]:
    """The pose in double precision with a quaternion of unit length.

    Raises:
        UserInputError: It has a number that is not finite, or a quaternion without a length.
    """
    pose = np.array(pose, dtype=float)
    if pose.shape != (7,) or not np.isfinite(pose).all():
        raise UserInputError(
            f"the tip pose is {np.round(pose, 4).tolist()}; expected 7 finite numbers: x, y, z [m] "
            "and a quaternion (w, x, y, z)"
        )
    length = float(np.linalg.norm(pose[3:]))
    if length < SHORTEST_QUATERNION:
        raise UserInputError(
            f"the tip pose's quaternion is {pose[3:].tolist()}; expected one of unit length"
        )
    pose[3:] /= length
    return pose


def transform(pose: Float[np.ndarray, "7"]) -> mink.SE3:
    """The pose as mink takes it."""
    return mink.SE3(np.concatenate([pose[3:], pose[:3]]))


def pose_distance(a: Float[np.ndarray, "7"], b: Float[np.ndarray, "7"]) -> tuple[float, float]:
    """Distance [m] and angle [rad] between two poses."""
    inverse = a[3:] * (1, -1, -1, -1)
    w = float(a[3:] @ b[3:])
    v = inverse[0] * b[4:] + b[3] * inverse[1:] + np.cross(inverse[1:], b[4:])
    return math.dist(a[:3], b[:3]), 2 * math.atan2(float(np.linalg.norm(v)), abs(w))


def straight_line(
    start: Float[np.ndarray, "7"],
    end: Float[np.ndarray, "7"],
    step: float,
    turn: float,
) -> Float[np.ndarray, "n 7"]:
    """Poses on the straight line between two, evenly turned the shorter way, the start left out.

    Args:
        start: First pose.
        end: Last pose.
        step: Longest way between neighbours [m].
        turn: Largest turn between neighbours [rad].
    """
    distance, angle = pose_distance(start, end)
    count = max(1, math.ceil(distance / step), math.ceil(angle / turn))
    shares = np.arange(1, count + 1)[:, None] / count
    positions = start[:3] + shares * (end[:3] - start[:3])
    return np.concatenate([positions, _slerp(start[3:], end[3:], shares)], axis=1)


def _slerp(
    a: Float[np.ndarray, "4"], b: Float[np.ndarray, "4"], shares: Float[np.ndarray, "n 1"]
) -> Float[np.ndarray, "n 4"]:
    """Quaternions evenly between two, the shorter way."""
    dot = float(a @ b)
    b, dot = (-b, -dot) if dot < 0 else (b, dot)
    angle = math.acos(min(dot, 1.0))
    if angle < 1e-6:
        mixed = (1 - shares) * a + shares * b
    else:
        mixed = np.sin((1 - shares) * angle) * a + np.sin(shares * angle) * b
    return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
