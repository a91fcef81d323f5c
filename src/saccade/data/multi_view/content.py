"""Whether a view shows anything: a camera that was covered, or stood still, teaches nothing."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from saccade.data.tracking.frames import Frames
from saccade.errors import UserInputError

LOOKED_AT = 128
"""Most rows and columns of a picture that are looked at, spread evenly over it."""
BLACK = 24
"""Brightness below which a picture counts as black: covered cameras are not quite at 0."""
CONTRAST = 12
"""Least difference between a picture's bright and dark places, of 255."""
CHANGE, CHANGED_SHARE = 24, 1e-3
"""Difference of a value that is no trace of compression, and share of values that show it."""


def check_content(view: Frames, name: str) -> None:
    """Refuse a view that is black or of one colour throughout, or whose frames are all alike.

    Frames are read until one is seen and one has changed: two or three of a sound view.

    Args:
        view: Its pictures.
        name: Name of the view, for the message.

    Raises:
        UserInputError: It shows nothing.
        DamagedFileError: A picture cannot be read.
    """
    first = _spread(view.read(0))
    brightest, is_seen, has_changed = int(first.max()), _has_contrast(first), False
    for index in range(1, len(view)):
        image = _spread(view.read(index))
        brightest = max(brightest, int(image.max()))
        is_seen = is_seen or _has_contrast(image)
        has_changed = has_changed or _differs(first, image)
        if is_seen and has_changed:
            return
    if brightest < BLACK:
        raise UserInputError(f"{name} is black in all {len(view)} frames")
    if not is_seen:
        raise UserInputError(f"{name} is of one colour in each of its {len(view)} frames")
    raise UserInputError(f"{name} never changes: all {len(view)} frames are alike")


def _spread(image: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "_ _ 3"]:
    steps = [max(1, side // LOOKED_AT) for side in image.shape[:2]]
    return image[:: steps[0], :: steps[1]]


def _has_contrast(image: UInt8[np.ndarray, "h w 3"]) -> bool:
    dark, bright = np.percentile(image.mean(axis=2), (1, 99))
    return bool(bright - dark >= CONTRAST)


def _differs(one: UInt8[np.ndarray, "h w 3"], other: UInt8[np.ndarray, "h w 3"]) -> bool:
    # Signed: the difference of bytes would wrap.
    difference = np.abs(one.astype(np.int16) - other)
    return bool((difference > CHANGE).mean() > CHANGED_SHARE)
