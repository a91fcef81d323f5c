"""The sixteen push directions that every map over actions is indexed by."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float

N_DIRECTIONS = 16


@cache
def direction_vectors() -> Float[np.ndarray, "16 2"]:
    """Unit vector (column, row) of each direction k: (cos, sin)(2 pi k / 16). Read-only.

    Exactly zero along the axes: the 6e-17 that cos(pi / 2) leaves would otherwise be enough for the
    truncation in Algorithm 1 to move a start by a whole pixel.
    """
    angle = 2 * np.pi * np.arange(N_DIRECTIONS) / N_DIRECTIONS
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    vectors[np.abs(vectors) < 1e-12] = 0.0
    vectors.flags.writeable = False
    return vectors
