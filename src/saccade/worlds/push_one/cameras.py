"""Where pictures are taken from: a camera that stands, and cameras that are carried around."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from saccade.worlds.cameras import looking_at

AIM = (-0.08, 0.06, -0.10)
"""Point that cameras look at, from the middle of the table's top [m]."""


@dataclass(frozen=True)
class ViewPath:
    """A camera that looks at the table from a point on a sphere, and may move.

    Attributes:
        azimuth: Direction that it looks from, from world +y towards -x [rad].
        elevation: Angle above the horizontal [rad].
        distance: Distance from what it looks at [m].
        turn: Change of the azimuth [rad/s].
        approach: Change of the distance [m/s].
        shake: Size of its shaking [m].
        phase: Beginning of the shaking [rad].
    """

    azimuth: float = 0.0
    elevation: float = math.radians(48)
    distance: float = 1.05
    turn: float = 0.0
    approach: float = 0.0
    shake: float = 0.0
    phase: float = 0.0

    def at(
        self, time: float, centre: tuple[float, float, float]
    ) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "9"]]:
        """Position [m] and orientation at a time [s].

        Args:
            time: Time since the episode began [s].
            centre: Middle of the table's top [m].

        Returns:
            The position, and MuJoCo's camera axes (x right, y up, z backward) as the columns of a
            matrix, row by row.
        """
        azimuth = self.azimuth + self.turn * time
        distance = self.distance + self.approach * time
        target = np.add(centre, AIM) + self._shaking(time)
        level = distance * math.cos(self.elevation)
        eye = target + np.array(
            [
                -level * math.sin(azimuth),
                level * math.cos(azimuth),
                distance * math.sin(self.elevation),
            ]
        )
        x, y = np.array(looking_at(eye, target)).reshape(2, 3)
        return eye, np.stack([x, y, np.cross(x, y)], axis=1).ravel()

    def _shaking(self, time: float) -> Float[np.ndarray, "3"]:
        waves = 2 * math.pi * time * np.array([0.37, 0.53, 0.71]) + self.phase * np.array([1, 2, 3])
        return self.shake * np.sin(waves)


STANDING = ViewPath()
"""The camera of view 0, which a reward sees."""


def draw_views(rng: np.random.Generator, count: int) -> tuple[ViewPath, ...]:
    """View 0 near `STANDING`, and others that move around the table within 60 degrees of it."""
    first = replace(
        STANDING,
        azimuth=float(rng.uniform(-0.08, 0.08)),
        elevation=STANDING.elevation + float(rng.uniform(-0.06, 0.06)),
        distance=STANDING.distance + float(rng.uniform(-0.05, 0.05)),
    )
    return (first, *(_carried(rng) for _ in range(count - 1)))


FARTHEST_AZIMUTH = math.radians(60)


def _carried(rng: np.random.Generator) -> ViewPath:
    start, end = rng.uniform(-FARTHEST_AZIMUTH, FARTHEST_AZIMUTH, 2)
    lasts = 6.0  # [s]; the longest episode, so that no camera leaves its range
    return ViewPath(
        float(start),
        float(rng.uniform(math.radians(35), math.radians(65))),
        float(rng.uniform(1.0, 1.2)),
        float((end - start) / lasts),
        float(rng.uniform(-0.02, 0.02)),
        float(rng.uniform(0.0, 0.01)),
        float(rng.uniform(0, 2 * math.pi)),
    )
