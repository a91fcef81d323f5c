"""Colour tables: heights, heat and directions. All are uint8 RGB."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from jaxtyping import Float, UInt8

Colour = tuple[int, int, int]

TABLE: Colour = (232, 232, 228)
INK: Colour = (32, 34, 40)
PAPER: Colour = (255, 255, 255)
PUSH: Colour = (222, 20, 84)
BEST: Colour = (0, 84, 200)
OTHER: Colour = (70, 74, 84)
MASK: Colour = (240, 110, 0)
BOX: Colour = (168, 92, 30)


def _cut(colormap: int, first: float, last: float) -> UInt8[np.ndarray, "256 3"]:
    """A stretch of an OpenCV colour map, `first` to `last` in [0, 1] (reversed if first > last)."""
    table = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], colormap)[:, 0, ::-1]
    position = np.linspace(first * 255, last * 255, 256)
    columns = [np.interp(position, np.arange(256), table[:, channel]) for channel in range(3)]
    return np.stack(columns, axis=1).round().astype(np.uint8)


@cache
def height_colours() -> UInt8[np.ndarray, "256 3"]:
    """Colours of heights: viridis without its palest end, which would vanish on grey."""
    return _cut(cv2.COLORMAP_VIRIDIS, 0.10, 0.95)


@cache
def heat_colours() -> UInt8[np.ndarray, "256 3"]:
    """Colours of heat: magma from pale to dark, so that high values stand out on light pictures."""
    return _cut(cv2.COLORMAP_MAGMA, 0.97, 0.42)


@cache
def direction_colours(n_directions: int = 16) -> UInt8[np.ndarray, "directions 3"]:
    """One hue a direction, all equally light: OKLCH with L = 0.70, C = 0.14."""
    hue = 2 * np.pi * np.arange(n_directions) / n_directions
    a, b = 0.14 * np.cos(hue), 0.14 * np.sin(hue)
    return oklab_to_rgb(np.stack([np.full(n_directions, 0.70), a, b], axis=1))


def oklab_to_rgb(oklab: Float[np.ndarray, "n 3"]) -> UInt8[np.ndarray, "n 3"]:
    """OKLab (Ottosson 2020) to sRGB; colours outside the gamut are clipped."""
    lightness, a, b = oklab.T
    cone = np.stack(
        [
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((to_linear @ cone**3).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (255 * encoded).round().astype(np.uint8)


def look_up(
    table: UInt8[np.ndarray, "256 3"], fraction: Float[np.ndarray, "*shape"]
) -> UInt8[np.ndarray, "*shape 3"]:
    """Colours of fractions in [0, 1]; what lies outside takes the nearest end, NaN the low end."""
    index = np.nan_to_num(np.clip(fraction, 0, 1) * 255).round().astype(np.uint8)
    return table[index]
