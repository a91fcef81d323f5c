"""Colours and textures of a split: what tests paint things with, training never draws."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import UInt8

from saccade.data.tracking.synthetic import textures
from saccade.worlds.pouring.config import Split

_SECTORS = 12
_TEST_SECTORS = (1, 4, 7, 10)
"""Twelfths of the wheel of hues that only tests draw from; the others are training's."""
_GREYS: dict[Split, tuple[tuple[float, float], ...]] = {
    "train": ((0.08, 0.4), (0.65, 0.95)),
    "test": ((0.45, 0.6),),
}
"""Ranges of the value of colours that are nearly grey."""

Rgba = tuple[float, float, float, float]
OPAQUE = 1.0


@dataclass(frozen=True)
class Paint:
    """A colour and what modulates it.

    Attributes:
        rgba: Colour and opacity, 0 to 1.
        texture: Texture that is multiplied with the colour.
        repeat: Number of times that the texture is laid along each of its axes.
        shine: Strength of highlights, 0 to 1.
    """

    rgba: Rgba = (1.0, 1.0, 1.0, OPAQUE)
    texture: UInt8[np.ndarray, "h w 3"] | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    shine: float = 0.2


def sector_of(hue: float) -> int:
    """Twelfth of the wheel of hues in which a hue from 0 to 1 is."""
    return int(hue * _SECTORS) % _SECTORS


def draw_rgb(
    rng: np.random.Generator, split: Split, vivid: float = 0.7
) -> tuple[float, float, float]:
    """Draw a colour of a split; a share `vivid` of them is not nearly grey."""
    if rng.random() >= vivid:
        ranges = _GREYS[split]
        low, high = ranges[int(rng.integers(len(ranges)))]
        grey = rng.uniform(low, high)
        return colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.0, 0.06), grey)
    sectors = [s for s in range(_SECTORS) if (s in _TEST_SECTORS) == (split == "test")]
    hue = (int(rng.choice(sectors)) + rng.random()) / _SECTORS
    return colorsys.hsv_to_rgb(hue, rng.uniform(0.35, 1.0), rng.uniform(0.35, 1.0))


def draw_paint(
    rng: np.random.Generator, split: Split, opacity: float = OPAQUE, vivid: float = 0.7
) -> Paint:
    """Draw a plain colour, dull or shining."""
    return Paint((*draw_rgb(rng, split, vivid), opacity), shine=rng.uniform(0.0, 0.5))


def draw_texture(
    rng: np.random.Generator, split: Split, side: int
) -> UInt8[np.ndarray, "side side 3"]:
    """Draw a square texture: a photograph, cloth, or a pattern of the split."""
    kind = rng.random()
    if kind < 0.35:
        material = textures.photo_material(rng, split)
    elif kind < 0.6:
        material = textures.cloth_material(rng, split)
    else:
        material = _draw_pattern(rng, split, side)
    return np.clip(material(rng, (side, side)), 0, 255).astype(np.uint8)


def _draw_pattern(rng: np.random.Generator, split: Split, side: int) -> textures.Material:
    """A pattern of two colours of the split."""
    colours = [255 * np.array(draw_rgb(rng, split, 0.6), np.float32) for _ in range(2)]
    angle, period = rng.uniform(0, np.pi), side * rng.uniform(0.06, 0.3)
    kinds: dict[Split, list[textures.Material]] = {
        "train": [
            partial(textures.stripes, colours=colours, angle=angle, period=period),
            partial(textures.stripes, colours=colours, angle=angle, period=-period),
            partial(textures.mottled, colours=colours, cells=int(rng.integers(2, 9))),
            partial(textures.flat, base=colours[0], grain=rng.uniform(0.03, 0.3)),
        ],
        "test": [
            partial(textures.lettering, colours=colours),
            partial(_dots, colours=colours, period=period),
            partial(_rings, colours=colours, period=period),
        ],
    }
    of_split = kinds[split]
    return of_split[int(rng.integers(len(of_split)))]


def _dots(
    rng: np.random.Generator, size: textures.Size, colours: list[textures.Colour], period: float
) -> textures.Picture:
    """Dots in rows."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    off = [(v / period + rng.random()) % 1 - 0.5 for v in (y, x)]
    inside = (np.hypot(*off) < rng.uniform(0.2, 0.4))[..., None]
    return np.where(inside, colours[0], colours[1]).astype(np.float32)


def _rings(
    rng: np.random.Generator, size: textures.Size, colours: list[textures.Colour], period: float
) -> textures.Picture:
    """Uneven rings around a far centre, as in a board of wood."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    centre = rng.uniform(-1.5, -0.3, 2) * size
    distance = np.hypot(y - centre[0], x - centre[1]) / period + textures.noise(rng, size)
    share = (0.5 + 0.5 * np.cos(2 * np.pi * distance))[..., None]
    return (share * colours[0] + (1 - share) * colours[1]).astype(np.float32)
