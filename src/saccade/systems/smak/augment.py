"""Changes to the frames of a batch: what an embedding should not depend on.

Colours change by one affine map of RGB a frame, places by one crop; both are drawn with numpy's
generator, so that every device sees the same batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from saccade.checks import check_choice, check_shares
from saccade.errors import UserInputError

JitterOf = Literal["view", "image"]
JITTERS: tuple[JitterOf, ...] = get_args(JitterOf)
LARGEST_PAD = 4.0
CHANCE = 0.5
"""Probability of padding, and of cropping; the papers'."""
_GREY = np.array([0.299, 0.587, 0.114])
"""Share of each colour in the brightness that people see (ITU-R BT.601)."""
_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


@dataclass(frozen=True)
class AugmentConfig:
    """Random changes to frames in training; the defaults are weak. Frames are never mirrored.

    Attributes:
        jitter: What has one change of colour in common: all frames of a "view" in a step, or each
            "image" has its own (the papers').
        brightness: Largest change of brightness, of full brightness.
        contrast: Largest change of contrast, as a share.
        saturation: Largest change of saturation, as a share.
        hue: Largest turn of the hues [turns].
        shift: Largest shift, as a share of the side.
        pad: Largest side that a frame is padded to, in sides of the frame, with probability 0.5:
            what it shows becomes smaller. 1: never; the papers have 1.73.
        crop: Smallest share of the area that a frame is cropped to, with probability 0.5: what it
            shows becomes larger. 1: never; the papers have 0.8.
    """

    jitter: JitterOf = "view"
    brightness: float = 0.125
    contrast: float = 0.2
    saturation: float = 0.3
    hue: float = 0.03
    shift: float = 0.04
    pad: float = 1.0
    crop: float = 1.0

    def __post_init__(self) -> None:
        check_choice("augment.jitter", self.jitter, JITTERS)
        names = ("brightness", "contrast", "saturation", "hue", "shift", "crop")
        check_shares(self, *names, prefix="augment.")
        if not 1 <= self.pad <= LARGEST_PAD or self.crop == 0:
            raise UserInputError(
                f"augment.pad is {self.pad} and augment.crop {self.crop}; expected 1 to "
                f"{LARGEST_PAD:g} and above 0"
            )

    @property
    def changes_colours(self) -> bool:
        """Whether colours change."""
        return max(self.brightness, self.contrast, self.saturation, self.hue) > 0

    @property
    def changes_places(self) -> bool:
        """Whether places change."""
        return self.shift > 0 or self.pad > 1 or self.crop < 1


PAPER_AUGMENT = AugmentConfig(
    jitter="image",
    brightness=32 / 255,
    contrast=0.0,
    saturation=0.5,
    hue=0.0,
    shift=0.0,
    pad=math.sqrt(3),
    crop=0.8,
)
"""TCN's, which the paper names: brightness, saturation, scale."""
STRONG_AUGMENT = AugmentConfig(
    jitter="image", brightness=0.2, contrast=0.4, saturation=0.6, hue=0.1, shift=0.08, pad=1.25,
    crop=0.7,
)  # fmt: skip


def augment(
    frames: UInt8[Tensor, "n frames h w 3"], config: AugmentConfig, rng: np.random.Generator
) -> Float[Tensor, "n frames 3 h w"]:
    """Frames of one view, from 0 to 1, changed at random; those that belong together, alike."""
    n, count = frames.shape[:2]
    images = frames.permute(0, 1, 4, 2, 3).to(torch.float32) / 255
    if config.changes_places:
        images = _placed(images, draw_crops(n, config, rng))
    if config.changes_colours:
        drawn = 1 if config.jitter == "view" else n
        matrix, offset = draw_colours(drawn, config, rng)
        images = _coloured(images, matrix, offset)
    return images.reshape(n, count, *images.shape[2:])


def draw_colours(
    n: int, config: AugmentConfig, rng: np.random.Generator
) -> tuple[Float64[np.ndarray, "n 3 3"], Float64[np.ndarray, "n 3"]]:
    """Maps of RGB, x to A x + b: hue, saturation, contrast about middle grey, brightness."""
    saturation = 1 + _evenly(n, config.saturation, rng)
    contrast = 1 + _evenly(n, config.contrast, rng)
    turn = 2 * np.pi * _evenly(n, config.hue, rng)
    brightness = _evenly(n, config.brightness, rng)
    turned = np.zeros((n, 3, 3))
    turned[:, 0, 0] = 1
    turned[:, 1, 1] = turned[:, 2, 2] = np.cos(turn)
    turned[:, 1, 2], turned[:, 2, 1] = -np.sin(turn), np.sin(turn)
    hue = np.linalg.inv(_YIQ) @ turned @ _YIQ
    kept = saturation[:, None, None]
    matrix = (kept * np.eye(3) + (1 - kept) * np.tile(_GREY, (3, 1))) @ hue
    offset = 0.5 * (1 - contrast) + brightness
    return contrast[:, None, None] * matrix, np.repeat(offset[:, None], 3, axis=1)


def draw_crops(
    n: int, config: AugmentConfig, rng: np.random.Generator
) -> Float64[np.ndarray, "n 3"]:
    """Square windows x, y, side that are scaled to the frame; (0, 0, 1) is all of it."""
    x, y = (_evenly(n, config.shift, rng) for _ in range(2))
    side = np.ones(n)
    # Padding: a window of 1 / pad^2 to 1 of the padded area, wherever it fits.
    padded = rng.random(n) < CHANCE
    larger = np.sqrt(rng.uniform(config.pad**-2, 1, n)) * config.pad
    side = np.where(padded, larger, side)
    # Of the space that is left the window has any part, so that it may not cover the frame.
    space = np.where(padded, config.pad - side, 0)
    margin = np.where(padded, (config.pad - 1) / 2, 0)
    x, y = (start - margin + rng.random(n) * space for start in (x, y))
    cropped = rng.random(n) < CHANCE
    smaller = np.where(cropped, np.sqrt(rng.uniform(config.crop, 1, n)), 1)
    x, y = (start + rng.random(n) * (1 - smaller) * side for start in (x, y))
    return np.stack([x, y, side * smaller], axis=1)


def _placed(
    images: Float[Tensor, "n frames 3 h w"], crops: Float64[np.ndarray, "n 3"]
) -> Float[Tensor, "n frames 3 h w"]:
    """The windows, scaled to the frame; what is beyond the edge has the colour of the edge."""
    x, y, side = torch.from_numpy(crops).to(images.device, torch.float32).T
    zero = torch.zeros_like(x)
    # From -1 to 1 across the output: the window's middle, and half of its side.
    rows = [[side, zero, 2 * x + side - 1], [zero, side, 2 * y + side - 1]]
    theta = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    flat = images.flatten(1, 2)
    grid = F.affine_grid(theta, list(flat.shape), align_corners=False)
    moved = F.grid_sample(flat, grid, padding_mode="border", align_corners=False)
    return moved.view(images.shape)


def _coloured(
    images: Float[Tensor, "n frames 3 h w"],
    matrix: Float64[np.ndarray, "m 3 3"],
    offset: Float64[np.ndarray, "m 3"],
) -> Float[Tensor, "n frames 3 h w"]:
    """Frames with their colours mapped, and cut to 0 to 1."""
    a, b = (torch.from_numpy(one).to(images.device, images.dtype) for one in (matrix, offset))
    n, frames, _, height, width = images.shape
    points = images.transpose(1, 2).reshape(n, 3, -1)
    mapped = (a @ points + b[:, :, None]).clamp(0, 1)
    return mapped.view(n, 3, frames, height, width).transpose(1, 2)


def _evenly(n: int, size: float, rng: np.random.Generator) -> Float64[np.ndarray, " n"]:
    """Numbers from -size to size."""
    return rng.uniform(-size, size, n)
