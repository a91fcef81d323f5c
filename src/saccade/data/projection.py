"""Whether a demonstration's camera is where its matrices say: the hand must be where it is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from saccade.data.demonstrations import Demonstration
from saccade.errors import UserInputError
from saccade.worlds.cameras import pixels_from_points

AROUND = 0.05
"""How far from the tip, across the view, something of the hand is seen [m]."""
FARTHEST_GAP = 0.05
"""Largest distance in depth of the tip and of what is seen around it [m]."""


@dataclass(frozen=True)
class TipInView:
    """Where a demonstration's tip is in its images.

    Attributes:
        images: Number of images.
        behind: Those with the tip behind the camera.
        outside: Those with the tip off the image.
        elsewhere: Those in which nothing around the tip's pixel is as far away as the tip.
    """

    images: int
    behind: int
    outside: int
    elsewhere: int

    @property
    def seen(self) -> int:
        """Images that show something where the tip is."""
        return self.images - self.behind - self.outside - self.elsewhere


def tip_in_view(demonstration: Demonstration) -> TipInView:
    """Count the images of a demonstration by where its tip is in them."""
    pose, lens = demonstration.T_world_camera, demonstration.intrinsics
    tips = demonstration.tip_poses[demonstration.image_frames, :3].astype(np.float64)
    depths = (tips - pose[:3, 3]) @ pose[:3, 2]
    pixels = pixels_from_points(tips, lens, pose)
    height, width = demonstration.depth.shape[1:]
    behind = depths <= 0
    inside = ((pixels >= -0.5) & (pixels < (width - 0.5, height - 0.5))).all(axis=1)
    elsewhere = 0
    for index in np.flatnonzero(inside):
        column, row = (int(value) for value in np.rint(pixels[index]))
        reach = math.ceil(AROUND * lens.fx / depths[index])
        rows = slice(max(row - reach, 0), row + reach + 1)
        columns = slice(max(column - reach, 0), column + reach + 1)
        around = demonstration.depth[index, rows, columns].astype(np.float32)
        gaps = np.abs(around[around > 0] - depths[index])
        elsewhere += not gaps.min(initial=np.inf) <= FARTHEST_GAP
    outside = int((~behind & ~inside).sum())
    return TipInView(len(tips), int(behind.sum()), outside, elsewhere)


def check_projection(demonstration: Demonstration) -> None:
    """Refuse a demonstration in most images of which the hand is not where its matrices say.

    Raises:
        UserInputError: The message says how many images show what, and what was expected.
    """
    found = tip_in_view(demonstration)
    if 2 * found.seen >= found.images:
        return
    raise UserInputError(
        f"the camera of demonstration {demonstration.seed} of {demonstration.task} is not where "
        f"its matrices say: of {found.images} images the tip is behind the camera in "
        f"{found.behind}, off the image in {found.outside}, and nothing is seen at its distance "
        f"in {found.elsewhere}; expected T_world_camera from the camera to the world in OpenCV's "
        "convention (x right, y down, z forward), intrinsics of this image size, and metres"
    )
