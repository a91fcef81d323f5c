"""What a tracker says and sees, drawn: outlines, glimpses, location maps."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from saccade.systems.hart.tracker import Box
from saccade.viewing.colours import INK, PAPER, Colour, heat_colours, look_up

Rgb = UInt8[np.ndarray, "_ _ 3"]

FOLLOWED: Colour = (40, 220, 90)
LOST: Colour = (255, 70, 40)
WINDOW: Colour = (255, 196, 0)
TRUE: Colour = PAPER
_SUBPIXEL = 4
"""Bits of a pixel's fraction that OpenCV draws with."""


def outline(picture: Rgb, box: Box, colour: Colour, thickness: int = 2) -> None:
    """Draw a box in place, on a dark line, so that it shows on every ground.

    Args:
        picture: Picture that is changed in place.
        box: Box (x, y, width, height) [pixels of the picture]; a box with NaN is not drawn.
        colour: Colour of the line.
        thickness: Thickness of the line [pixels].
    """
    corners = np.array([box[:2], (box[0] + box[2], box[1] + box[3])]) - 0.5
    if not np.isfinite(corners).all():
        return
    # Far outside is outside: OpenCV's coordinates are 32 bits.
    limit = np.array([picture.shape[1], picture.shape[0]])
    corners = np.clip(corners, -limit, 2 * limit)
    first, last = (np.round(corners * 2**_SUBPIXEL).astype(int)).tolist()
    for ink, thick in ((INK, thickness + 2), (colour, thickness)):
        cv2.rectangle(picture, first, last, ink, thick, cv2.LINE_AA, _SUBPIXEL)


def resized(frame: Rgb, size: tuple[int, int]) -> Rgb:
    """A frame of another size (width, height) [pixels]."""
    how = cv2.INTER_AREA if size[0] < frame.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(frame, size, interpolation=how), np.uint8)


def draw_glimpse(glimpse: Float32[np.ndarray, "h w c"], side: int) -> Rgb:
    """A glimpse (0..1) as the network sees it, cell by cell, `side` pixels large."""
    colours = np.broadcast_to(glimpse, (*glimpse.shape[:2], 3))
    return _enlarged(np.clip(255 * colours, 0, 255).round().astype(np.uint8), side)


def draw_location(location: Float32[np.ndarray, "rows columns"], side: int) -> Rgb:
    """Probability that each cell is the object: dark where it is 1."""
    return _enlarged(look_up(heat_colours(), location), side)


def _enlarged(picture: Rgb, side: int) -> Rgb:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
