"""Backgrounds: photographs, streets of boxes over ground, textures; with still things in them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.data.tracking.synthetic import outlines, textures
from saccade.data.tracking.synthetic.bodies import choose_kind
from saccade.data.tracking.synthetic.config import Split, SyntheticConfig
from saccade.data.tracking.synthetic.items import draw, make_item
from saccade.data.tracking.synthetic.motion import make_pose
from saccade.data.tracking.synthetic.photographs import GROUNDS, SCENES, SOURCES
from saccade.data.tracking.synthetic.sprites import Paint, coverage, make_body, make_parts
from saccade.data.tracking.synthetic.textures import Colour, Picture, Size


def make_scenery(
    rng: np.random.Generator, size: Size, config: SyntheticConfig
) -> UInt8[np.ndarray, "h w 3"]:
    """A still world, larger than the frame.

    Args:
        rng: Generator that chooses what it shows.
        size: Height and width [px].
        config: Settings, of which `split`, `clutter` and `height` are used.
    """
    kind = rng.random()
    if kind < 0.55:
        picture = _photograph(rng, config.split, size)
    elif kind < 0.9:
        picture = _street(rng, config.split, size)
    else:
        picture = textures.any_material(rng, config.split)(rng, size)
    picture = _exposed(_lit(rng, picture))
    for _ in range(int(rng.integers(0, config.clutter + 1))):
        _paste(rng, picture, config)
    for _ in range(int(rng.integers(0, config.clutter // 4 + 1))):
        _place_body(rng, picture, config)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _photograph(rng: np.random.Generator, split: Split, size: Size) -> Picture:
    names = SCENES[split] if rng.random() < 0.75 else list(SOURCES[split])
    picture = textures.photo_patch(rng, split, str(rng.choice(names)), size, (0.9, 3.5))
    return textures.recoloured(picture, textures.colour_shift(rng, 0.6))


def _street(rng: np.random.Generator, split: Split, size: Size) -> Picture:
    """Sky or wall above, ground below, boxes and bushes between."""
    horizon = int(size[0] * rng.uniform(0.2, 0.7))
    picture = np.empty((*size, 3), np.float32)
    picture[:horizon] = _backdrop(rng, split, (horizon, size[1]))
    for _ in range(int(rng.integers(0, 7))):
        _building(rng, split, picture, horizon)
    picture[horizon:] = _ground(rng, split, (size[0] - horizon, size[1]))
    for _ in range(int(rng.integers(0, 8))):
        side = size[0] * rng.uniform(0.05, 0.35)
        green = np.array([rng.uniform(20, 90), rng.uniform(50, 130), rng.uniform(15, 70)])
        leaves = _leaves(rng, split, (int(side) + 4, int(side * 1.3) + 4), green)
        centre = (int(rng.integers(size[1])), horizon + int(rng.normal(0, 0.1) * size[0]))
        _stamp(picture, leaves, outlines.foliage(rng), centre)
    return picture


def _leaves(rng: np.random.Generator, split: Split, size: Size, green: Colour) -> Picture:
    name = str(rng.choice(GROUNDS[split]))
    luma = textures.photo_patch(rng, split, name, size, (1.0, 3.0)) / 128
    return (luma**1.5 * green * (1 + 0.5 * textures.noise(rng, size))[..., None]).astype(np.float32)


def _backdrop(rng: np.random.Generator, split: Split, size: Size) -> Picture:
    kind = rng.random()
    if kind < 0.4:
        return _photograph(rng, split, size)
    if kind < 0.75:
        tone = np.array([rng.uniform(110, 230), rng.uniform(150, 235), rng.uniform(190, 255)])
        colours = [tone.astype(np.float32), np.full(3, rng.uniform(180, 250), np.float32)]
        return textures.gradient(rng, size, colours, np.pi / 2)
    return textures.any_material(rng, split)(rng, size)


def _ground(rng: np.random.Generator, split: Split, size: Size) -> Picture:
    """Grass, gravel, pavement or asphalt, compressed towards the horizon."""
    if rng.random() < 0.6:
        name = str(rng.choice(GROUNDS[split]))
        tall = (size[0] * 2, size[1])
        luma = textures.photo_patch(rng, split, name, tall, (0.7, 2.0)) / 128
        rows = np.sqrt(np.linspace(0, 1, size[0], dtype=np.float32)) * (tall[0] - 1)
        columns = np.arange(size[1], dtype=np.float32)
        grid = np.meshgrid(columns, rows)
        luma = cv2.remap(luma, grid[0], grid[1], cv2.INTER_LINEAR)
        depth = rng.uniform(0.2, 1.0)
        return ((1 - depth + depth * luma) * textures.earth(rng)).astype(np.float32)
    return textures.flat(rng, size, textures.earth(rng), rng.uniform(0.05, 0.3))


def _building(rng: np.random.Generator, split: Split, picture: Picture, horizon: int) -> None:
    """A box with rows of windows, cut off by the ground."""
    width, height = (int(n) for n in rng.uniform(0.08, 0.4, 2) * picture.shape[1])
    left, top = int(rng.integers(-width // 2, picture.shape[1])), max(0, horizon - height)
    right = min(picture.shape[1], left + width)
    left = max(left, 0)
    if right - left < 3 or horizon - top < 3:
        return
    size = (horizon - top, right - left)
    plain = rng.random() < 0.6
    wall = (
        textures.flat(rng, size, textures.earth(rng), 0.2)
        if plain
        else textures.any_material(rng, split)(rng, size)
    )
    step, share, tone = int(rng.integers(5, 14)), rng.uniform(0.4, 0.8), textures.colour(rng)
    if rng.random() < 0.7:
        y, x = np.mgrid[: wall.shape[0], : wall.shape[1]]
        wall[((y % step) < share * step) & ((x % step) < share * step)] = tone
    picture[top:horizon, left:right] = wall


def _lit(rng: np.random.Generator, picture: Picture) -> Picture:
    """Broad light and shade."""
    strength = rng.uniform(0, 0.35)
    shade = 1 + strength * textures.noise(rng, picture.shape[:2], 2, 2)
    return (picture * shade[..., None]).astype(np.float32)


def _exposed(picture: Picture) -> Picture:
    """Brightens what is nearly black and dims what is nearly white."""
    mean = float(picture.mean())
    return picture * np.float32(np.clip(mean, 60, 190) / max(mean, 15.0))


def _place_body(rng: np.random.Generator, picture: Picture, config: SyntheticConfig) -> None:
    """Something that could be a target and stands still."""
    plan, materials = make_body(rng, choose_kind(rng), config.split)
    size = config.height * np.exp(rng.uniform(*np.log(config.object_size)))
    centre = rng.uniform(0, 1, (1, 2)) * picture.shape[1::-1]
    scale = np.array([size])
    pose = make_pose(rng, centre, scale, plan.upright, plan.beat, replace(config, frames=1))
    for item in make_item(make_parts(rng, plan, materials, size, Paint()), pose):
        layer = draw(item, 0, picture.shape[:2])
        if layer is not None:
            layer.put(picture)


def _paste(rng: np.random.Generator, picture: Picture, config: SyntheticConfig) -> None:
    """A still thing, with edges like those of moving ones: an edge must not tell what moves."""
    side = config.height * np.exp(rng.uniform(np.log(0.04), np.log(0.5)))
    ratio = np.exp(rng.uniform(-0.7, 0.7))
    size = (int(side / ratio) + 5, int(side * ratio) + 5)
    shape = outlines.limb(1.0) if rng.random() < 0.2 else outlines.random_outline(rng)
    centre = (int(rng.integers(picture.shape[1])), int(rng.integers(picture.shape[0])))
    _stamp(picture, textures.any_material(rng, config.split)(rng, size), shape, centre)


def _stamp(
    picture: Picture, texture: Picture, shape: outlines.Outline, centre: tuple[int, int]
) -> None:
    """Puts a texture with an outline onto the picture, centred at `centre` (x, y)."""
    h, w = texture.shape[:2]
    extent = np.array([w - 4, h - 4])
    alpha = coverage(shape * extent + (np.array([w, h]) - 1) / 2, (h, w))[..., None]
    left, top = centre[0] - w // 2, centre[1] - h // 2
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + w, picture.shape[1]), min(top + h, picture.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    cut = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    under = picture[y0:y1, x0:x1]
    under += alpha[cut] * (texture[cut] - under)
