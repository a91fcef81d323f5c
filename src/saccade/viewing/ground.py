"""The ground that overlays are drawn on: a height map in colour, or in quiet greys."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.viewing.checks import check_map, check_scale
from saccade.viewing.colours import TABLE, height_colours, look_up

Rgb = UInt8[np.ndarray, "_ _ 3"]

_SEEN_HEIGHT = 0.003
"""Least height that is not the table, or noise on it [m]."""


def draw_heightmap(
    heightmap: Float[np.ndarray, "rows cols"], scale: int = 2, top: float = 0.10
) -> Rgb:
    """Heights in colour, the table and what was not seen in grey.

    `heightmap` is in metres above the table; `top` is the height that takes the last colour.
    Steps are shaded as if lit from the upper left, so that blocks of one height stay apart.
    """
    check_map(heightmap, "heightmap")
    check_scale(scale)
    height = np.nan_to_num(heightmap.astype(np.float32), posinf=top, neginf=0.0)
    colour = look_up(height_colours(), height / top).astype(np.float32)
    colour *= 1 + 0.28 * _relief(height)[..., None]
    colour[height < _SEEN_HEIGHT] = TABLE
    return _enlarge(np.clip(colour, 0, 255).round().astype(np.uint8), scale)


def draw_faded(heightmap: Float[np.ndarray, "rows cols"], scale: int = 2, top: float = 0.10) -> Rgb:
    """Heights in greys (higher is darker): a quiet ground on which colour carries the meaning."""
    check_map(heightmap, "heightmap")
    check_scale(scale)
    height = np.nan_to_num(heightmap.astype(np.float32), posinf=top, neginf=0.0)
    seen = height >= _SEEN_HEIGHT
    grey = 208 - 88 * np.clip(height / top, 0, 1) + 18 * _relief(height)
    grey = np.where(seen, grey, 244).clip(0, 255).round().astype(np.uint8)
    return _enlarge(np.repeat(grey[..., None], 3, axis=2), scale)


def blend(picture: Rgb, colour: np.ndarray, opacity: np.ndarray, scale: int) -> Rgb:
    """`colour` (3,) or (rows, cols, 3) laid over `picture` with `opacity` (rows, cols) in [0, 1].

    `picture` is `scale` times larger than `opacity`.
    """
    alpha = _enlarge(opacity.astype(np.float32), scale)[..., None]
    over = colour if colour.ndim == 1 else _enlarge(colour, scale)
    return (picture * (1 - alpha) + over * alpha).round().astype(np.uint8)


def _relief(height: Float[np.ndarray, "rows cols"]) -> Float[np.ndarray, "rows cols"]:
    """Slope towards a light in the upper left, in [-1, 1]; a step of 20 mm a pixel saturates."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)
    slope += cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)
    return np.clip(slope / (8 * 0.02), -1, 1)


def _enlarge(image: np.ndarray, scale: int) -> np.ndarray:
    return np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
