"""Cups as solids of revolution, and how much they hold when they are tilted.

Frame of a cup: origin in the middle of its underside, z along its axis to the opening, x towards
the lip over which it pours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

SIDES = 24
"""Flat sides that stand for a round wall."""


@dataclass(frozen=True)
class CupShape:
    """A cup: a convex hollow in a wall of one thickness, on a foot.

    Attributes:
        heights: Heights of the hollow's rings above its floor [m], from 0 up to the rim.
        radii: Radii of the rings [m]; a concave function of the heights.
        wall: Thickness of the wall [m].
        floor: Height of the hollow's floor above the table [m].
        stem: Radius of the stem below the hollow [m]; 0 where the cup stands on its own floor.
        handle: Whether it has a handle.
    """

    heights: tuple[float, ...]
    radii: tuple[float, ...]
    wall: float = 0.003
    floor: float = 0.005
    stem: float = 0.0
    handle: bool = False

    @property
    def height(self) -> float:
        """Height of the rim above the table [m]."""
        return self.floor + self.heights[-1]

    @property
    def rim(self) -> float:
        """Radius of the opening [m]."""
        return self.radii[-1]

    @property
    def lip(self) -> Float[np.ndarray, "3"]:
        """Point of the rim over which it pours, in the cup's frame [m]."""
        return np.array([self.rim + self.wall, 0.0, self.height])

    def radius_at(self, height: float) -> float:
        """Outer radius [m] at a height above the table [m]."""
        return float(np.interp(height - self.floor, self.heights, self.radii)) + self.wall

    @cached_property
    def half_spaces(self) -> tuple[Float[np.ndarray, "k 3"], Float[np.ndarray, " k"]]:
        """Outward normals and offsets [m]: the hollow is where `normal . p <= offset` of all."""
        z, r = np.array(self.heights), np.array(self.radii)
        dz, dr = np.diff(z), np.diff(r)
        length = np.hypot(dz, dr)
        across, along = dz / length, -dr / length
        angle = 2 * np.pi * np.arange(SIDES) / SIDES
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        sides = np.concatenate(
            [
                np.column_stack([a * ring, np.full(SIDES, b)])
                for a, b in zip(across, along, strict=True)
            ]
        )
        offsets = np.repeat(across * r[:-1] + along * (z[:-1] + self.floor), SIDES)
        ends = np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
        return (
            np.concatenate([sides, ends]),
            np.concatenate([offsets, [-self.floor, self.height]]),
        )
