"""The true state, and how far the task has come, of which a policy with a learned reward knows
nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Point = tuple[float, float]

BEHIND = 0.05
"""Distance of the finger from the object's origin when it pushes [m]."""


@dataclass(frozen=True)
class State:
    """Where everything is, in the table's frame: origin in the middle of its top, world axes.

    Attributes:
        finger: (x, y) of the finger [m].
        block: (x, y) of the object's origin [m].
        yaw: Turn of the object about the vertical [rad].
        box: (x, y) of the box's centre [m].
        mouth: (x, y) of the middle of its side at the table [m].
        status: Where the object is: "table", "box" or "ground".
    """

    finger: Point
    block: Point
    yaw: float
    box: Point
    mouth: Point
    status: str

    def observation(self) -> Float[np.ndarray, "6"]:
        """What a policy sees: finger x, y, object x, y [m], sine and cosine of the object's yaw.

        An object on the ground that is farther than 1 m is seen at 1 m.
        """
        seen = (*self.finger, *self.block, math.sin(self.yaw), math.cos(self.yaw))
        return np.clip(np.array(seen, np.float32), -1.0, 1.0)

    @property
    def behind(self) -> Point:
        """(x, y) from where a push would move the object straight to the box [m]."""
        away = math.dist(self.block, self.box)
        share = BEHIND / max(away, BEHIND)
        return (
            self.block[0] + share * (self.block[0] - self.box[0]),
            self.block[1] + share * (self.block[1] - self.box[1]),
        )

    @property
    def finger_to_behind(self) -> float:
        """Distance of the finger from `behind` [m]."""
        return math.dist(self.finger, self.behind)

    @property
    def block_to_box(self) -> float:
        """Distance of the object's origin from the box's centre, 0 in the box [m]."""
        return 0.0 if self.status == "box" else math.dist(self.block, self.box)

    @property
    def remaining(self) -> float:
        """What is left to do: finger behind object, object into box; 0 when it is done [m]."""
        return 0.0 if self.status == "box" else self.finger_to_behind + self.block_to_box


def dense_reward(state: State) -> float:
    """True reward of a step: minus the distances [m] that remain, in units of the table's side."""
    return -state.remaining / TABLE_SIDE


TABLE_SIDE = 0.448
"""Unit of dense rewards [m]: the side of the default table."""


def progress(state: State, first: State) -> float:
    """Share of the task that is done since `first`: 0 there, 1 in the box, below 0 for worse."""
    return 1.0 - state.remaining / first.remaining if first.remaining else 1.0
