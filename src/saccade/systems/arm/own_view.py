"""A user's own view, as the camera would have seen it that a policy was trained with."""

from __future__ import annotations

import cv2
import numpy as np

from saccade.worlds.cameras import Intrinsics
from saccade.worlds.rgbd import RgbdView


def resampled(view: RgbdView, intrinsics: Intrinsics, height: int, width: int) -> RgbdView:
    """The view of a camera with other pinhole parameters at the same place.

    Colours are means over what a pixel covers, depths those of its middle; what the view does not
    show is black and has no depth.

    Args:
        view: View.
        intrinsics: Pinhole parameters wanted [pixels].
        height: Rows wanted.
        width: Columns wanted.
    """
    k, given = intrinsics, view.intrinsics
    if (k, height, width) == (given, view.height, view.width):
        return view
    columns = (np.arange(width) - k.cx) / k.fx * given.fx + given.cx
    rows = (np.arange(height) - k.cy) / k.fy * given.fy + given.cy
    x, y = np.meshgrid(np.rint(columns).astype(int), np.rint(rows).astype(int))
    seen = (x >= 0) & (x < view.width) & (y >= 0) & (y < view.height)
    x, y = x.clip(0, view.width - 1), y.clip(0, view.height - 1)
    covered = max(1, round(given.fx / k.fx)), max(1, round(given.fy / k.fy))
    smooth = cv2.blur(view.rgb, covered)
    rgb = np.where(seen[..., None], smooth[y, x], 0).astype(np.uint8)
    depth = np.where(seen, view.depth[y, x], 0).astype(np.float32)
    return RgbdView(rgb, depth, intrinsics, view.T_world_camera)
