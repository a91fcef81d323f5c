"""What a pouring sequence is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from saccade.checks import check_choice, check_least, check_positive, check_sizes
from saccade.errors import UserInputError

Split = Literal["train", "test"]
Outcome = Literal["poured", "spilled", "withheld"]

FEWEST_FRAMES, MOST_FRAMES = 27, 2000
"""Shortest and longest sequence [frames]: each of the nine phases has at least three."""
MOST_PIXELS = 2048
MOST_VIEWS = 9
"""Most views: the first person's and eight cameras around the table."""


@dataclass(frozen=True)
class PouringConfig:
    """Settings of the pouring world.

    Attributes:
        height: Height of every view [px].
        width: Width of every view [px].
        frames: Fewest and most frames of a sequence.
        fps: Frames per second of the videos.
        views: Number of views: view 0 is the first person's, the others are third persons'.
        split: Set of textures, cups, clutter and colours to draw from; the two sets are disjoint.
        azimuth: Largest angle of a third person from straight across the table [rad].
        outcome: How it ends: "poured" into the target, "spilled" beside it, or "withheld" after the
            cup was tilted too little; the last two are failures to judge a reward by.

    Raises:
        UserInputError: A value is out of its range.
    """

    height: int = 96
    width: int = 96
    frames: tuple[int, int] = (32, 60)
    fps: float = 10.0
    views: int = 2
    split: Split = "train"
    azimuth: float = math.pi / 3
    outcome: Outcome = "poured"

    def __post_init__(self) -> None:
        check_choice("split", self.split, get_args(Split))
        check_choice("outcome", self.outcome, get_args(Outcome))
        check_sizes(self, "height", "width", most=MOST_PIXELS)
        check_sizes(self, "views", most=MOST_VIEWS)
        check_positive(self, "fps")
        check_least(self, {"azimuth": 0})
        least, most = self.frames
        if not FEWEST_FRAMES <= least <= most <= MOST_FRAMES:
            raise UserInputError(
                f"frames is {self.frames}; expected fewest and most, from {FEWEST_FRAMES} to "
                f"{MOST_FRAMES}"
            )
