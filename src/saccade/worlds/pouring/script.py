"""The state of the world in each frame of a sequence.

Frame of the world: the table's top is z = 0; the person sits at negative y and looks along y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

from saccade.worlds.pouring.liquid import capacity
from saccade.worlds.pouring.plan import PHASES, Plan

STEEPEST = np.radians(130.0)
"""Largest tilt [rad]."""
_APPROACH = np.array([0.03, 0.025])
"""How far behind and above its place for pouring the lip is before the cup is tilted [m]."""
_LAST_DROPS = 0.02
"""Share of the liquid that runs out without tilting further."""
_CLEAR = 0.045
"""How far an open hand keeps from the cup on its way [m]."""


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
        flow: Liquid that left the source during the frame [m3].
    """

    phases: Int64[np.ndarray, " n"]
    tilt: Float[np.ndarray, " n"]
    lip: Float[np.ndarray, "n 3"]
    source: Float[np.ndarray, "n 3"]
    rotation: Float[np.ndarray, "n 3 3"]
    hand: Float[np.ndarray, "n 3"]
    aperture: Float[np.ndarray, " n"]
    volumes: Float[np.ndarray, "n 2"]
    flow: Float[np.ndarray, " n"]


def play(plan: Plan) -> Course:
    """The state of every frame."""
    clock = _Clock(plan.lengths)
    tilt, source_volume = _tilt_and_volume(plan, clock)
    lip = _lip_path(plan, clock)
    rotation = _rotations(plan, tilt)
    source = lip - rotation @ plan.source.lip
    held = source + rotation @ np.array([0.0, 0.0, plan.hold])
    hand, aperture = _hand_path(plan, clock, held)
    return Course(
        phases=np.repeat(np.arange(len(PHASES)), plan.lengths),
        tilt=tilt,
        lip=lip,
        source=source,
        rotation=rotation,
        hand=hand,
        aperture=aperture,
        volumes=np.stack([source_volume, plan.hits * (plan.filled - source_volume)], axis=-1),
        flow=-np.diff(source_volume, prepend=plan.filled),
    )


class _Clock:
    """How far each phase is, frame by frame."""

    def __init__(self, lengths: tuple[int, ...]) -> None:
        self._lengths = lengths
        self._starts = np.cumsum((0, *lengths))

    def share(self, phase: str) -> Float[np.ndarray, " n"]:
        """Share of a phase that is over in each frame: 0 before it, 1 from its last frame on."""
        i = PHASES.index(phase)
        frame = np.arange(self._starts[-1]) + 1
        return np.clip((frame - self._starts[i]) / self._lengths[i], 0.0, 1.0)


def _eased(share: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Share of a way that is done: half at an even speed, half as smooth as a hand's."""
    smooth = share**3 * (10 - 15 * share + 6 * share**2)
    return 0.5 * share + 0.5 * smooth


def _bump(share: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """0 at both ends of a way, 1 in its middle."""
    return 4 * share * (1 - share)


def _tilt_and_volume(
    plan: Plan, clock: _Clock
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Tilt [rad] and volume in the source [m3]: while it pours, it is full to the lip."""
    angles = np.linspace(0.0, STEEPEST, 131)
    holds = capacity(plan.source, angles)
    pour, level = clock.share("pour"), _eased(clock.share("level"))
    volume = plan.filled + _eased(pour) * (plan.left - plan.filled)
    first = np.interp(-plan.filled, -holds, angles)
    # The last drops would need a jerk of the wrist: nobody waits for them.
    flowing = np.maximum(volume, _LAST_DROPS * plan.filled)
    dipped = np.interp(-flowing, -holds, angles) - (1 - plan.dip) * first
    until = np.where(pour > 0, dipped, _eased(clock.share("tilt")) * plan.dip * first)
    return (1 - level) * (until + plan.extra * pour**4), volume


def _lip_path(plan: Plan, clock: _Clock) -> Float[np.ndarray, "n 3"]:
    """Way of the lip: up, to the target, and down at another place."""
    upright = _rotations(plan, np.zeros(1))[0] @ plan.source.lip
    above = np.array([0.0, 0.0, plan.lift])
    start, end = plan.source_at + upright, plan.put_at + upright
    before = plan.pour_at - _APPROACH[0] * plan.direction + np.array([0.0, 0.0, _APPROACH[1]])
    lift, move, tilt, level = (
        _eased(clock.share(name))[:, None] for name in ("lift", "move", "tilt", "level")
    )
    back = clock.share("return")
    over = _eased(np.clip(back / 0.65, 0, 1))[:, None]
    down = _eased(np.clip((back - 0.4) / 0.6, 0, 1))[:, None]
    aside = np.outer(_bump(move[:, 0]), [0.0, -plan.detour, 0.0])
    way = start + lift * above + move * (before - start - above) + aside
    way = way + (tilt - level) * (plan.pour_at - before)
    return way + over * (end + above - before) - down * above


def _hand_path(
    plan: Plan, clock: _Clock, held: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, " n"]]:
    """Way of the grip's middle [m], and how far the hand is open.

    The open hand comes from the wrist's side and goes back there, so that it passes around the cup.
    """
    angle = plan.bearing + plan.grip
    wrist = np.array([np.cos(angle), np.sin(angle), 0.0])
    reach, grasp = clock.share("reach"), _eased(clock.share("grasp"))
    retract = clock.share("retract")
    come, leave = 1 - _eased(reach), _eased(retract)
    away = come[:, None] * (plan.hand_at - held[0]) + leave[:, None] * (plan.hand_to - held[-1])
    aperture = np.clip(0.3 + 2 * reach, 0, 1) * (1 - grasp) + np.clip(4 * retract, 0, 1)
    clear = np.maximum(1 - grasp, np.clip(4 * retract, 0, 1)) * (1 - come) * (1 - leave)
    return held + away + _CLEAR * clear[:, None] * wrist, aperture


def _rotations(plan: Plan, tilt: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 3 3"]:
    """Rotations from the source's frame to the world."""
    d, z = plan.direction, np.array([0.0, 0.0, 1.0])
    cos, sin = np.cos(tilt)[:, None], np.sin(tilt)[:, None]
    x, up = cos * d - sin * z, cos * z + sin * d
    y = np.broadcast_to(np.cross(z, d), x.shape)
    return np.stack([x, y, up], axis=-1)
