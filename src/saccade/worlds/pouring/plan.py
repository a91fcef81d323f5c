"""What is drawn once for a sequence: the cups, where they stand, who pours and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.config import Outcome, PouringConfig
from saccade.worlds.pouring.cup_kinds import draw_cup
from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.liquid import capacity

PHASES = ("reach", "grasp", "lift", "move", "tilt", "pour", "level", "return", "retract")
"""Names of the phases, in their order."""

SHORTEST_PHASE = 3
"""Frames of the shortest phase."""
GRAVITY = 9.81
"""Acceleration of falling liquid [m/s2]."""
_SHARES = np.array([0.13, 0.05, 0.08, 0.11, 0.10, 0.23, 0.08, 0.12, 0.10])
"""Mean share of a sequence that each phase takes."""
_EVENNESS = 50.0
"""Sum of the parameters of the shares' Dirichlet distribution: the larger, the more alike."""
_OUTSIDE = 0.004
"""Distance of the lip from the target's outer wall while it pours [m]."""
_BESIDE, _BETWEEN = 0.145, 0.175
"""Smallest distance between the cups' axes while the source stands [m]; and where the hand comes
from the other side, so that its palm fits between them."""
_ABREAST, _AHEAD, _BEHIND = (-0.05, 0.06), (-0.11, -0.07), (0.07, 0.12)
"""Ranges of y, seen from the target [m]: where the source stands at first; and at last, so that it
never stands where it stood."""
_CROSSING = 0.25
"""Share of sequences in which the source stands on the other hand's side at first, where there is
time for its long way."""
_LONG_MOVE = 6
"""Fewest frames of that way."""
_OVER_TABLE = 0.015
"""Least height of the upright source above the table when the lip is at its place [m]."""
_LOWEST_HOLD = 0.05
"""Least height of the hand's middle above the table [m]: the little finger is below it."""


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
        aim: Where it is poured: the target's place, or one beside it.
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
        dip: Tilt before the first drop, as a share of the tilt at which it flows.
        extra: Tilt beyond the last drop [rad].
    """

    source: CupShape
    target: CupShape
    lengths: tuple[int, ...]
    side: int
    source_at: Float[np.ndarray, "3"]
    target_at: Float[np.ndarray, "3"]
    aim: Float[np.ndarray, "3"]
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
    dip: float
    extra: float

    @property
    def frames(self) -> int:
        """Number of frames of the sequence."""
        return sum(self.lengths)

    @property
    def hits(self) -> bool:
        """Whether what is poured falls into the target."""
        return bool((self.aim == self.target_at).all())

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
        """Place of the lip while it pours [m]: above the target's rim, just outside of it."""
        height = self.target.height + self.gap
        return self.aim - self.reach * self.direction + np.array([0.0, 0.0, height])

    @property
    def speed(self) -> float:
        """Speed of the liquid over the lip [m/s]: it falls through the middle of the target."""
        drops = np.array([self.gap, self.gap + self.target.heights[-1]])
        return float(self.reach / np.sqrt(2 * drops / GRAVITY).mean())


def draw_plan(rng: np.random.Generator, config: PouringConfig) -> Plan:
    """Draw what happens in a sequence."""
    lengths = draw_lengths(rng, int(rng.integers(config.frames[0], config.frames[1] + 1)))
    side = int(rng.choice([-1, 1]))
    source, target = draw_cup(rng, config.split), draw_cup(rng, config.split)
    filled, left = _draw_volumes(rng, source, target)
    target_at = np.array([rng.uniform(-0.03, 0.03) - 0.03 * side, rng.uniform(-0.01, 0.04), 0.0])
    crossing = rng.random() < _CROSSING and lengths[PHASES.index("move")] >= _LONG_MOVE
    first = -side if crossing else side
    bearing = (np.pi if side > 0 else 0.0) + rng.uniform(-0.4, 0.4)
    plan = Plan(
        source=source,
        target=target,
        lengths=lengths,
        side=side,
        source_at=_draw_place(
            rng, target_at, first * (_BETWEEN if crossing else _BESIDE), _ABREAST
        ),
        target_at=target_at,
        aim=target_at,
        put_at=_draw_place(
            rng, target_at, side * _BESIDE, _AHEAD if rng.random() < 0.5 else _BEHIND
        ),
        hand_at=_draw_hand_place(rng, first),
        hand_to=_draw_hand_place(rng, side),
        bearing=bearing,
        grip=side * np.radians(rng.uniform(105, 140)),
        hold=max(source.floor + rng.uniform(0.45, 0.6) * source.heights[-1], _LOWEST_HOLD),
        lift=rng.uniform(0.05, 0.09),
        detour=rng.uniform(0.2, 0.22) if crossing else rng.uniform(-0.02, 0.03),
        gap=max(rng.uniform(0.03, 0.06), source.height + _OVER_TABLE - target.height),
        filled=filled,
        left=left,
        dip=1.0,
        extra=rng.uniform(0.0, 0.2),
    )
    return _failing(rng, plan, config.outcome)


def _failing(rng: np.random.Generator, plan: Plan, outcome: Outcome) -> Plan:
    """The plan as it is where it succeeds; one that spills, or that pours nothing."""
    if outcome == "spilled":
        short = plan.target.rim + rng.uniform(0.035, 0.06)
        return replace(plan, aim=plan.target_at - short * plan.direction)
    if outcome == "withheld":
        return replace(plan, left=plan.filled, dip=rng.uniform(0.4, 0.8), extra=0.0)
    return plan


def _draw_volumes(
    rng: np.random.Generator, source: CupShape, target: CupShape
) -> tuple[float, float]:
    """Volumes in the source at first and at last [m3].

    What is poured fills the target well, so that it shows above an opaque wall.
    """
    holds, room = (float(capacity(cup, np.zeros(1))[0]) for cup in (source, target))
    poured = min(rng.uniform(0.6, 0.9) * room, 0.85 * holds)
    left = poured * rng.uniform(0.0, 0.05) if rng.random() < 0.3 else 0.0
    return poured + left, left


def _draw_place(
    rng: np.random.Generator,
    target_at: Float[np.ndarray, "3"],
    beside: float,
    range_y: tuple[float, float],
) -> Float[np.ndarray, "3"]:
    """A place for the source, so far beside the target or a little farther [m]."""
    x = beside + np.sign(beside) * rng.uniform(0.0, 0.03)
    return target_at + np.array([x, rng.uniform(*range_y), 0.0])


def _draw_hand_place(rng: np.random.Generator, side: int) -> Float[np.ndarray, "3"]:
    """A place from which a hand comes, or to which it goes [m]."""
    y, z = rng.uniform(-0.22, -0.17), rng.uniform(0.06, 0.11)
    return np.array([side * rng.uniform(0.12, 0.2), y, z])


def draw_lengths(rng: np.random.Generator, frames: int) -> tuple[int, ...]:
    """Numbers of frames of the phases, with that sum."""
    shares = rng.dirichlet(_SHARES * _EVENNESS)
    room = frames - SHORTEST_PHASE * len(PHASES)
    ends = np.rint(np.cumsum(shares) * room).astype(int)
    return tuple(int(n) + SHORTEST_PHASE for n in np.diff(ends, prepend=0))
