"""Pictures as viewers show them: turned and mirrored as EXIF or a video's matrix says."""

from __future__ import annotations

import struct

import numpy as np
from jaxtyping import UInt8
from PIL import Image

Turn = tuple[int, int, int, int]
"""Matrix (a, b, c, d): pixel (x, y) is shown at (a x + c y, b x + d y); only signs count."""

UPRIGHT: Turn = (1, 0, 0, 1)
_ORIENTATION_TAG = 274
_EXIF_TURNS: dict[int, Turn] = {
    1: UPRIGHT,
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
"""Turns by the value of EXIF's tag 274: the shown edges that the first row and column become."""
_NO_EXIF = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error)
"""Errors that Pillow raises for EXIF bytes that are none; the picture is shown as it is stored."""


def is_sideways(turn: Turn) -> bool:
    """Whether rows are shown as columns."""
    return abs(turn[1]) + abs(turn[2]) > abs(turn[0]) + abs(turn[3])


def turned(
    image: UInt8[np.ndarray, "rows cols 3"], turn: Turn
) -> UInt8[np.ndarray, "rows_shown cols_shown 3"]:
    """The picture as it is to be shown; a turn by another angle is taken to the nearest quarter."""
    a, b, c, d = turn
    if is_sideways(turn):
        image, across, down = image.swapaxes(0, 1), c, b
    else:
        across, down = a, d
    image = image[:, ::-1] if across < 0 else image
    image = image[::-1] if down < 0 else image
    return np.ascontiguousarray(image)


def exif_turn(image: Image.Image) -> Turn:
    """The turn with which an opened picture is to be shown; none where it does not say."""
    if image.format == "TIFF":  # Pillow turns these itself
        return UPRIGHT
    try:
        value = image.getexif().get(_ORIENTATION_TAG)
    except _NO_EXIF:
        return UPRIGHT
    return _EXIF_TURNS.get(value, UPRIGHT) if isinstance(value, int) else UPRIGHT
