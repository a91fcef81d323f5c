"""How things and the camera move: series over the T frames of a clip.

Positions are in pixels of the frame, x to the right and y down, angles in radians clockwise on the
screen, speeds a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from saccade.data.tracking.synthetic.config import SyntheticConfig

Series = Float[np.ndarray, "t"]
Path = Float[np.ndarray, "t 2"]
Maps = Float[np.ndarray, "t 3 3"]


@dataclass(frozen=True)
class Pose:
    """An object's pose in every frame.

    Attributes:
        centre: Centre on the screen [px].
        scale: Number of pixels a body unit.
        angle: Rotation [rad].
        aspect: Width over height, relative to rest.
        shear: Horizontal shift a vertical unit.
        yaw: Rotation out of the plane, -1 to 1, which slides textures.
        beat: Phase of gait [rad].
        sway: Strength of gait and breathing.
    """

    centre: Path
    scale: Series
    angle: Series
    aspect: Series
    shear: Series
    yaw: Series
    beat: Series
    sway: float


def wander(rng: np.random.Generator, frames: int, period: float) -> Series:
    """A smooth random series of about unit variance that changes within `period` frames."""
    knots = int(np.ceil(frames / period)) + 4
    values = rng.normal(size=(1, knots)).astype(np.float32)
    fine = max(1, round(period))
    smooth = cv2.resize(values, (knots * fine, 1), interpolation=cv2.INTER_CUBIC)[0]
    start = fine + fine // 2
    series = smooth[start : start + frames].astype(np.float64)
    return np.pad(series, (0, frames - len(series)), mode="edge")


def translation(offset: Float[np.ndarray, "*t 2"]) -> Float[np.ndarray, "*t 3 3"]:
    """Matrices that shift."""
    maps = np.zeros((*offset.shape[:-1], 3, 3))
    maps[..., range(3), range(3)] = 1
    maps[..., :2, 2] = offset
    return maps


def linear(
    angle: Series, x: Series, y: Series, shear: Series | float = 0.0
) -> Float[np.ndarray, "t 3 3"]:
    """Matrices that scale by x and y, shear, and then rotate."""
    cos, sin = np.cos(angle), np.sin(angle)
    maps = np.zeros((len(angle), 3, 3))
    maps[:, 0, 0], maps[:, 1, 0] = cos * x, sin * x
    maps[:, 0, 1], maps[:, 1, 1] = (cos * shear - sin) * y, (sin * shear + cos) * y
    maps[:, 2, 2] = 1
    return maps


def displacement(rng: np.random.Generator, size: float, config: SyntheticConfig) -> Path:
    """Path of an object of `size` pixels, relative to its start."""
    frames = config.frames
    fast = rng.random() < config.fast_probability
    speed = rng.uniform(0.3, 0.9) if fast else min(0.4, 0.05 * np.exp(rng.normal(0, 0.9)))
    heading = rng.normal(0, 0.5) + rng.choice([0, np.pi]) + 0.25 * wander(rng, frames, 20)
    if rng.random() < 0.3:
        heading = heading + rng.uniform(-np.pi, np.pi)
    turns = (rng.random(frames) < (0.1 if fast else 0.025)) * rng.uniform(-np.pi, np.pi, frames)
    heading = heading + np.cumsum(turns)
    pace = speed * np.exp(0.3 * wander(rng, frames, 12))
    if rng.random() < 0.3:
        pace *= np.clip(0.5 + 2 * wander(rng, frames, 14), 0, 1.2)
    steps = pace[:, None] * np.stack([np.cos(heading), 0.8 * np.sin(heading)], 1)
    path = np.cumsum(steps, 0) + oscillation(rng, frames)
    path += 0.012 * rng.normal(size=(frames, 2))
    return config.motion * size * (path - path[0])


def oscillation(rng: np.random.Generator, frames: int) -> Path:
    """Path of jumping, nodding or swaying, in object sizes; still in most clips."""
    path = np.zeros((frames, 2))
    if rng.random() > 0.35:
        return path
    phase = np.arange(frames) * 2 * np.pi / rng.uniform(9, 45) + rng.uniform(0, 2 * np.pi)
    size, along = rng.uniform(0.08, 0.8), int(rng.random() < 0.65)
    path[:, along] = size * (-np.abs(np.sin(phase / 2)) if rng.random() < 0.4 else np.sin(phase))
    path[:, 1 - along] = 0.2 * size * np.sin(phase / 2 + 1)
    return path


def folded(
    path: Path, low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"]
) -> Path:  # fmt: skip
    """Keeps a path within bounds: it turns round where it would pass them."""
    span = np.maximum(high - low, 1e-6)
    phase = np.mod((path - low) / span, 2)
    return low + span * np.where(phase > 1, 2 - phase, phase)


def away_and_back(rng: np.random.Generator, path: Path, reach: float, width: int) -> Path:
    """Sends a path out of the frame at one side and lets it return from either.

    Args:
        rng: Generator that chooses when, for how long and where.
        path: Path of the centres [px].
        reach: Half the size of the object [px].
        width: Width of the frame [px].
    """
    frames = len(path)
    ramp = max(2, round(min(8, 0.12 * frames)))
    start = int(rng.uniform(0.15, 0.45) * frames) + 1
    stay = int(rng.uniform(0.1, 0.3) * frames) + 1
    t = np.arange(frames, dtype=float)
    gone = np.interp(t, [start, start + ramp], [0, 1])
    back = np.interp(t, [start + ramp + stay, start + 2 * ramp + stay], [0, 1])
    sides = rng.choice([-1.0, 1.0], 2)
    outside = width / 2 + sides * (width / 2 + 1.3 * reach + 4)
    middle = np.where(back > 0, outside[1], outside[0])
    share = np.minimum(gone, 1 - back)
    share = share * share * (3 - 2 * share)
    moved = path.copy()
    moved[:, 0] = (1 - share) * path[:, 0] + share * middle
    return moved


def scales(rng: np.random.Generator, config: SyntheticConfig) -> Series:
    """Scale in every frame, relative to frame 0: approaching and receding."""
    t = np.arange(config.frames)
    rate = rng.normal(0, 0.008) + (rng.random() < 0.15) * rng.normal(0, 0.02)
    change = rate * t + 0.1 * wander(rng, config.frames, 18)
    change = config.scale_change * (change - change[0])
    return np.exp(np.clip(change, -0.9, 0.8))


def make_pose(
    rng: np.random.Generator, centre: Path, scale: Series, upright: bool, beat: float,
    config: SyntheticConfig,
) -> Pose:  # fmt: skip
    """Draws rotation, deformation and gait for an object whose path is known."""
    frames = config.frames
    tilt = 0.06 if upright else rng.uniform(0.05, 0.6)
    angle = tilt * wander(rng, frames, 14)
    if not upright and rng.random() < 0.35:
        angle = angle + rng.uniform(-0.15, 0.15) * np.arange(frames)
    if not upright:
        angle = angle + rng.uniform(-0.6, 0.6)
    strength = rng.uniform(0.02, 0.12) if upright else rng.uniform(0.02, 0.3)
    yaw = np.tanh(wander(rng, frames, 16) * rng.uniform(0.2, 1.0))
    narrow = 1 - config.turning * rng.uniform(0, 0.4) * yaw**2
    stretch = np.exp(config.deformation * strength * wander(rng, frames, 9))
    shear = config.deformation * 0.6 * strength * wander(rng, frames, 11)
    pace = beat * (1 + 0.2 * wander(rng, frames, 15))
    return Pose(
        centre=centre,
        scale=scale,
        angle=config.rotation * angle,
        aspect=np.maximum(narrow, 0.3) * stretch,
        shear=shear,
        yaw=config.turning * yaw,
        beat=rng.uniform(0, 2 * np.pi) + np.cumsum(pace),
        sway=config.deformation,
    )


@dataclass(frozen=True)
class Camera:
    """A camera over a flat world whose origin is the middle of the first view.

    Attributes:
        pan: Point of the world that the camera looks at [px].
        zoom: Magnification, 1 in frame 0.
        roll: Rotation of the world on the screen [rad].
        shake: Shift of everything on the screen [px].
        middle: Centre of the frame [px].
    """

    pan: Path
    zoom: Series
    roll: Series
    shake: Path
    middle: Float[np.ndarray, "2"]

    def maps(self, nearness: float = 1.0) -> Maps:
        """Maps from the world to the screen; near things pass faster (`nearness` > 1)."""
        turn = linear(self.roll, self.zoom, self.zoom)
        return translation(self.middle + self.shake) @ turn @ translation(-nearness * self.pan)


def make_camera(rng: np.random.Generator, config: SyntheticConfig) -> Camera:
    """A camera on a tripod, in a hand or on a vehicle."""
    frames, unit = config.frames, config.width / 160
    t = np.arange(frames)
    still = np.zeros((frames, 2))
    pan, zoom, roll = still, np.ones(frames), np.zeros(frames)
    strength = config.camera_motion
    if rng.random() < config.camera_probability:
        speed = min(6.0, 0.8 * np.exp(rng.normal(0, 1.0))) * unit * strength
        heading = rng.choice([0, np.pi]) + 0.5 * rng.normal() + 0.4 * wander(rng, frames, 25)
        pace = speed * (1 + 0.5 * wander(rng, frames, 15))
        steps = pace[:, None] * np.stack([np.cos(heading), 0.6 * np.sin(heading)], 1)
        pan = np.cumsum(steps, 0) - steps[0]
        if rng.random() < 0.4:
            change = rng.normal(0, 0.006) * t + 0.05 * wander(rng, frames, 20)
            zoom = np.exp(np.clip(strength * (change - change[0]), -0.4, 0.5))
        if rng.random() < 0.3:
            roll = 0.05 * strength * wander(rng, frames, 20)
            roll = roll - roll[0]
    shake = _shake(rng, frames) * unit * config.shake if rng.random() < 0.5 else still
    return Camera(pan, zoom, roll, shake, np.array([config.width - 1, config.height - 1]) / 2)


def _shake(rng: np.random.Generator, frames: int) -> Path:
    """Trembling of a hand, and now and then a jolt [px at a width of 160]."""
    tremble = min(5.0, 0.6 * np.exp(rng.normal(0, 1.0)))
    path = np.stack([wander(rng, frames, 2.5), wander(rng, frames, 2.5)], 1) * tremble
    path += 0.3 * tremble * rng.normal(size=(frames, 2))
    if rng.random() < 0.3:
        jolts = (rng.random(frames) < 0.06)[:, None] * rng.normal(0, 5, (frames, 2))
        for t in range(1, frames):
            jolts[t] += 0.5 * jolts[t - 1]
        path += jolts
    return path - path[0]
