"""What is drawn once for a sequence: the cups, where they stand, who pours and how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.config import PouringConfig
from saccade.worlds.pouring.cup_kinds import draw_cup
from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.liquid import capacity

PHASES = ("reach", "grasp", "lift", "move", "tilt", "pour", "level", "return", "retract")
"""Names of the phases, in their order."""

SHORTEST_PHASE = 2
"""Frames of the shortest phase."""
GRAVITY = 9.81
"""Acceleration of falling liquid [m/s2]."""
_SHARES = np.array([0.14, 0.06, 0.09, 0.10, 0.10, 0.21, 0.08, 0.12, 0.10])
"""Mean share of a sequence that each phase takes."""
_EVENNESS = 50.0
"""Sum of the parameters of the shares' Dirichlet distribution: the larger, the more alike."""
_OUTSIDE = 0.004
"""Distance of the lip from the target's outer wall while it pours [m]."""
_BESIDE = 0.135
"""Smallest distance between the cups' axes while the source stands [m]: the hand fits between."""


@dataclass(frozen=True)
class Plan:
    """A sequence before it is played. Points are (x, y, z) [m], angles [rad].

    Attributes:
        source: Cup that is poured from.
        target: Cup that is poured into.
        lengths: Number of frames of each phase.
        side: 1 for the right hand (at positive x), -1 for the left.
        source_at: Where the source stands at first.
        target_at: Where the target stands.
        put_at: Where the source is put down in the end.
        hand_at: Where the hand comes from.
        hand_to: Where it goes to in the end.
        bearing: Horizontal angle of the direction of pouring, counterclockwise from x.
        grip: Horizontal angle from the direction of pouring to that of the wrist.
        hold: Height of the hand on the source [m].
        lift: Height of the source's underside above the table while it is carried [m].
        detour: Sideways bend of the way to the target and back [m], towards the person.
        gap: Height of the lip above the target's rim while it pours [m].
        filled: Volume in the source at first [m3].
        left: Volume in the source at last [m3].
        extra: Tilt beyond the last drop [rad].
    """

    source: CupShape
    target: CupShape
    lengths: tuple[int, ...]
    side: int
    source_at: Float[np.ndarray, "3"]
    target_at: Float[np.ndarray, "3"]
    put_at: Float[np.ndarray, "3"]
    hand_at: Float[np.ndarray, "3"]
    hand_to: Float[np.ndarray, "3"]
    bearing: float
    grip: float
    hold: float
    lift: float
    detour: float
    gap: float
    filled: float
    left: float
    extra: float

    @property
    def frames(self) -> int:
        """Number of frames of the sequence."""
        return sum(self.lengths)

    @property
    def direction(self) -> Float[np.ndarray, "3"]:
        """Horizontal direction of pouring."""
        return np.array([np.cos(self.bearing), np.sin(self.bearing), 0.0])

    @property
    def reach(self) -> float:
        """Horizontal distance of the lip from the target's axis while it pours [m]."""
        return self.target.rim + self.target.wall + _OUTSIDE

    @property
    def pour_at(self) -> Float[np.ndarray, "3"]:
        """Place of the lip while it pours [m]: just outside of the target's rim, above it."""
        height = self.target.height + self.gap
        return self.target_at - self.reach * self.direction + np.array([0.0, 0.0, height])

    @property
    def speed(self) -> float:
        """Speed of the liquid over the lip [m/s]: it falls through the middle of the target."""
        drops = np.array([self.gap, self.gap + self.target.heights[-1]])
        return float(self.reach / np.sqrt(2 * drops / GRAVITY).mean())


def draw_plan(rng: np.random.Generator, config: PouringConfig) -> Plan:
    """Draw what happens in a sequence."""
    side = int(rng.choice([-1, 1]))
    source, target = draw_cup(rng, config.split), draw_cup(rng, config.split)
    holds, room = (float(capacity(cup, np.zeros(1))[0]) for cup in (source, target))
    # What is poured fills the target well, so that it shows above an opaque wall.
    poured = min(rng.uniform(0.6, 0.9) * room, 0.85 * holds)
    filled = min(poured * rng.uniform(1.0, 1.1), 0.9 * holds)
    left = max(filled - poured, 0.0)
    target_at = np.array([rng.uniform(-0.03, 0.03) - 0.03 * side, rng.uniform(-0.01, 0.04), 0.0])
    crossing = rng.random() < 0.25
    first = -side if crossing else side
    places = [
        target_at + [x * rng.uniform(_BESIDE, 0.17), rng.uniform(*y), 0.0]
        for x, y in ((first, (-0.05, 0.06)), (side, _elsewhere(rng)))
    ]
    hands = [
        np.array([side * rng.uniform(0.13, 0.2), rng.uniform(-0.21, -0.16), rng.uniform(0.04, 0.1)])
        for _ in range(2)
    ]
    return Plan(
        source=source,
        target=target,
        lengths=draw_lengths(rng, int(rng.integers(config.frames[0], config.frames[1] + 1))),
        side=side,
        source_at=places[0],
        target_at=target_at,
        put_at=places[1],
        hand_at=hands[0],
        hand_to=hands[1],
        bearing=(np.pi if side > 0 else 0.0) + rng.uniform(-0.4, 0.4),
        grip=side * np.radians(rng.uniform(105, 140)),
        hold=source.floor + rng.uniform(0.42, 0.58) * source.heights[-1],
        lift=rng.uniform(0.05, 0.09),
        detour=rng.uniform(0.1, 0.13) if crossing else rng.uniform(-0.02, 0.03),
        gap=rng.uniform(0.03, 0.06),
        filled=filled,
        left=left,
        extra=rng.uniform(0.0, 0.2),
    )


def draw_lengths(rng: np.random.Generator, frames: int) -> tuple[int, ...]:
    """Numbers of frames of the phases, with that sum."""
    shares = rng.dirichlet(_SHARES * _EVENNESS)
    room = frames - SHORTEST_PHASE * len(PHASES)
    ends = np.rint(np.cumsum(shares) * room).astype(int)
    return tuple(int(n) + SHORTEST_PHASE for n in np.diff(ends, prepend=0))


def _elsewhere(rng: np.random.Generator) -> tuple[float, float]:
    """Range of y [m] around the target where the source is put down: before it or behind it."""
    return (-0.11, -0.07) if rng.random() < 0.5 else (0.07, 0.12)
