"""What light, lens, sensor and compression do to a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.data.tracking.synthetic import textures
from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.data.tracking.synthetic.motion import Maps, wander

_LIGHT_CELLS = 4
"""Pixels of the world in a cell of the light map."""


@dataclass(frozen=True)
class Look:
    """The look of a clip.

    Attributes:
        size: Height and width of the frame [px].
        colours: Gain, cast and saturation in every frame, for `cv2.transform`.
        light: Light and shade lying in the world, in cells of 4 px; None: even light.
        light_maps: Maps from the cells of `light` to the screen.
        exposure: Time for which the shutter is open, as a share of the time between frames.
        focus: Standard deviation of the blur in every frame [px].
        noise: Fields of sensor noise, larger than a frame; None: no noise.
        offsets: Offset of the piece of `noise` that each frame has.
        shrink: Resolution before enlarging, as a share.
        quality: JPEG quality; None: no compression.
    """

    size: tuple[int, int]
    colours: Float[np.ndarray, "t 3 4"]
    light: Float[np.ndarray, "cells_h cells_w"] | None
    light_maps: Float[np.ndarray, "t 2 3"]
    exposure: float
    focus: Float[np.ndarray, " t"]
    noise: Float[np.ndarray, "noise_h noise_w 3"] | None
    offsets: Float[np.ndarray, "t 2"]
    shrink: float
    quality: int | None


def make_look(
    rng: np.random.Generator, camera_maps: Maps, size: tuple[int, int], config: SyntheticConfig
) -> Look:
    """Draws the look of a clip.

    Args:
        rng: Source of randomness.
        camera_maps: Maps from the scenery's pixels to the screen.
        size: Height and width of the scenery [px].
        config: Probabilities and strengths.
    """
    light = None
    if rng.random() < 0.45 and config.lighting > 0:
        cells = (size[0] // _LIGHT_CELLS + 1, size[1] // _LIGHT_CELLS + 1)
        depth = config.lighting * rng.uniform(0.2, 0.9)
        light = np.clip(1 + depth * textures.noise(rng, cells, 3, 2), 0.2, 1.6)
    enlarge = np.diag([_LIGHT_CELLS, _LIGHT_CELLS, 1.0])
    sharp = rng.random() < 0.6 or config.defocus == 0
    focus = abs(rng.normal(0, 0.45)) + 0.3 * np.abs(wander(rng, config.frames, 15))
    low = rng.random() < config.low_resolution_probability
    packed = rng.random() < config.jpeg_probability
    return Look(
        size=(config.height, config.width),
        colours=_colours(rng, config),
        light=light,
        light_maps=(camera_maps @ enlarge)[:, :2],
        exposure=config.motion_blur * rng.uniform(0.1, 1.0),
        focus=np.zeros(config.frames) if sharp else config.defocus * focus,
        noise=_noise(rng, config),
        offsets=rng.integers(0, 24, (config.frames, 2)).astype(float),
        shrink=float(rng.uniform(0.5, 0.9)) if low else 1.0,
        quality=int(rng.integers(25, 92)) if packed else None,
    )


def develop(
    frame: Float[np.ndarray, "h w 3"], t: int, look: Look
) -> UInt8[np.ndarray, "h w 3"]:  # fmt: skip
    """The picture that is stored of the light on the sensor."""
    height, width = frame.shape[:2]
    if look.light is not None:
        light = cv2.warpAffine(
            look.light, look.light_maps[t], (width, height), borderMode=cv2.BORDER_REFLECT_101
        )
        frame = frame * light[..., None]
    frame = cv2.transform(frame, look.colours[t])
    if look.focus[t] > 0.25:
        frame = cv2.GaussianBlur(frame, (0, 0), look.focus[t])
    if look.shrink < 1:
        small = cv2.resize(
            frame, None, fx=look.shrink, fy=look.shrink, interpolation=cv2.INTER_AREA
        )
        frame = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if look.noise is not None:
        y, x = look.offsets[t].astype(int)
        frame = frame + look.noise[y : y + height, x : x + width]
    # Rounds and saturates in one pass; it would mirror what is negative.
    picture = cv2.convertScaleAbs(np.maximum(frame, 0))
    return picture if look.quality is None else _compressed(picture, look.quality)


def _colours(rng: np.random.Generator, config: SyntheticConfig) -> Float[np.ndarray, "t 3 4"]:
    """A constant cast; gain that drifts, flickers and jumps; grey in some clips."""
    frames, strength = config.frames, config.lighting
    cast = textures.colour_shift(rng, 0.35 * strength).astype(np.float64)
    grey = rng.random() < config.greyscale_probability
    drift = rng.normal(0, 0.004) * np.arange(frames) + 0.1 * wander(rng, frames, 15)
    if rng.random() < 0.25:
        drift = drift + 0.25 * np.tanh(3 * wander(rng, frames, 10))
    if rng.random() < 0.15:
        drift = drift + 0.04 * rng.normal(size=frames)
    gain = np.exp(np.clip(strength * (drift - drift[0]), -0.7, 0.4))
    matrix = cast[None] * gain[:, None, None]
    matrix[:, :, 3] = cast[:, 3]
    if grey:
        luma = np.array([0.299, 0.587, 0.114])
        matrix = np.einsum("c,tcj->tj", luma, matrix)[:, None].repeat(3, 1)
    return matrix.astype(np.float32)


def _noise(rng: np.random.Generator, config: SyntheticConfig) -> Float[np.ndarray, "h w 3"] | None:
    sigma = config.noise * max(0.0, rng.normal(1.5, 3.0))
    if sigma < 0.3:
        return None
    shape = (config.height + 24, config.width + 24)
    channels = 1 if rng.random() < 0.5 else 3
    field = sigma * rng.standard_normal((*shape, channels), np.float32)
    return np.ascontiguousarray(np.broadcast_to(field, (*shape, 3)))


def _compressed(picture: UInt8[np.ndarray, "h w 3"], quality: int) -> UInt8[np.ndarray, "h w 3"]:
    """There and back through JPEG; the order of the channels must be OpenCV's for its chroma."""
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    packed = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    unpacked = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return cv2.cvtColor(cast(np.ndarray, unpacked), cv2.COLOR_BGR2RGB)
