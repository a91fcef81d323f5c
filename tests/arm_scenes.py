"""Views of a table without a simulator, for tests of what looks at them."""

from __future__ import annotations

import numpy as np

from saccade.worlds.rgbd import Observation, Proprioception, RgbdView
from saccade.worlds.tabletop.camera import FrontCamera

BLOCK = (0.5, 0.1)
"""Middle of the block on the table [m]."""
SIDE, HEIGHT = 0.08, 0.06
"""Side and height of the block [m]."""


def table_view(
    block: tuple[float, float] | None = BLOCK, camera: FrontCamera | None = None
) -> RgbdView:
    """A grey table, the plane z = 0, and a red upright block on it, cast ray by ray."""
    camera = camera or FrontCamera()
    k, pose = camera.intrinsics, camera.T_world_camera
    v, u = np.mgrid[: camera.height, : camera.width].astype(float)
    rays = np.stack([(u - k.cx) / k.fx, (v - k.cy) / k.fy, np.ones_like(u)], axis=-1)
    rays = rays @ pose[:3, :3].T
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = -pose[2, 3] / rays[..., 2]
        depth = np.where((depth > 0) & (depth < 5), depth, 0.0)
        rgb = np.full((*depth.shape, 3), 120, np.uint8)
        if block is not None:
            low = np.array([block[0] - SIDE / 2, block[1] - SIDE / 2, 0.0])
            high = np.array([block[0] + SIDE / 2, block[1] + SIDE / 2, HEIGHT])
            sides = np.stack([(edge - pose[:3, 3]) / rays for edge in (low, high)])
            enter, leave = sides.min(axis=0).max(axis=-1), sides.max(axis=0).min(axis=-1)
            hit = (enter < leave) & (enter > 0)
            depth, rgb[hit] = np.where(hit, enter, depth), (200, 30, 30)
    return RgbdView(rgb, depth.astype(np.float32), k, pose)


def observation(view: RgbdView | None = None, opening: float = 1.0) -> Observation:
    """A hand above the table that points down, and what the camera sees: not the hand."""
    tip = np.array([0.45, 0.0, 0.35, 0.0, 1.0, 0.0, 0.0], np.float32)
    fingers = np.full(2, 0.04 * opening, np.float32)
    joints = np.zeros(7, np.float32)
    return Observation(view or table_view(), Proprioception(tip, opening, fingers, joints, joints))
