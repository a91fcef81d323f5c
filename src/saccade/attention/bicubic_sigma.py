"""The paper's width of a Gaussian glimpse: a polynomial of its stride, fitted before training.

Kosiorek et al. (2017, section 3) regress the Gaussians' width on their stride with polynomials of
up to fourth order. What they fit is not said; here it is the width with which a Gaussian comes
closest to bicubic resampling of signals that have the spectrum of natural images (amplitude 1/f).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def fit_sigma_polynomial(
    strides: Float[np.ndarray, " n"], *, order: int = 4, signals: int = 200, seed: int = 0
) -> tuple[float, ...]:
    """Coefficients, from the constant upwards, of sigma [pixels] over stride [pixels]."""
    rng = np.random.default_rng(seed)
    rows = natural_signals(rng, signals, 512)
    sigmas = np.linspace(0.2, 3.0, 141)
    best = [sigmas[_errors(rows, stride, sigmas, rng).argmin()] for stride in strides]
    return tuple(np.polynomial.polynomial.polyfit(strides, best, order).tolist())


def natural_signals(
    rng: np.random.Generator, count: int, length: int
) -> Float[np.ndarray, "count length"]:
    """Random signals of unit variance whose amplitude falls as one over the frequency."""
    frequency = np.maximum(np.fft.rfftfreq(length), 1 / length)
    spectrum = rng.normal(size=(2, count, len(frequency))) / frequency
    signals = np.fft.irfft(spectrum[0] + 1j * spectrum[1], n=length, axis=1)
    return signals / signals.std(axis=1, keepdims=True)


def cubic_kernel(distance: np.ndarray, a: float = -0.5) -> np.ndarray:
    """Keys' cubic convolution kernel."""
    d = np.abs(distance)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * (d**3 - 5 * d**2 + 8 * d - 4)
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def _errors(
    rows: np.ndarray, stride: float, sigmas: np.ndarray, rng: np.random.Generator
) -> Float[np.ndarray, " m"]:
    """Mean squared difference from bicubic samples, for each sigma."""
    length = rows.shape[1]
    count = min(64, int((length - 40) / stride))
    first = rng.uniform(20, length - 20 - count * stride)
    distance = np.arange(length) - (first + stride * np.arange(count))[:, None]
    wanted = rows @ cubic_kernel(distance).T
    errors = []
    for sigma in sigmas:
        weights = np.exp(-0.5 * (distance / sigma) ** 2)
        weights /= weights.sum(axis=1, keepdims=True)
        errors.append(np.mean((rows @ weights.T - wanted) ** 2))
    return np.array(errors)
