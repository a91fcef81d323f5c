"""Kinds of cups: those that training may see, and those that only tests see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from saccade.worlds.pouring.config import Split
from saccade.worlds.pouring.cups import CupShape

_BEND = np.linspace(0.0, 1.0, 6)
"""Shares of the height at which a bent wall has a ring."""


def _tumbler(rng: np.random.Generator) -> CupShape:
    """A cone that widens upwards."""
    rim = rng.uniform(0.034, 0.042)
    return CupShape((0.0, rng.uniform(0.085, 0.115)), (rim * rng.uniform(0.66, 0.82), rim))


def _straight(rng: np.random.Generator) -> CupShape:
    """A cylinder."""
    rim = rng.uniform(0.031, 0.038)
    return CupShape((0.0, rng.uniform(0.09, 0.125)), (rim * 0.97, rim))


def _mug(rng: np.random.Generator) -> CupShape:
    """A wide cylinder with a handle."""
    rim = rng.uniform(0.037, 0.043)
    heights = (0.0, rng.uniform(0.078, 0.095))
    return CupShape(heights, (rim * rng.uniform(0.9, 1.0), rim), wall=0.004, handle=True)


def _round(rng: np.random.Generator) -> CupShape:
    """A cup with a round bottom, like a tea bowl."""
    rim, height = rng.uniform(0.04, 0.047), rng.uniform(0.07, 0.085)
    radii = rim * np.sqrt(1 - 0.75 * (1 - _BEND) ** 2)
    return _bent(height, radii)


def _stemmed(rng: np.random.Generator) -> CupShape:
    """A cone on a stem."""
    rim, height = rng.uniform(0.036, 0.042), rng.uniform(0.075, 0.09)
    floor = rng.uniform(0.025, 0.04)
    return CupShape((0.0, height), (rim * rng.uniform(0.55, 0.65), rim), floor=floor, stem=0.007)


def _barrel(rng: np.random.Generator) -> CupShape:
    """A cup that is widest in the middle."""
    middle, height = rng.uniform(0.037, 0.043), rng.uniform(0.09, 0.11)
    return _bent(height, middle * (1 - 0.18 * (2 * _BEND - 1.1) ** 2))


def _bell(rng: np.random.Generator) -> CupShape:
    """A bell upside down, with a handle."""
    rim, height = rng.uniform(0.042, 0.048), rng.uniform(0.075, 0.09)
    return replace(_bent(height, rim * (0.45 + 0.55 * _BEND**0.6)), handle=True)


def _goblet(rng: np.random.Generator) -> CupShape:
    """A round bowl that narrows to its rim, on a stem."""
    widest, height = rng.uniform(0.038, 0.044), rng.uniform(0.075, 0.09)
    cup = _bent(height, widest * np.sqrt(1 - 0.8 * (0.62 - _BEND) ** 2 / 0.62**2))
    return replace(cup, floor=rng.uniform(0.025, 0.035), stem=0.009)


def _bent(height: float, radii: np.ndarray) -> CupShape:
    return CupShape(tuple(float(v) for v in height * _BEND), tuple(float(v) for v in radii))


Kind = Callable[[np.random.Generator], CupShape]
KINDS: dict[Split, dict[str, Kind]] = {
    "train": {
        "tumbler": _tumbler,
        "straight": _straight,
        "mug": _mug,
        "round": _round,
        "stemmed": _stemmed,
    },
    "test": {"barrel": _barrel, "bell": _bell, "goblet": _goblet},
}
"""Kinds of cups of each split by name; no kind is in both."""


def draw_cup(rng: np.random.Generator, split: Split) -> CupShape:
    """Draw a cup of the kinds of a split."""
    kinds = list(KINDS[split].values())
    return kinds[int(rng.integers(len(kinds)))](rng)
