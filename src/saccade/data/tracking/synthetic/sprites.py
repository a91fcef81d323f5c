"""Sprites that the renderer moves, made of the plan of a body and its materials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.data.tracking.synthetic import outlines, textures
from saccade.data.tracking.synthetic.bodies import PLANS, BodyPlan, PartPlan
from saccade.data.tracking.synthetic.config import Split
from saccade.data.tracking.synthetic.photographs import cutouts
from saccade.data.tracking.synthetic.textures import Colour, Material, Picture, Plane, Size

Materials = dict[str, Material]

_PAD = 2
_OVERSAMPLING = 4
_SUBPIXEL_BITS = 4
_LARGEST_SPRITE = 150


@dataclass(frozen=True)
class Part:
    """A rigid piece, ready to be drawn.

    Attributes:
        plan: Plan of where the part sits and how it moves, in body units (the object's sqrt(w h) is
            1).
        sprite: Shaded colour times coverage (0..255) and coverage (0..1).
        texture: Shaded colour alone, where it may slide under the coverage; else None.
        outline: Convex hull of the shape in pixels of the sprite (centres at integers).
        to_body: Map from pixels of the sprite to body units.
    """

    plan: PartPlan
    sprite: Float[np.ndarray, "h w 4"]
    texture: Float[np.ndarray, "h w 3"] | None
    outline: Float[np.ndarray, "k 2"]
    to_body: Float[np.ndarray, "3 3"]


@dataclass(frozen=True)
class Paint:
    """Light and colour of an object's textures.

    Attributes:
        light: Direction of the light in the image, with its strength as length.
        roundness: Darkening of shapes to their sides, 0 to 1.
        toward: Colour that the object takes on, to be hard to see; None: it keeps its own.
        share: Share of `toward` in the colours, 0 to 1.
    """

    light: tuple[float, float] = (0.0, 0.0)
    roundness: float = 0.0
    toward: Colour | None = None
    share: float = 0.0


def make_body(
    rng: np.random.Generator, kind: str, split: Split
) -> tuple[BodyPlan, Materials]:  # fmt: skip
    """A random body of one class and the textures that it wears."""
    if kind == "cutout":
        return _cutout(rng, split)
    plan = normalised(PLANS[kind][0](rng))
    return plan, make_materials(rng, kind, split)


def make_materials(rng: np.random.Generator, kind: str, split: Split) -> Materials:
    """Textures for every name that the plans of bodies use."""
    wear = _clothes if kind in ("person", "face") else textures.any_material
    tint = textures.skin(rng)
    hair = textures.skin(rng) * rng.uniform(0.05, 0.5)
    lamp = np.array([(200, 20, 20), (240, 235, 220), (240, 150, 30)], np.float32)[rng.integers(3)]
    paint = partial(textures.flat, base=textures.colour(rng), grain=0.06)
    dark, grey = np.full(3, rng.uniform(5, 40)), np.full(3, rng.uniform(120, 210))
    face = textures.face_material(rng, split, tint)
    return {
        "top": wear(rng, split),
        "bottom": wear(rng, split),
        "extra": textures.any_material(rng, split),
        "skin": partial(textures.flat, base=tint),
        "face": face if rng.random() < 0.85 else partial(textures.flat, base=tint, grain=0.4),
        "hair": partial(textures.flat, base=hair.astype(np.float32), grain=0.4),
        "paint": paint if rng.random() < 0.7 else textures.any_material(rng, split),
        "glass": _glass(rng, split),
        "tyre": partial(textures.flat, base=dark.astype(np.float32)),
        "chrome": partial(textures.mottled, colours=[grey, dark], cells=3),
        "lamp": partial(textures.flat, base=lamp),
    }


def normalised(plan: BodyPlan) -> BodyPlan:
    """The same body in units in which its counted box is centred and has sqrt(w h) = 1."""
    counted = [part for part in plan.parts if part.counted]
    corners = np.array([(part.centre, part.size) for part in counted])
    low = (corners[:, 0] - corners[:, 1] / 2).min(0)
    high = (corners[:, 0] + corners[:, 1] / 2).max(0)
    unit, middle = 1 / np.sqrt(np.prod(high - low)), (low + high) / 2
    return replace(plan, parts=[_scaled(part, unit, middle) for part in plan.parts])


def make_parts(
    rng: np.random.Generator, plan: BodyPlan, materials: Materials, pixels: float, paint: Paint
) -> list[Part]:
    """Paints every part; `pixels` is the resolution, pixels a body unit."""
    return [_make_part(rng, part, materials[part.material], pixels, paint) for part in plan.parts]


def coverage(outline: Float[np.ndarray, "k 2"], size: Size) -> Plane:
    """Share of each pixel that lies inside an outline given in pixels (centres at integers)."""
    fine = (outline + 0.5) * _OVERSAMPLING - 0.5
    corners = np.round(fine * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    mask = np.zeros((size[0] * _OVERSAMPLING, size[1] * _OVERSAMPLING), np.uint8)
    cv2.fillPoly(mask, [corners], 255, shift=_SUBPIXEL_BITS)
    return cv2.resize(mask, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _make_part(
    rng: np.random.Generator, plan: PartPlan, material: Material, pixels: float, paint: Paint
) -> Part:
    wanted = np.array(plan.size) * pixels
    extent = np.clip(wanted * min(1.0, _LARGEST_SPRITE / wanted.max()), 2.0, None)
    size = (int(np.ceil(extent[1])) + 2 * _PAD, int(np.ceil(extent[0])) + 2 * _PAD)
    middle = (np.array(size[::-1]) - 1) / 2
    outline = plan.outline * extent + middle
    alpha = coverage(outline, size)[..., None]
    texture = _painted(material(rng, size), paint)
    hull = cv2.convexHull(outline.astype(np.float32))[:, 0].astype(np.float64)
    unit = np.array(plan.size) / extent
    to_body = np.array(
        [
            [unit[0], 0, plan.centre[0] - unit[0] * middle[0]],
            [0, unit[1], plan.centre[1] - unit[1] * middle[1]],
            [0, 0, 1],
        ]
    )
    sprite = np.concatenate([texture * alpha, alpha], 2).astype(np.float32)
    return Part(plan, sprite, texture if plan.slide else None, hull, to_body)


def _painted(texture: Picture, paint: Paint) -> Picture:
    """Tints and lights a texture."""
    if paint.toward is not None and paint.share:
        # What has no pattern of its own must keep some of its colour, or nothing could be seen.
        share = paint.share * min(1.0, float(texture.std()) / 30)
        texture = texture + share * (paint.toward - texture.mean((0, 1)))
    h, w = texture.shape[:2]
    u, v = np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    shade = 1 + paint.light[0] * u + paint.light[1] * v - paint.roundness * 0.5 * (u * u + v * v)
    return np.clip(texture * shade[..., None], 0, 255).astype(np.float32)


def _scaled(part: PartPlan, unit: float, middle: Float[np.ndarray, "2"]) -> PartPlan:
    (cx, cy), (px, py) = (np.array(part.centre) - middle), (np.array(part.pivot) - middle)
    return replace(
        part,
        centre=(cx * unit, cy * unit),
        pivot=(px * unit, py * unit),
        size=(part.size[0] * unit, part.size[1] * unit),
    )


def _clothes(rng: np.random.Generator, split: Split) -> Material:
    kind = rng.random()
    if kind < 0.55:
        return textures.cloth_material(rng, split)
    return textures.pattern_material(rng) if kind < 0.85 else textures.photo_material(rng, split)


def _glass(rng: np.random.Generator, split: Split) -> Material:
    if rng.random() < 0.5:
        tone = textures.colour(rng) * 0.35
        return partial(textures.flat, base=tone, grain=0.4)
    return textures.photo_material(rng, split)


def _cutout(rng: np.random.Generator, split: Split) -> tuple[BodyPlan, Materials]:
    """A real object as one part, its texture in place under its outline."""
    known = cutouts(split)
    chosen = known[int(rng.integers(len(known)))]
    shift = textures.colour_shift(rng, float(rng.choice([0.3, 1.0])))
    mirror = bool(rng.random() < 0.5)
    pixels = np.ascontiguousarray(chosen.pixels[:, ::-1]) if mirror else chosen.pixels
    extent = np.ptp(chosen.outline, axis=0)
    shape = outlines.fitted(chosen.outline) * ((-1, 1) if mirror else (1, 1))
    part = PartPlan(shape, (0, 0), tuple(extent * rng.uniform(0.8, 1.25, 2)), "top")
    plan = BodyPlan("cutout", [part], upright=bool(rng.random() < 0.5))
    return normalised(plan), {"top": partial(_whole, pixels=pixels, shift=shift)}


def _whole(
    _: np.random.Generator, size: Size, pixels: UInt8[np.ndarray, "h w 3"],
    shift: Float[np.ndarray, "3 4"],
) -> Picture:  # fmt: skip
    resized = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    return textures.recoloured(resized.astype(np.float32), shift)
