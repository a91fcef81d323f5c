"""Pixels of many views at once: their colours and the world points that they show."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, Shaped, UInt8

from saccade.worlds.cameras import Intrinsics

Images = Float[np.ndarray, "n h w 6"]
"""Colours in -1..1 and world points [m]."""


def camera_numbers(
    intrinsics: Intrinsics, T_world_camera: Float[np.ndarray, "4 4"]
) -> Float[np.ndarray, "16"]:
    """A camera as numbers: fx, fy, cx, cy, rotation (9) and position (3) in the world."""
    k, pose = intrinsics, T_world_camera
    return np.array([k.fx, k.fy, k.cx, k.cy, *pose[:3, :3].ravel(), *pose[:3, 3]], np.float32)


def seen_at(
    rgb: UInt8[np.ndarray, "n h w 3"],
    depth: Float[np.ndarray, "n h w"],
    cameras: Float[np.ndarray, "n 16"],
    columns: Int[np.ndarray, "n *p"],
    rows: Int[np.ndarray, "n *p"],
) -> Float[np.ndarray, "n *p 6"]:
    """What the pixels at `columns` and `rows` of each view show.

    Where no depth was measured, the point is the camera's own.
    """
    n = len(rgb)
    each = np.arange(n).reshape(n, *[1] * (columns.ndim - 1))
    images = np.empty((*columns.shape, 6), np.float32)
    images[..., :3] = rgb[each, rows, columns]
    images[..., :3] *= np.float32(1 / 127.5)
    images[..., :3] -= 1
    d = depth[each, rows, columns].astype(np.float32)
    images[..., 3:] = points_of(d, cameras, columns, rows)
    return images


def points_of(
    depth: Float[np.ndarray, "n *p"],
    cameras: Float[np.ndarray, "n 16"],
    columns: Shaped[np.ndarray, "n *p"],
    rows: Shaped[np.ndarray, "n *p"],
) -> Float[np.ndarray, "n *p 3"]:
    """World points [m] at pixels of given depths [m]."""
    n = len(depth)
    c = cameras.reshape(n, 16, *[1] * (depth.ndim - 1))
    right = (columns - c[:, 2]) / c[:, 0] * depth
    down = (rows - c[:, 3]) / c[:, 1] * depth
    axes = [
        c[:, 4 + 3 * i] * right + c[:, 5 + 3 * i] * down + c[:, 6 + 3 * i] * depth + c[:, 13 + i]
        for i in range(3)
    ]
    return np.stack(axes, axis=-1).astype(np.float32)
