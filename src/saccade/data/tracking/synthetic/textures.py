"""Pictures that fill shapes and backgrounds: pieces of photographs, cloth, patterns, noise.

All are float32 RGB in 0..255; the functions take the size (height, width) [px].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from jaxtyping import Float

from saccade.data.tracking.synthetic.config import Split
from saccade.data.tracking.synthetic.photographs import SOURCES, faces, photograph

Picture = Float[np.ndarray, "_ _ 3"]
Plane = Float[np.ndarray, "_ _"]
Colour = Float[np.ndarray, "3"]
Size = tuple[int, int]
Material = Callable[[np.random.Generator, Size], Picture]
"""Maker of pieces of one texture, which have the same colours and differ in place."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_FROM_YIQ = np.linalg.inv(_TO_YIQ)


def noise(rng: np.random.Generator, size: Size, coarsest: int = 3, octaves: int = 4) -> Plane:
    """Smooth noise of several octaves (value noise), about -1 to 1."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        cells = min(coarsest << octave, max(size))
        grid = rng.uniform(-1, 1, (cells + 1, cells + 1)).astype(np.float32)
        total += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC) * 0.6**octave
    return total * 0.7


def colour(rng: np.random.Generator) -> Colour:
    """A colour as things have them: often grey, black, white or dull, sometimes vivid."""
    if rng.random() < 0.4:
        grey = rng.choice([20, 45, 90, 140, 200, 235]) + rng.normal(0, 12)
        rgb = grey + rng.normal(0, 8, 3)
    else:
        hue, saturation, value = rng.random(), rng.beta(1.3, 2), rng.uniform(40, 250)
        wheel = np.abs((hue * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1
        rgb = value * (1 - saturation * (1 - np.clip(wheel, 0, 1)))
    return np.clip(rgb, 5, 250).astype(np.float32)


def skin(rng: np.random.Generator) -> Colour:
    """A colour of skin."""
    light = rng.uniform(0.3, 1.0)
    return (light * np.array([232, 186, 156]) + rng.normal(0, 8, 3)).astype(np.float32)


def earth(rng: np.random.Generator) -> Colour:
    """A colour of ground and walls: asphalt, concrete, sand, soil, grass, snow."""
    known = [(70, 70, 75), (150, 148, 142), (190, 170, 135), (110, 85, 60), (85, 110, 55)]
    known += [(225, 228, 235), (140, 90, 70), (200, 195, 180)]
    rgb = np.array(known[int(rng.integers(len(known)))]) * rng.uniform(0.7, 1.15)
    return np.clip(rgb + rng.normal(0, 10, 3), 5, 250).astype(np.float32)


def colour_shift(rng: np.random.Generator, strength: float = 1.0) -> Float[np.ndarray, "3 4"]:
    """A random change of hue, saturation, gain and offset, for `cv2.transform`."""
    turn = rng.normal(0, 0.2 * strength)
    if rng.random() < 0.15 * strength:
        turn = rng.uniform(-np.pi, np.pi)
    saturation = max(0.0, 1 + strength * rng.uniform(-0.9, 0.4))
    cos, sin = saturation * np.cos(turn), saturation * np.sin(turn)
    chroma = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    gain = np.exp(rng.normal(0, 0.2 * strength)) * np.exp(rng.normal(0, 0.08 * strength, 3))
    matrix = gain[:, None] * (_FROM_YIQ @ chroma @ _TO_YIQ)
    offset = rng.normal(0, 12 * strength)
    return np.column_stack([matrix, np.full(3, offset)]).astype(np.float32)


def recoloured(picture: Picture, shift: Float[np.ndarray, "3 4"]) -> Picture:
    """The picture after `colour_shift`."""
    return np.clip(cv2.transform(picture, shift), 0, 255)


def photo_patch(
    rng: np.random.Generator, split: Split, name: str, size: Size, zoom: tuple[float, float]
) -> Picture:
    """A random piece of a photograph, mirrored at random.

    Args:
        rng: Generator that chooses where it is and how large.
        split: Set of photographs.
        name: Name of the photograph.
        size: Height and width [px].
        zoom: Smallest and largest number of the photograph's pixels a pixel of the patch.
    """
    pixels = photograph(split, name)
    most = min(pixels.shape[0] / size[0], pixels.shape[1] / size[1])
    high = max(0.05, min(zoom[1], most))
    scale = np.exp(rng.uniform(np.log(min(zoom[0], high)), np.log(high)))
    h, w = (max(1, int(side * scale)) for side in size)
    top = int(rng.integers(0, pixels.shape[0] - h + 1))
    left = int(rng.integers(0, pixels.shape[1] - w + 1))
    patch = pixels[top : top + h, left : left + w]
    patch = patch[:, ::-1] if rng.random() < 0.5 else patch
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(patch), size[::-1], interpolation=how).astype(np.float32)


def flat(rng: np.random.Generator, size: Size, base: Colour, grain: float = 0.1) -> Picture:
    """One colour with faint noise, coarse and fine: painted metal, plain cloth, skin."""
    shade = 1 + grain * noise(rng, size, 2, 3)
    shade += 0.25 * grain * rng.standard_normal(size, np.float32)
    return np.clip(shade[..., None] * base, 0, 255)


def stripes(
    rng: np.random.Generator, size: Size, colours: list[Colour], angle: float, period: float
) -> Picture:
    """Stripes, or with a negative period checks, of two colours."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    along = (x * np.cos(angle) + y * np.sin(angle)) / abs(period) + rng.random()
    mask = (along % 1) < 0.5
    if period < 0:
        across = (y * np.cos(angle) - x * np.sin(angle)) / abs(period) + rng.random()
        mask ^= (across % 1) < 0.5
    soft = cv2.blur(mask.astype(np.float32), (2, 2))[..., None]
    return (1 - soft) * colours[0] + soft * colours[1]


def gradient(rng: np.random.Generator, size: Size, colours: list[Colour], angle: float) -> Picture:
    """A gradient from one colour to another, with a little noise."""
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j].astype(np.float32)
    share = 0.5 + 0.4 * (x * np.cos(angle) + y * np.sin(angle)) + 0.1 * noise(rng, size)
    share = np.clip(share, 0, 1)[..., None]
    return ((1 - share) * colours[0] + share * colours[1]).astype(np.float32)


def mottled(rng: np.random.Generator, size: Size, colours: list[Colour], cells: int) -> Picture:
    """Two colours mixed by noise: stone, leaves, camouflage, fur."""
    share = np.clip(0.5 + 0.8 * noise(rng, size, cells, 4), 0, 1)[..., None]
    return (1 - share) * colours[0] + share * colours[1]


def lettering(rng: np.random.Generator, size: Size, colours: list[Colour]) -> Picture:
    """Lines of short bars, as print looks from afar."""
    picture = flat(rng, size, colours[0], 0.05)
    line = max(3, int(size[0] * rng.uniform(0.08, 0.25)))
    for top in range(line // 2, size[0] - line // 2, line + max(1, line // 2)):
        x = int(rng.integers(1, line + 1))
        while x < size[1] - 1:
            width = int(rng.integers(max(1, line // 3), line + 2))
            if rng.random() < 0.8:
                picture[top : top + max(1, int(line * 0.6)), x : x + width] = colours[1]
            x += width + max(1, line // 3)
    return picture


def face(rng: np.random.Generator, size: Size, grey: Plane, tint: Colour) -> Picture:
    """A face from a small grey picture, in a colour of skin."""
    light = cv2.resize(grey, size[::-1], interpolation=cv2.INTER_CUBIC)
    light = np.clip(light, 0, 1)[..., None] * (1.5 + 0.04 * rng.normal())
    return np.clip(light * tint, 0, 255).astype(np.float32)


def tinted_patch(
    rng: np.random.Generator, size: Size, split: Split, name: str, zoom: tuple[float, float],
    shift: Float[np.ndarray, "3 4"],
) -> Picture:  # fmt: skip
    """A piece of a photograph in other colours."""
    return recoloured(photo_patch(rng, split, name, size, zoom), shift)


def cloth(
    rng: np.random.Generator, size: Size, split: Split, name: str, base: Colour, depth: float
) -> Picture:
    """One colour over the light and dark of a piece of a photograph."""
    luma = photo_patch(rng, split, name, size, (0.5, 2.5)) @ _LUMA
    shade = 1 + depth * (luma - luma.mean()) / (3 * luma.std() + 8)
    return np.clip(shade[..., None] * base, 0, 255).astype(np.float32)


def photo_material(
    rng: np.random.Generator, split: Split, names: list[str] | None = None
) -> Material:
    """Pieces of one photograph in other colours."""
    name = str(rng.choice(names or list(SOURCES[split])))
    shift = colour_shift(rng)
    zoom = float(np.exp(rng.uniform(np.log(0.7), np.log(5))))
    zooms = (zoom * 0.8, zoom * 1.25)
    return partial(tinted_patch, split=split, name=name, zoom=zooms, shift=shift)


def cloth_material(rng: np.random.Generator, split: Split) -> Material:
    """One colour over the light and dark of a photograph: creases, folds, dirt."""
    name, base = str(rng.choice(list(SOURCES[split]))), colour(rng)
    depth = rng.uniform(0.15, 0.7)
    return partial(cloth, split=split, name=name, base=base, depth=depth)


def pattern_material(rng: np.random.Generator) -> Material:
    """A procedural texture of two colours."""
    colours = [colour(rng), colour(rng)]
    angle, period = rng.uniform(0, np.pi), rng.uniform(3, 14) * rng.choice([-1, 1])
    kinds: list[Material] = [
        partial(flat, base=colours[0], grain=rng.uniform(0.03, 0.35)),
        partial(stripes, colours=colours, angle=angle, period=period),
        partial(gradient, colours=colours, angle=angle),
        partial(mottled, colours=colours, cells=int(rng.integers(2, 9))),
        partial(lettering, colours=colours),
    ]
    return kinds[int(rng.choice(5, p=[0.35, 0.15, 0.15, 0.2, 0.15]))]


def face_material(rng: np.random.Generator, split: Split, tint: Colour) -> Material:
    """One person's face."""
    known = faces(split)
    grey = known[int(rng.integers(len(known)))]
    return partial(face, grey=grey, tint=tint)


def any_material(rng: np.random.Generator, split: Split) -> Material:
    """Photograph, cloth or pattern."""
    kind = rng.random()
    if kind < 0.4:
        return photo_material(rng, split)
    return cloth_material(rng, split) if kind < 0.7 else pattern_material(rng)
