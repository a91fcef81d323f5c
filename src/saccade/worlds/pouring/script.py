"""What happens in a sequence: phases of random lengths, and the state of the world in each frame.

Frame of the world: the table's top is z = 0; the person sits at negative y and looks along y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.liquid import capacity

PHASES = ("reach", "grasp", "lift", "move", "tilt", "pour", "level", "return", "retract")
"""Names of the phases, in their order."""

SHARES = (0.13, 0.06, 0.09, 0.11, 0.10, 0.22, 0.08, 0.12, 0.09)
"""Mean share of a sequence that each phase takes."""
SHORTEST_PHASE = 2
"""Frames of the shortest phase."""
GRAVITY = 9.81
_UNEVENNESS = 6.0
"""Concentration of the shares' Dirichlet distribution, times the number of phases."""
STEEPEST = np.radians(130.0)
"""Largest tilt [rad]."""


@dataclass(frozen=True)
class Plan:
    """What is drawn once for a sequence. Points are (x, y, z) [m], angles [rad].

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
    def pour_at(self) -> Float[np.ndarray, "3"]:
        """Place of the lip while it pours [m]: just outside of the target's rim, above it."""
        reach = self.target.rim + self.target.wall + 0.004
        height = self.target.height + self.gap
        return self.target_at - reach * self.direction + np.array([0.0, 0.0, height])

    @property
    def speed(self) -> float:
        """Speed of the liquid over the lip [m/s]: it falls through the middle of the target."""
        drops = np.array([self.gap, self.gap + self.target.heights[-1]])
        reach = self.target.rim + self.target.wall + 0.004
        return float(reach / np.sqrt(2 * drops / GRAVITY).mean())


@dataclass(frozen=True)
class Course:
    """State of the world in each of the n frames.

    Attributes:
        phases: Phase, an index of `PHASES`.
        tilt: Angle of the source's axis from the vertical [rad].
        lip: Place of the source's lip [m].
        source: Place of the middle of the source's underside [m].
        rotation: Rotation from the source's frame to the world.
        hand: Place of the middle of the grip [m].
        aperture: Opening of the hand, 0 around the cup to 1 open.
        volumes: Liquid in the source and in the target [m3].
        flow: Liquid that leaves the source during the frame [m3].
    """

    phases: Int64[np.ndarray, "n"]
    tilt: Float[np.ndarray, "n"]
    lip: Float[np.ndarray, "n 3"]
    source: Float[np.ndarray, "n 3"]
    rotation: Float[np.ndarray, "n 3 3"]
    hand: Float[np.ndarray, "n 3"]
    aperture: Float[np.ndarray, "n"]
    volumes: Float[np.ndarray, "n 2"]
    flow: Float[np.ndarray, "n"]


def draw_lengths(rng: np.random.Generator, frames: int) -> tuple[int, ...]:
    """Numbers of frames of the phases, with that sum."""
    shares = rng.dirichlet(np.array(SHARES) * _UNEVENNESS * len(PHASES))
    room = frames - SHORTEST_PHASE * len(PHASES)
    ends = np.rint(np.cumsum(shares) * room).astype(int)
    return tuple(int(n) + SHORTEST_PHASE for n in np.diff(ends, prepend=0))


def play(plan: Plan) -> Course:
    """The state of every frame."""
    phases = np.repeat(np.arange(len(PHASES)), plan.lengths)
    clock = _Clock(plan.lengths)
    tilt, source_volume = _tilt_and_volume(plan, clock)
    lip = _lip_path(plan, clock)
    rotation = _rotations(plan, tilt)
    source = lip - rotation @ plan.source.lip
    held = source + rotation @ np.array([0.0, 0.0, plan.hold])
    wrist = _wrist_direction(plan)
    reach, grasp, retract = clock.share("reach"), clock.share("grasp"), clock.share("retract")
    come, leave = 1 - _eased(reach), _eased(retract)
    away = come[:, None] * (plan.hand_at - held[0]) + leave[:, None] * (plan.hand_to - held[-1])
    # The open hand comes and goes along the wrist's direction, so that it passes around the cup.
    aperture = np.clip(np.minimum(reach * 3, 1) - _eased(grasp), 0, 1)
    aperture = np.maximum(aperture, np.minimum(retract * 4, 1) * (retract > 0))
    clear = 0.5 * aperture + np.sqrt(come * (1 - come)) * 0.8 + np.sqrt(leave * (1 - leave)) * 0.8
    hand = held + away + 0.03 * clear[:, None] * wrist
    flow = -np.diff(source_volume, prepend=plan.filled)
    volumes = np.stack([source_volume, plan.filled - source_volume], axis=-1)
    return Course(phases, tilt, lip, source, rotation, hand, aperture, volumes, flow)


class _Clock:
    """How far each phase is, frame by frame."""

    def __init__(self, lengths: tuple[int, ...]) -> None:
        self._lengths = lengths
        self._starts = np.cumsum((0, *lengths))

    def share(self, phase: str) -> Float[np.ndarray, "n"]:
        """Share of a phase that is over at the end of each frame: 0 before it, 1 after it."""
        i = PHASES.index(phase)
        frame = np.arange(self._starts[-1]) + 1
        return np.clip((frame - self._starts[i]) / self._lengths[i], 0.0, 1.0)


def _eased(share: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Share of a way that is done: half at an even speed, half as smooth as a hand's."""
    smooth = share**3 * (10 - 15 * share + 6 * share**2)
    return 0.5 * share + 0.5 * smooth


def _tilt_and_volume(
    plan: Plan, clock: _Clock
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Tilt [rad] and volume in the source [m3]: while it pours, it is full to the lip."""
    angles = np.linspace(0.0, STEEPEST, 131)
    holds = capacity(plan.source, angles)
    pour = clock.share("pour")
    volume = plan.filled + _eased(pour) * (plan.left - plan.filled)
    first, last = np.interp([-plan.filled, -plan.left], -holds, angles)
    tilt = np.where(
        pour > 0, np.interp(-volume, -holds, angles), _eased(clock.share("tilt")) * first
    )
    tilt = tilt + plan.extra * pour**4
    level = _eased(clock.share("level"))
    return np.where(level > 0, (1 - level) * (last + plan.extra), tilt), volume


def _lip_path(plan: Plan, clock: _Clock) -> Float[np.ndarray, "n 3"]:
    """Way of the lip: up, to the target, and down at another place."""
    upright = _rotations(plan, np.zeros(1))[0] @ plan.source.lip
    above = np.array([0.0, 0.0, plan.lift])
    start, end = plan.source_at + upright, plan.put_at + upright
    pour = plan.pour_at
    lift, move = _eased(clock.share("lift")), _eased(clock.share("move"))
    back = clock.share("return")
    way = start + lift[:, None] * above + move[:, None] * (pour - start - above)
    over, down = _eased(np.clip(back / 0.6, 0, 1)), _eased(np.clip((back - 0.45) / 0.55, 0, 1))
    home = pour + over[:, None] * (end + above - pour) - down[:, None] * above
    return np.where(back[:, None] > 0, home, way)


def _rotations(plan: Plan, tilt: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3 3"]:
    """Rotations from the source's frame to the world."""
    d, z = plan.direction, np.array([0.0, 0.0, 1.0])
    cos, sin = np.cos(tilt)[:, None], np.sin(tilt)[:, None]
    x, up = cos * d - sin * z, cos * z + sin * d
    y = np.broadcast_to(np.cross(z, d), x.shape)
    return np.stack([x, y, up], axis=-1)


def _wrist_direction(plan: Plan) -> Float[np.ndarray, "3"]:
    """Horizontal direction from the upright source to the wrist."""
    angle = plan.bearing + plan.grip
    return np.array([np.cos(angle), np.sin(angle), 0.0])
