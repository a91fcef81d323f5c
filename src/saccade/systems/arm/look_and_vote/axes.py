"""A hand's rotation as two axes: where it points (z), and along which its fingers close (y).

Both fingers are alike: a hand with nothing in it may close along y or along -y.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Axes = Float[np.ndarray, "*n 6"]
"""Unit vectors in the world: approach (3) and closing (3)."""


def axes_of(quaternions: Float[np.ndarray, "*n 4"]) -> Axes:
    """Approach and closing axes of rotations (w, x, y, z)."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    approach = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
    closing = (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x))
    return np.stack([*approach, *closing], axis=-1).astype(np.float32)


def quaternion_of(axes: Float[np.ndarray, "6"]) -> Float[np.ndarray, "4"]:
    """The rotation (w, x, y, z) of axes that need not be at right angles or of length one.

    The approach axis is kept; the closing axis is turned to be at right angles to it.
    """
    z = axes[:3] / np.linalg.norm(axes[:3])
    y = axes[3:] - z * (axes[3:] @ z)
    y /= np.linalg.norm(y)
    return _quaternion(np.stack([np.cross(y, z), y, z], axis=1))


def mirrored(axes: Axes) -> Axes:
    """Axes of the hand as the mirror y = 0 shows it, with its fingers swapped.

    So the hand that points down, unturned, is its own mirror image.
    """
    return axes * np.array([1, -1, 1, -1, 1, -1], axes.dtype)


def _quaternion(rotation: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "4"]:
    """The quaternion of a rotation: the eigenvector of Bar-Itzhack's symmetric matrix (2000)."""
    (a, b, c), (d, e, f), (g, h, i) = rotation
    k = np.array(
        [
            [a + e + i, h - f, c - g, d - b],
            [h - f, a - e - i, b + d, c + g],
            [c - g, b + d, e - a - i, f + h],
            [d - b, c + g, f + h, i - a - e],
        ]
    )
    q = np.linalg.eigh(k)[1][:, -1]
    return q if q[0] >= 0 else -q
