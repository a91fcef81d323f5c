"""Arrows in pictures, placed to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.viewing.colours import PAPER, PUSH, Colour

_SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates: 1/16 px."""
HEAD_SHARE = 0.6
"""Largest share of a short arrow that its head may take."""
HEAD_SLENDERNESS = 0.42
"""Half width of the head, in lengths of it."""
HALO_WIDTH = 1.2
"""Width of the border, in pixels of the map."""


@dataclass(frozen=True)
class ArrowStyle:
    """Look of an arrow; sizes are in pixels of the map, and the picture's `scale` multiplies them.

    Attributes:
        colour: Colour of the arrow.
        halo: Colour of the border around it; None for no border.
        shaft: Width of the shaft.
        head: Length of the head.
        dot: Radius of the disc that marks the start; 0 for none.
    """

    colour: Colour = PUSH
    halo: Colour | None = PAPER
    shaft: float = 2.0
    head: float = 7.0
    dot: float = 2.6


def picture_point(row: float, col: float, scale: int) -> tuple[float, float]:
    """Centre of the map's pixel (row, col) as (x, y) in a picture that is `scale` times larger."""
    return (col + 0.5) * scale - 0.5, (row + 0.5) * scale - 0.5


def arrow_outline(
    tail: tuple[float, float], angle: float, length: float, style: ArrowStyle
) -> Float[np.ndarray, "7 2"]:
    """Corners (x, y) of an arrow whose fourth corner is its tip; a short arrow has a short head."""
    head = min(style.head, HEAD_SHARE * length)
    neck, half_shaft, half_head = length - head, style.shaft / 2, HEAD_SLENDERNESS * head
    along = np.array([0, neck, neck, length, neck, neck, 0])
    across = np.array([half_shaft, half_shaft, half_head, 0, -half_head, -half_shaft, -half_shaft])
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [tail[0] + along * cos - across * sin, tail[1] + along * sin + across * cos], axis=1
    )


def paint_arrow(
    canvas: UInt8[np.ndarray, "_ _ 3"],
    start_rc: tuple[float, float],
    angle: float,
    length_px: float,
    scale: int,
    style: ArrowStyle,
) -> None:
    """Paint one arrow onto `canvas` in place; arguments as in `overlays.draw_push`."""
    scaled = ArrowStyle(
        style.colour, style.halo, style.shaft * scale, style.head * scale, style.dot * scale
    )
    tail = picture_point(*start_rc, scale)
    outline = _fixed(arrow_outline(tail, angle, length_px * scale, scaled))
    centre, radius = tuple(_fixed(np.array(tail)).tolist()), int(scaled.dot * (1 << _SHIFT))
    if style.halo is not None:
        border = max(2, round(HALO_WIDTH * scale))
        cv2.polylines(canvas, [outline], True, style.halo, 2 * border, cv2.LINE_AA, _SHIFT)
        if radius:
            wide = radius + (border << _SHIFT)
            cv2.circle(canvas, centre, wide, style.halo, -1, cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(canvas, [outline], style.colour, cv2.LINE_AA, _SHIFT)
    if radius:
        cv2.circle(canvas, centre, radius, style.colour, -1, cv2.LINE_AA, _SHIFT)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(points * (1 << _SHIFT)).astype(np.int32)
