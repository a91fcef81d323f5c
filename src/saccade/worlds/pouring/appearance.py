"""Drawing how a scene looks."""

from __future__ import annotations

import numpy as np

from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.scene import Look, Paint


def draw_look(rng: np.random.Generator, config: PouringConfig) -> Look:
    """Draw colours, textures and lights."""

    def any_colour(alpha: float = 1.0) -> Paint:
        return Paint((*rng.uniform(0.1, 1.0, 3), alpha))

    def textured() -> Paint:
        cells = rng.integers(60, 255, (8, 8, 3)).astype(np.uint8)
        return Paint(texture=np.kron(cells, np.ones((8, 8, 1), np.uint8)))

    see_through = rng.random(2) < 0.5
    return Look(
        table=textured(),
        floor=any_colour(),
        walls=tuple(textured() for _ in range(4)),
        source=any_colour(0.3 if see_through[0] else 1.0),
        target=any_colour(0.3 if see_through[1] else 1.0),
        liquid=any_colour(),
        skin=Paint((0.85, 0.65, 0.52, 1.0)),
        sleeve=any_colour(),
    )
