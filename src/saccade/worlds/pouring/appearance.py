"""How a sequence looks: light, room, cups, liquid, arm, and what stands about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.clutter import TABLE, Thing, draw_clutter
from saccade.worlds.pouring.config import Split
from saccade.worlds.pouring.hand import HandShape
from saccade.worlds.pouring.paints import OPAQUE, Paint, draw_paint, draw_rgb, draw_texture
from saccade.worlds.pouring.plan import Plan
from saccade.worlds.pouring.script import Course

_TABLE_TEXTURE, _WALL_TEXTURE, _CUP_TEXTURE = 128, 64, 32
"""Sides of textures [px]."""
_SKIN = np.array([[0.96, 0.80, 0.69], [0.84, 0.64, 0.50], [0.62, 0.43, 0.31], [0.36, 0.24, 0.18]])
"""Colours of skin between which one is drawn, from light to dark."""
_GLASS = 0.5
"""Share of cups that one sees through."""


@dataclass(frozen=True)
class Light:
    """Light of a scene.

    Attributes:
        direction: Direction in which the lamp shines.
        lamp: Colour of the lamp, times its strength.
        head: Strength of the light that each camera carries.
        ambient: Strength of the light from everywhere.
    """

    direction: tuple[float, float, float]
    lamp: tuple[float, float, float]
    head: float
    ambient: float


@dataclass(frozen=True)
class Appearance:
    """Everything of a sequence's look that is no camera.

    Attributes:
        light: The light.
        table: Paint of the table.
        floor: Paint of the floor.
        walls: Paints of the four walls.
        source: Paint of the cup that is poured from.
        target: Paint of the cup that is poured into.
        liquid: Paint of the liquid.
        skin: Paint of the hand.
        sleeve: Paint of the sleeve.
        hand: Sizes of the hand.
        clutter: What stands about.
    """

    light: Light
    table: Paint
    floor: Paint
    walls: tuple[Paint, ...]
    source: Paint
    target: Paint
    liquid: Paint
    skin: Paint
    sleeve: Paint
    hand: HandShape
    clutter: tuple[Thing, ...]


def draw_appearance(
    rng: np.random.Generator, split: Split, plan: Plan, course: Course
) -> Appearance:
    """Draw the look of a sequence."""
    liquid = draw_rgb(rng, split, vivid=0.85)
    return Appearance(
        light=_draw_light(rng),
        table=_draw_ground(rng, split, _TABLE_TEXTURE),
        floor=_draw_ground(rng, split, _WALL_TEXTURE),
        walls=tuple(_draw_ground(rng, split, _WALL_TEXTURE) for _ in range(4)),
        source=_draw_cup_paint(rng, split, liquid),
        target=_draw_cup_paint(rng, split, liquid),
        liquid=Paint((*liquid, OPAQUE), shine=0.5),
        skin=_draw_skin(rng, split),
        sleeve=draw_paint(rng, split),
        hand=_draw_hand(rng, plan.side),
        clutter=draw_clutter(rng, split, _busy(plan, course)),
    )


def _draw_light(rng: np.random.Generator) -> Light:
    turn, tilt = rng.uniform(-np.pi, np.pi), rng.uniform(0.15, 0.8)
    level = np.sin(tilt) * np.array([np.cos(turn), np.sin(turn)])
    warmth = rng.uniform(-0.12, 0.12)
    lamp = rng.uniform(0.35, 0.65) * np.array([1 + warmth, 1.0, 1 - warmth])
    return Light(
        (float(level[0]), float(level[1]), float(-np.cos(tilt))),
        tuple(lamp),
        head=rng.uniform(0.1, 0.3),
        ambient=rng.uniform(0.25, 0.45),
    )


def _draw_ground(rng: np.random.Generator, split: Split, side: int) -> Paint:
    """A plain or textured surface of the room."""
    if rng.random() < 0.25:
        return draw_paint(rng, split, vivid=0.5)
    repeat = float(rng.integers(1, 3))
    texture = draw_texture(rng, split, side)
    return Paint(texture=texture, repeat=(repeat, repeat), shine=rng.uniform(0.0, 0.2))


def _draw_cup_paint(
    rng: np.random.Generator, split: Split, liquid: tuple[float, float, float]
) -> Paint:
    """Glass, plain or printed; never of the liquid's own colour, or the level would not show."""
    while True:
        rgb = draw_rgb(rng, split, vivid=0.6)
        if np.abs(np.subtract(rgb, liquid)).max() > 0.3:
            break
    if rng.random() < _GLASS:
        paler = 0.5 if rng.random() < 0.7 else 0.0
        red, green, blue = (paler + (1 - paler) * value for value in rgb)
        opacity = rng.uniform(0.22, 0.4)
        return Paint((red, green, blue, opacity), shine=rng.uniform(0.4, 0.9))
    if rng.random() < 0.3:
        return Paint(texture=draw_texture(rng, split, _CUP_TEXTURE), shine=rng.uniform(0.1, 0.5))
    return Paint((*rgb, OPAQUE), shine=rng.uniform(0.1, 0.6))


def _draw_skin(rng: np.random.Generator, split: Split) -> Paint:
    """Skin, from light to dark, or now and then a glove."""
    if rng.random() < 0.1:
        return draw_paint(rng, split)
    at = rng.uniform(0, len(_SKIN) - 1)
    rgb = np.array([np.interp(at, np.arange(len(_SKIN)), channel) for channel in _SKIN.T])
    red, green, blue = np.clip(rgb + rng.normal(0, 0.015, 3), 0, 1)
    return Paint((red, green, blue, OPAQUE), shine=0.1)


def _draw_hand(rng: np.random.Generator, side: int) -> HandShape:
    bare = rng.random() < 0.3
    return HandShape(
        side,
        size=rng.uniform(0.88, 1.12),
        sleeve=rng.uniform(0.16, 0.26) if bare else rng.uniform(0.02, 0.06),
        elbow=(rng.uniform(0.2, 0.36), -0.6, rng.uniform(0.1, 0.25)),
    )


def _busy(plan: Plan, course: Course) -> Float[np.ndarray, "p 2"]:
    """Points of the table over which cups, hand and arm come [m]."""
    elbow = np.array([plan.side * 0.28, -TABLE[1]])
    arms = [
        hand + share * (elbow - hand) for hand in course.hand[::4, :2] for share in (0, 0.4, 0.8)
    ]
    return np.concatenate([course.source[::2, :2], plan.target_at[None, :2], np.array(arms)])
