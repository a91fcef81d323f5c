"""Timing of a joint path: set points that are as fast as the arm's limits allow, and smooth.

The path becomes a spline over one number, and Ruckig moves that number from its start to its end in
the shortest time under limits of speed, acceleration and jerk. These are derived from the joints'
limits along the path, so every joint keeps its own, and the arm stops only at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from saccade.errors import MissingExtraError, SaccadeError, UserInputError
from saccade.worlds.robots.arm import Arm

SHORTEST = 1e-7
"""Samples of a path that are nearer to each other are one [s at full speed]."""
SAMPLES = 200
"""Places along a path at which the limits are looked at."""
BEND_SHARE, CHANGE_SHARE = 0.5, 0.2
"""Shares of the acceleration for bends and for changes of speed where a path's speed is evened; the
rest starts and stops the motion. Tried in tenths: these give the shortest times."""
EVENED_WINDOW = SAMPLES // 20
"""Samples over which an evened speed changes smoothly."""
SLOWER = 0.85
"""Ratio of the speeds that are tried: slower leaves more acceleration beside the bends."""
SLOWEST = 40
"""How many of them are tried."""


def require_ruckig() -> Any:
    """Ruckig's Python module.

    Raises:
        MissingExtraError: It is not installed; the message names the extra `arm`.
    """
    try:
        return import_module("ruckig")
    except ImportError as error:
        raise MissingExtraError("ruckig", "arm") from error


@dataclass(frozen=True)
class Pace:
    """Shares of an arm's limits that its motions use.

    Attributes:
        velocity: Share of the joints' speeds.
        acceleration: Share of their accelerations.
        jerk: Share of their jerks: how suddenly accelerations change.
    """

    velocity: float = 0.8
    acceleration: float = 0.5
    jerk: float = 0.05

    def __post_init__(self) -> None:
        for name in ("velocity", "acceleration", "jerk"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise UserInputError(
                    f"{name} of a pace is {getattr(self, name)}; expected a share in (0, 1]"
                )


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Set points of the joints, one a time step; the start is left out, the end rests.

    Attributes:
        positions: Joint positions [rad].
        velocities: Joint velocities [rad/s].
        timestep: Time between set points [s].
    """

    positions: Float[np.ndarray, "n k"]
    velocities: Float[np.ndarray, "n k"]
    timestep: float

    @property
    def duration(self) -> float:
        """Time that it takes [s]."""
        return len(self.positions) * self.timestep


@dataclass(frozen=True, eq=False)
class JointLimits:
    """How fast each joint may be.

    Attributes:
        velocity: [rad/s].
        acceleration: [rad/s^2].
        jerk: [rad/s^3].
    """

    velocity: Float[np.ndarray, " k"]
    acceleration: Float[np.ndarray, " k"]
    jerk: Float[np.ndarray, " k"]

    @classmethod
    def of(cls, arm: Arm, pace: Pace) -> JointLimits:
        """An arm's limits at a pace."""
        return cls(
            pace.velocity * np.array(arm.velocity_limits),
            pace.acceleration * np.array(arm.acceleration_limits),
            pace.jerk * np.array(arm.jerk_limits),
        )


def trajectory(path: Float[np.ndarray, "n k"], limits: JointLimits, timestep: float) -> Trajectory:
    """Set points that follow a joint path from rest to rest.

    Args:
        path: Joint positions along the way [rad], the first where the arm is.
        limits: How fast each joint may be.
        timestep: Time between set points [s].

    Raises:
        MissingExtraError: Ruckig is not installed.
    """
    plain = _spline(path, limits)
    if plain is None:
        return Trajectory(path[-1:].astype(float), np.zeros((1, path.shape[1])), timestep)
    ways = [(_fastest(spline, limits), spline) for spline in (plain, _evened(plain, limits))]
    motion, spline = min(ways, key=lambda way: way[0].duration)
    length = float(spline.x[-1])
    times = timestep * np.arange(1, int(np.ceil(motion.duration / timestep - 1e-9)) + 1)
    states = [motion.at_time(min(time, motion.duration)) for time in times]
    places = np.clip([state[0][0] for state in states], 0.0, length)
    speeds = np.array([state[1][0] for state in states])
    positions, velocities = spline(places), spline(places, 1) * speeds[:, None]
    positions[-1], velocities[-1] = path[-1], 0.0
    return Trajectory(positions, velocities, timestep)


def _spline(path: Float[np.ndarray, "n k"], limits: JointLimits) -> CubicSpline | None:
    """The path as a spline over the time that it takes at the joints' highest speeds, about.

    None if it has no length.
    """
    steps = np.linalg.norm(np.diff(path, axis=0) / limits.velocity, axis=1)
    moving = np.concatenate([[True], steps > SHORTEST])
    along = np.concatenate([[0.0], np.cumsum(steps)])[moving]
    return CubicSpline(along, path[moving]) if len(along) > 1 else None


def _evened(spline: CubicSpline, limits: JointLimits) -> CubicSpline:
    """The spline over another number, on which a constant speed is about what limits allow."""
    grid = np.linspace(0.0, float(spline.x[-1]), SAMPLES)
    speed = _speed_limit(spline, grid, limits)
    slowness = (1 / speed[:-1] + 1 / speed[1:]) / 2
    evened = np.concatenate([[0.0], np.cumsum(np.diff(grid) * slowness)])
    return CubicSpline(evened, spline(grid))


def _speed_limit(
    spline: CubicSpline, grid: Float[np.ndarray, " m"], limits: JointLimits
) -> Float[np.ndarray, " m"]:
    """Speed along a path at which joints keep their limits, that itself changes no faster."""
    slope, bend = (np.maximum(np.abs(spline(grid, order)), 1e-9) for order in (1, 2))
    speed = np.minimum(
        (limits.velocity / slope).min(axis=1),
        np.sqrt(BEND_SHARE * limits.acceleration / bend).min(axis=1),
    )
    gain = 2 * CHANGE_SHARE * (limits.acceleration / slope).min(axis=1) * grid[1]
    square = speed**2
    for i in range(1, len(grid)):
        square[i] = min(square[i], square[i - 1] + gain[i])
    for i in range(len(grid) - 2, -1, -1):
        square[i] = min(square[i], square[i + 1] + gain[i])
    lowest = minimum_filter1d(np.sqrt(square), EVENED_WINDOW, mode="nearest")
    return uniform_filter1d(lowest, EVENED_WINDOW, mode="nearest")


def _fastest(spline: CubicSpline, limits: JointLimits):
    """Ruckig's motion along a spline from rest to rest, the shortest of those that keep limits.

    With s(t) the place on the spline q(s), a joint's speed is q' s', its acceleration
    q' s'' + q'' s'^2 and its jerk q' s''' + 3 q'' s' s'' + q''' s'^3.
    """
    grid = np.linspace(0.0, float(spline.x[-1]), SAMPLES)
    slope, bend, twist = (np.abs(spline(grid, order)) for order in (1, 2, 3))
    slope = np.maximum(slope, 1e-9)
    highest = float((limits.velocity / slope).min())
    best = None
    for i in range(SLOWEST):
        speed = highest * SLOWER**i
        acceleration = float(((limits.acceleration - bend * speed**2) / slope).min())
        rest = limits.jerk - 3 * bend * speed * acceleration - twist * speed**3
        jerk = float((rest / slope).min())
        if acceleration > 0 and jerk > 0:
            motion = _ruckig(float(spline.x[-1]), speed, acceleration, jerk)
            if best is None or motion.duration < best.duration:
                best = motion
    if best is None:
        raise SaccadeError("a path bends too sharply to be followed; expected a smooth one")
    return best


def _ruckig(length: float, speed: float, acceleration: float, jerk: float):
    """Ruckig's time-optimal motion of one number from 0 to a length, from rest to rest."""
    ruckig = require_ruckig()
    given, motion = ruckig.InputParameter(1), ruckig.Trajectory(1)
    given.current_position, given.target_position = [0.0], [length]
    given.max_velocity, given.max_acceleration, given.max_jerk = [speed], [acceleration], [jerk]
    result = ruckig.Ruckig(1).calculate(given, motion)
    if result < 0:
        raise SaccadeError(f"Ruckig cannot time a motion of length {length:g}: {result}")
    return motion
