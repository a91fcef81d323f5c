"""The scripted expert: it goes around the object and pushes it where it should go.

It also fails in ways that are wanted, for rewards to be judged on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from saccade.worlds.push_box.outcome import ON_TABLE
from saccade.worlds.push_one.state import State
from saccade.worlds.push_one.world import REACH

Ending = Literal["success", "stops", "past", "away"]
ENDINGS: tuple[Ending, ...] = ("success", "stops", "past", "away")
"""In the box; left half-way; pushed off the table past the box; pushed away from the box."""

BEHIND = 0.055
"""Distance of the finger from the object's origin before a push [m]."""
AROUND = 0.075
"""Radius of the circle around the object that the finger keeps out of on its way [m]."""
PUSH_WITHIN = math.radians(35)
"""Largest angle between where the finger pushes and where the object should go [rad]."""
BEYOND = 0.06
"""Distance beyond the table's edge that the object is pushed for [m]."""
PAST = 0.19
"""Distance from the box's middle, along the edge, of a push that goes past it [m]."""
SIDEWAYS = 40.0
"""Correction across the push for each metre that the finger is off its line [1/m]."""


@dataclass(frozen=True)
class Temper:
    """How an expert goes about an episode.

    Attributes:
        ending: How the episode ends.
        pace: Share of the finger's largest speed that it uses.
        jitter: Standard deviation of its commands.
        until: Share of the way at which one that "stops" does so.
    """

    ending: Ending = "success"
    pace: float = 1.0
    jitter: float = 0.0
    until: float = 0.5


def draw_temper(rng: np.random.Generator, ending: Ending = "success") -> Temper:
    """An expert of its own pace."""
    return Temper(
        ending,
        float(rng.uniform(0.6, 1.0)),
        float(rng.uniform(0, 0.15)),
        float(rng.uniform(0.2, 0.6)),
    )


class Expert:
    """Chooses the finger's velocity from the true state.

    Args:
        temper: How it goes about the episode.
        first: State that the episode begins with.
        rng: Source of its jitter.
    """

    def __init__(self, temper: Temper, first: State, rng: np.random.Generator) -> None:
        self._temper, self._rng = temper, rng
        self._aim = _aim(temper.ending, first)
        self._way = math.dist(first.block, self._aim)

    def act(self, state: State) -> Float[np.ndarray, "2"]:
        """The next action."""
        if state.status != ON_TABLE or self._stopped(state):
            return np.zeros(2, np.float32)
        step = _way_to_push(state, self._aim) * self._temper.pace
        step = step + self._rng.normal(0, self._temper.jitter, 2) * self._temper.pace
        return np.clip(step, -1, 1).astype(np.float32)

    def _stopped(self, state: State) -> bool:
        if self._temper.ending != "stops":
            return False
        return math.dist(state.block, self._aim) < (1 - self._temper.until) * self._way


def _aim(ending: Ending, first: State) -> tuple[float, float]:
    """Point that the object is pushed towards, in the table's frame [m]."""
    mouth = np.array(first.mouth)
    out = np.subtract(first.box, mouth)
    out /= np.linalg.norm(out)
    along = np.array([-out[1], out[0]])
    offset = float(mouth @ along)
    match ending:
        case "past":
            aim = mouth + BEYOND * out - along * math.copysign(PAST, offset)
        case "away":
            aim = -(mouth @ out + BEYOND) * out + offset * along
        case _:
            aim = mouth + BEYOND * out
    return float(aim[0]), float(aim[1])


def _way_to_push(state: State, aim: tuple[float, float]) -> Float[np.ndarray, "2"]:
    """Velocity in -1..1 that pushes the object towards a point, or goes behind it first."""
    finger, block = np.array(state.finger), np.array(state.block)
    towards = np.subtract(aim, block)
    towards /= max(np.linalg.norm(towards), 1e-9)
    from_finger = block - finger
    distance = float(np.linalg.norm(from_finger))
    angle = math.acos(float(np.clip(from_finger @ towards / max(distance, 1e-9), -1, 1)))
    if angle < PUSH_WITHIN and distance < BEHIND + 0.03:
        across = np.array([-towards[1], towards[0]])
        offset = float(from_finger @ across)
        return _unit(towards + across * offset * SIDEWAYS)
    return _towards(finger, block - towards * (BEHIND + 0.01), block)


def _towards(
    start: Float[np.ndarray, "2"], goal: Float[np.ndarray, "2"], block: Float[np.ndarray, "2"]
) -> Float[np.ndarray, "2"]:
    """Velocity straight to a goal, or around the object where it is in the way."""
    gap = goal - start
    if np.linalg.norm(gap) < 1e-4:
        return np.zeros(2)
    direct = gap / np.linalg.norm(gap)
    to_block = block - start
    along = float(to_block @ direct)
    across = float(direct[0] * to_block[1] - direct[1] * to_block[0])
    if not (0 < along < np.linalg.norm(gap) and abs(across) < AROUND):
        return direct * min(1.0, float(np.linalg.norm(gap)) / REACH)
    distance = float(np.linalg.norm(to_block))
    side = -1.0 if across > 0 else 1.0  # pass on the side that the way lies on
    tangent = side * np.array([-to_block[1], to_block[0]]) / distance
    outwards = -to_block / distance
    return _unit(tangent + outwards * (AROUND - distance) / 0.02)


def _unit(vector: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return vector / max(float(np.abs(vector).max()), 1e-9)
