"""What a heightmap must be before attention can look at it."""

from __future__ import annotations

import numpy as np

from saccade.errors import UserInputError

MAX_HEIGHT = 2.0
"""Largest height [m] taken for metres; anything beyond is taken for millimetres."""


def check_heightmap(heightmap: object, shape: tuple[int, int] | None = None) -> None:
    """Refuse what is not a map of heights above the table in metres.

    Args:
        heightmap: Heights (H, W), floating point, metres above the table, row along +y, column
            along +x.
        shape: Shape it must have; any two-dimensional one if None.

    Raises:
        UserInputError: The map has a wrong shape or dtype, NaN or infinite values, is a mask, or is
            in millimetres.
    """
    expected = "a floating-point array of metres above the table"
    if not isinstance(heightmap, np.ndarray):
        raise UserInputError(f"heightmap is a {type(heightmap).__name__}; expected {expected}")
    if isinstance(heightmap, np.ma.MaskedArray):
        raise UserInputError(
            f"heightmap is a masked array, which may hide NaN ({np.ma.count_masked(heightmap)} "
            f"values masked); expected {expected}, 0 where unseen: heightmap.filled(0)"
        )
    if heightmap.ndim != 2 or 0 in heightmap.shape or shape not in (None, heightmap.shape):
        raise UserInputError(
            f"heightmap has shape {heightmap.shape}; expected {shape or '(rows, columns)'}"
        )
    if not np.issubdtype(heightmap.dtype, np.floating):
        raise UserInputError(
            f"heightmap has dtype {heightmap.dtype}; expected {expected} "
            "(integer millimetres: convert with heightmap.astype('float32') / 1000)"
        )
    low, high = float(heightmap.min()), float(heightmap.max())
    # A float128 may be finite and too large for a float; the range below says so.
    if not np.isfinite(high - low) and not np.isfinite(heightmap).all():
        n_bad = int(np.count_nonzero(~np.isfinite(heightmap)))
        raise UserInputError(
            f"heightmap has {n_bad} NaN or infinite values; expected {expected}, 0 where unseen"
        )
    if max(high, -low) > MAX_HEIGHT:
        raise UserInputError(
            f"heightmap spans {low:.6g} to {high:.6g}; expected metres above the table, "
            f"at most {MAX_HEIGHT:g} either way (millimetres: divide by 1000)"
        )
