"""Boxes of files and users, (x, y, w, h), and those of the model, (y, x, h, w).

In files pixel i spans i to i + 1; for a Gaussian glimpse it lies at i (see
`saccade.attention.gaussian_glimpse`). So corners differ by half a pixel, which is a tenth of the
IoU of an object of ten pixels.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

HALF = (0.5, 0.5, 0.0, 0.0)
"""Offset from the model's boxes to those of files, in (y, x, h, w) [pixels]."""
_HALF = np.array(HALF, np.float32)


def to_model(boxes: Float32[np.ndarray, "*n 4"]) -> Float32[np.ndarray, "*n 4"]:
    """(x, y, w, h) where pixel i spans i to i + 1, as (y, x, h, w) where it lies at i [pixels]."""
    return boxes[..., [1, 0, 3, 2]] - _HALF


def from_model(boxes: Float32[np.ndarray, "*n 4"]) -> Float32[np.ndarray, "*n 4"]:
    """The inverse of `to_model`."""
    return (boxes + _HALF)[..., [1, 0, 3, 2]]
