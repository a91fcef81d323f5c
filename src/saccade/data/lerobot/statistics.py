"""Statistics of features, of an episode and of all of them, by LeRobot's definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Num, Shaped, UInt8

Statistics = dict[str, np.ndarray]
"""Arrays "min", "max", "mean", "std", "count" and quantiles "q01" to "q99" of one feature."""
QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}


def vector_statistics(values: Num[np.ndarray, "n d"]) -> Statistics:
    """Statistics over rows, of shape (d)."""
    return _statistics(values.astype(np.float64), len(values))


def map_statistics(values: Num[np.ndarray, "n h w"]) -> Statistics:
    """Statistics over rows and pixels, of shape (1, 1)."""
    found = _statistics(values.reshape(-1, 1).astype(np.float64), len(values))
    return _reshaped(found, (1, 1))


def colour_statistics(images: UInt8[np.ndarray, "n h w 3"]) -> Statistics:
    """Statistics of colours, 0 to 1, over images and pixels, of shape (3, 1, 1)."""
    found = _statistics(images.reshape(-1, 3) / 255, len(images))
    return _reshaped(found, (3, 1, 1))


def combined(parts: Sequence[Statistics]) -> Statistics:
    """Statistics of all episodes together; quantiles are the means of theirs, as LeRobot's are."""
    counts = np.concatenate([part["count"] for part in parts]).astype(np.float64)
    total = counts.sum()

    def mean(name: str) -> np.ndarray:
        return np.tensordot(counts, np.stack([part[name] for part in parts]), 1) / total

    middle = mean("mean")
    spread = np.stack([part["std"] ** 2 + (part["mean"] - middle) ** 2 for part in parts])
    return {
        "min": np.min([part["min"] for part in parts], axis=0),
        "max": np.max([part["max"] for part in parts], axis=0),
        "mean": middle,
        "std": np.sqrt(np.tensordot(counts, spread, 1) / total),
        "count": np.array([int(total)]),
        **{name: mean(name) for name in QUANTILES},
    }


def _statistics(values: Num[np.ndarray, "m d"], count: int) -> Statistics:
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=0)
    return {
        "min": values.min(axis=0),
        "max": values.max(axis=0),
        "mean": values.mean(axis=0),
        "std": values.std(axis=0),
        "count": np.array([count]),
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }


def _reshaped(found: Statistics, shape: tuple[int, ...]) -> dict[str, Shaped[np.ndarray, "..."]]:
    return {
        name: values if name == "count" else values.reshape(shape) for name, values in found.items()
    }
