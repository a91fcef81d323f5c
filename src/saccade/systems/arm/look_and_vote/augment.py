"""Variations of examples: another view of the same scene, another light, a foreign object in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.systems.arm.look_and_vote.config import AugmentConfig
from saccade.systems.arm.look_and_vote.images import Images

FOREIGN_PIXELS = (4, 20)
"""Least and largest side of a foreign object, in pixels of the image."""
NOISE = 0.02
"""Standard deviation of the noise of each colour of each pixel, of -1..1."""

FLAT, BEHIND = 0.006, -0.3
"""Largest height of a point that is the table's, and x of the points behind the robot [m]."""


@dataclass(frozen=True)
class Sampling:
    """Pixels (column x, row y) of n images that are seen, and which views are mirrored.

    Attributes:
        columns: Columns of the pixels.
        rows: Rows of the pixels.
        mirror: Which are mirrored at y = 0; their columns run from the right.
    """

    columns: Int[np.ndarray, "n h w"]
    rows: Int[np.ndarray, "n h w"]
    mirror: Bool[np.ndarray, " n"]


def draw_sampling(
    n: int,
    height: int,
    width: int,
    stride: int,
    settings: AugmentConfig,
    rng: np.random.Generator,
) -> Sampling:
    """Every `stride`-th pixel of images that are shifted, turned, zoomed and mirrored by chance.

    A view that is varied so is what a camera nearby would see, up to parallax; each pixel keeps
    the world point that it shows.
    """
    mirror = rng.random(n) < (0.5 if settings.mirror else 0.0)
    angle = rng.uniform(-settings.turn, settings.turn, n)
    size = np.exp(rng.uniform(-settings.zoom, settings.zoom, n))
    shift = rng.uniform(-settings.shift, settings.shift, (n, 2))
    phase = rng.integers(0, stride, (n, 2))
    y, x = np.mgrid[:height:stride, :width:stride].astype(np.float32)
    x = x[None] + phase[:, 0, None, None] - (width - 1) / 2
    y = y[None] + phase[:, 1, None, None] - (height - 1) / 2
    c, s = ((f(angle) * size).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    middle = (np.array([width - 1, height - 1]) / 2 + shift).astype(np.float32)
    columns = np.rint(c * x - s * y + middle[:, 0, None, None]).astype(np.int64)
    rows = np.rint(s * x + c * y + middle[:, 1, None, None]).astype(np.int64)
    columns = np.where(mirror[:, None, None], columns[:, :, ::-1], columns)
    return Sampling(columns.clip(0, width - 1), rows.clip(0, height - 1), mirror)


def plain_sampling(n: int, height: int, width: int, stride: int) -> Sampling:
    """Every `stride`-th pixel of images as they are."""
    rows, columns = np.mgrid[:height:stride, :width:stride]
    grid = (n, *rows.shape)
    return Sampling(np.broadcast_to(columns, grid), np.broadcast_to(rows, grid), np.zeros(n, bool))


def vary_colours(images: Images, light: float, deviation: float, rng: np.random.Generator) -> None:
    """Change each image's light, gain and offset of its colours in place, add noise to pixels."""
    n = len(images)
    brightness = np.exp(light * rng.standard_normal((n, 1, 1, 1))).astype(np.float32)
    gain = np.exp(deviation * rng.standard_normal((n, 1, 1, 3))).astype(np.float32)
    offset = (deviation * rng.standard_normal((n, 1, 1, 3))).astype(np.float32)
    colours = images[..., :3]
    colours += 1  # black is -1
    colours *= brightness
    colours -= 1
    colours *= gain
    colours += offset
    colours += NOISE * rng.standard_normal(colours.shape, np.float32)


def repaint(images: Images, share: float, rng: np.random.Generator) -> None:
    """Give the table, and what lies below and behind it, other colours in some images, in place.

    Each keeps how its brightness and texture vary. What stands on the table keeps its colours.
    """
    for image in map(images.__getitem__, np.flatnonzero(rng.random(len(images)) < share)):
        height = image[..., 5]
        behind = (height < -FLAT) | (image[..., 3] < BEHIND)
        for region in (behind, ~behind & (height <= FLAT)):
            if region.any():
                shade = image[region, :3] - image[region, :3].mean(axis=0)
                image[region, :3] = (rng.uniform(-1, 1, 3) + shade).clip(-1, 1)


def add_foreign(
    images: Images,
    shares: Float[np.ndarray, "n h w"],
    camera_positions: Float[np.ndarray, "n 3"],
    share: float,
    stride: int,
    rng: np.random.Generator,
) -> None:
    """Draw an upright board of a random colour into a share of the views, in place.

    It stands where its lower edge meets what is there; where to look is not covered.
    """
    n, h, w = shares.shape
    for i in np.flatnonzero(rng.random(n) < share):
        low, high = (max(1, side // stride) for side in FOREIGN_PIXELS)
        height, width = rng.integers(low, high + 1, 2)
        top, left = rng.integers(0, h - height), rng.integers(0, w - width)
        region = np.s_[i, top : top + height, left : left + width]
        if shares[region].sum() > 0:
            continue
        images[region][..., :3] = rng.uniform(-1, 1, 3)
        foot = images[i, top + height - 1, left : left + width, 3:]
        _stand_up(images[region][..., 3:], foot, camera_positions[i])


def _stand_up(
    points: Float[np.ndarray, "h w 3"], foot: Float[np.ndarray, "w 3"], camera: np.ndarray
) -> None:
    """Move points along their rays to the vertical board over the foot, in place.

    The board faces the camera: on it, the distance to the camera in the horizontal plane is that
    of its foot.
    """
    rays = points - camera
    level = np.linalg.norm(rays[..., :2], axis=-1)
    wanted = np.linalg.norm(foot[:, :2] - camera[:2], axis=-1)
    points[...] = camera + rays * (wanted[None] / np.maximum(level, 1e-6))[..., None]
