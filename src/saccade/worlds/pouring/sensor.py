"""What a camera makes of a picture: exposure, white balance, contrast and noise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

_NOISE = 3.0
"""Largest standard deviation of a sensor's noise, of 255."""


def exposed(
    rng: np.random.Generator, frames: UInt8[np.ndarray, "n h w 3"]
) -> UInt8[np.ndarray, "n h w 3"]:
    """The frames of one view as its own camera would have taken them."""
    n = len(frames)
    time = np.linspace(0, 1, n)[:, None]
    flicker = 0.06 * np.sin(2 * np.pi * (rng.uniform(0.3, 1.5) * time + rng.random()))
    gain = np.exp(rng.normal(0, 0.1)) * np.exp(rng.normal(0, 0.04, 3)) * (1 + flicker)
    contrast, noise = rng.uniform(0.85, 1.15), rng.uniform(0.0, _NOISE)
    curves = _curves(gain, contrast)
    level = rng.normal(0, noise, frames.shape[1:]) if noise else 0
    out = np.empty_like(frames)
    for i, frame in enumerate(frames):
        developed = np.take_along_axis(curves[i], frame.reshape(-1, 3), axis=0)
        # One field of noise, shifted at random, is as good as a new one and much quicker.
        shift = tuple(int(v) for v in rng.integers(0, frame.shape[:2]))
        grain = np.roll(level, shift, axis=(0, 1)) if noise else 0
        out[i] = np.clip(developed.reshape(frame.shape) + grain, 0, 255)
    return out


def _curves(gain: Float[np.ndarray, "n 3"], contrast: float) -> Float[np.ndarray, "n 256 3"]:
    """What becomes of each value of each channel in each frame."""
    value = np.arange(256.0)[None, :, None]
    return np.clip(128 + contrast * (value * gain[:, None] - 128), 0, 255)
