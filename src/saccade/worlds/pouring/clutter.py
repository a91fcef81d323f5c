"""Things that stand about on the table and have nothing to do with pouring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.config import Split
from saccade.worlds.pouring.cup_kinds import draw_cup
from saccade.worlds.pouring.meshes import Mesh, cup_mesh, revolved
from saccade.worlds.pouring.paints import Paint, draw_paint, draw_texture

MOST = 7
"""Most things."""
TABLE = (0.5, 0.38)
"""Half the table's sides along x and y [m]."""
_TEXTURE = 48
_CUP_SHARE = 0.25
"""Share of things that are cups, which nobody touches."""
_TRIES = 8
"""Places that are tried for a thing before it is left out."""


@dataclass(frozen=True)
class Thing:
    """A still thing.

    Attributes:
        mesh: Its form, in a frame with the origin under its middle.
        at: Where it stands [m].
        turn: Angle around the vertical [rad].
        paint: How it is painted.
    """

    mesh: Mesh
    at: Float[np.ndarray, "3"]
    turn: float
    paint: Paint


def draw_clutter(
    rng: np.random.Generator, split: Split, busy: Float[np.ndarray, "p 2"]
) -> tuple[Thing, ...]:
    """Draw things around where something happens.

    Args:
        rng: Generator that chooses.
        split: Set of forms, colours and textures.
        busy: Points of the table [m] that things keep away from, the taller the farther.
    """
    things: list[Thing] = []
    for _ in range(int(rng.integers(0, MOST + 1))):
        cup = rng.random() < _CUP_SHARE
        mesh = cup_mesh(draw_cup(rng, split)) if cup else _draw_form(rng, split)
        opacity = rng.uniform(0.3, 0.5) if cup and rng.random() < 0.4 else 1.0
        paint = draw_paint(rng, split, opacity)
        if not cup and rng.random() < 0.5:
            paint = Paint(texture=draw_texture(rng, split, _TEXTURE), shine=paint.shine)
        wide = float(np.linalg.norm(mesh.vertices[:, :2], axis=-1).max())
        tall = float(mesh.vertices[:, 2].max())
        taken = [busy, *(thing.at[None, :2] for thing in things)]
        at = _free_place(rng, np.concatenate(taken), 0.05 + wide + 0.5 * tall)
        if at is not None:
            things.append(Thing(mesh, at, rng.uniform(-np.pi, np.pi), paint))
    return tuple(things)


def _free_place(
    rng: np.random.Generator, taken: Float[np.ndarray, "p 2"], distance: float
) -> Float[np.ndarray, "3"] | None:
    """A place on the table that far from all of `taken` [m], None where none was found."""
    for _ in range(_TRIES):
        at = rng.uniform(-1, 1, 2) * (np.array(TABLE) - 0.04)
        if np.linalg.norm(taken - at, axis=-1).min() > distance:
            return np.array([*at, 0.0])
    return None


def _box(rng: np.random.Generator) -> Mesh:
    """A box that stands, or a book that lies."""
    sides = rng.uniform(0.03, 0.08, 3) * ([1.6, 1.6, 0.4] if rng.random() < 0.4 else [1, 1, 1])
    return _prism(4, np.sqrt(0.5), np.array([*sides[:2], sides[2]]))


def _can(rng: np.random.Generator) -> Mesh:
    """A cylinder, tall or flat."""
    radius, height = rng.uniform(0.02, 0.05), rng.uniform(0.015, 0.1)
    return revolved(np.array([(0.0, height), (radius, height), (radius, 0.0), (0.0, 0.0)]))


def _ball(rng: np.random.Generator) -> Mesh:
    """A ball."""
    radius, angle = rng.uniform(0.02, 0.04), np.linspace(0, np.pi, 9)
    return revolved(radius * np.stack([np.sin(angle), 1 + np.cos(angle)], axis=-1))


def _cone(rng: np.random.Generator) -> Mesh:
    """A cone."""
    radius, height = rng.uniform(0.025, 0.045), rng.uniform(0.05, 0.1)
    return revolved(np.array([(0.0, height), (radius, 0.0), (0.0, 0.0)]))


def _ring(rng: np.random.Generator) -> Mesh:
    """A ring that lies."""
    bar, radius = rng.uniform(0.006, 0.014), rng.uniform(0.025, 0.045)
    angle = np.linspace(0, -2 * np.pi, 9)
    return revolved(np.stack([radius + bar * np.cos(angle), bar * (1 + np.sin(angle))], axis=-1))


def _bottle(rng: np.random.Generator) -> Mesh:
    """A bottle."""
    radius, height = rng.uniform(0.022, 0.032), rng.uniform(0.11, 0.16)
    shares = [(0.0, 1.0), (0.35, 1.0), (0.35, 0.75), (1.0, 0.55), (1.0, 0.0), (0.0, 0.0)]
    return revolved(np.array(shares) * [radius, height])


def _hexagon(rng: np.random.Generator) -> Mesh:
    """A prism with six sides."""
    return _prism(6, 1.0, np.array([*([rng.uniform(0.025, 0.045)] * 2), rng.uniform(0.02, 0.08)]))


def _prism(sides: int, radius: float, scale: Float[np.ndarray, "3"]) -> Mesh:
    """An upright prism over a regular polygon, with every face's own vertices."""
    angle = 2 * np.pi * (np.arange(sides + 1) + 0.5) / sides
    ring = radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    vertices, places = [], []
    for a, b in pairwise(ring):
        vertices += [(*a, 0.0), (*b, 0.0), (*b, 1.0), (*a, 1.0)]
        places += [(0, 0), (1, 0), (1, 1), (0, 1)]
        vertices += [(*a, 1.0), (*b, 1.0), (0.0, 0.0, 1.0)]
        places += [*(0.5 + 0.5 * ring[:2]), (0.5, 0.5)]
    corner = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6]])
    found = np.concatenate([corner + 7 * i for i in range(sides)])
    return Mesh(np.array(vertices) * scale, np.array(places, float), found)


Form = Callable[[np.random.Generator], Mesh]
FORMS: dict[Split, dict[str, Form]] = {
    "train": {"box": _box, "can": _can, "ball": _ball},
    "test": {"cone": _cone, "ring": _ring, "bottle": _bottle, "hexagon": _hexagon},
}
"""Forms of things of each split by name; no form is in both."""


def _draw_form(rng: np.random.Generator, split: Split) -> Mesh:
    forms = list(FORMS[split].values())
    return forms[int(rng.integers(len(forms)))](rng)
