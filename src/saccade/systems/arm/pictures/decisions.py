"""Pictures of a decision: the attention over the view, the crop, the hand where it will be."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.systems.arm.decision import Decision
from saccade.viewing.colours import BEST, PAPER, PUSH, Colour, heat_colours, look_up
from saccade.worlds.rgbd import Observation, RgbdView

Rgb = UInt8[np.ndarray, "_ _ 3"]
SCALE = 3
"""Pixels of the picture for each of the view."""
HAND = 0.09
"""Length of the drawn hand [m]."""
INSET = 0.33
"""Side of the crop in a corner, as a share of the picture's."""
FINGERS = {True: 0.04, False: 0.012}
"""Distance of each drawn finger from the tip, open and closed [m]."""


def decision_pictures(observation: Observation, decision: Decision) -> dict[str, Rgb]:
    """The pictures of a decision by their titles."""
    return {
        "where it looks": draw_attention(observation.view, decision),
        "where the hand goes": draw_pose(observation.view, decision),
    }


def draw_attention(view: RgbdView, decision: Decision, scale: int = SCALE) -> Rgb:
    """The view in grey with its attention as heat, and the crop as a red square.

    Heat is the root of what a pixel has above most of the others: it is nearly all in a few.
    """
    size = (view.width * scale, view.height * scale)
    grey = cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY)
    picture = cv2.resize(np.repeat(grey[..., None], 3, axis=2), size, interpolation=cv2.INTER_AREA)
    picture = (128 + picture // 2).astype(np.uint8)
    heat = cv2.resize(_above_most(decision.attention), size, interpolation=cv2.INTER_LINEAR)
    heat = np.sqrt(heat)
    colour, alpha = look_up(heat_colours(), heat), heat[..., None]
    picture = (picture * (1 - alpha) + colour * alpha).round().astype(np.uint8)
    (x, y), far = decision.corner, decision.crop * scale - 1
    corner, opposite = (x * scale, y * scale), (x * scale + far, y * scale + far)
    cv2.rectangle(picture, corner, opposite, PUSH, 2)
    return picture


def draw_view_and_crop(view: RgbdView, decision: Decision, side: int) -> Rgb:
    """`draw_attention` with what the crop shows in a corner, where the view has only background.

    Args:
        view: View.
        decision: Decision.
        side: Side of the picture [pixels].
    """
    picture = cv2.resize(draw_attention(view, decision), (side, side), interpolation=cv2.INTER_AREA)
    (x, y), size, gap = decision.corner, round(INSET * side), side // 60
    crop = view.rgb[y : y + decision.crop, x : x + decision.crop]
    inset = cv2.resize(crop, (size, size), interpolation=cv2.INTER_NEAREST)
    cv2.rectangle(inset, (0, 0), (size - 1, size - 1), PUSH, 2)
    picture[gap : gap + size, side - gap - size : side - gap] = inset
    return picture


def draw_pose(view: RgbdView, decision: Decision, scale: int = SCALE) -> Rgb:
    """The view with a hand drawn at the next-best pose, its fingers open or closed."""
    size = (view.width * scale, view.height * scale)
    picture = cv2.resize(view.rgb, size, interpolation=cv2.INTER_NEAREST)
    draw_hand(picture, view, decision.tip_pose, decision.gripper_open, scale)
    return picture


def draw_hand(
    picture: Rgb, view: RgbdView, tip_pose: Float[np.ndarray, "7"], is_open: bool, scale: int
) -> None:
    """Draw a hand as lines onto a picture of a view in place."""
    tip, rotation = tip_pose[:3], _rotation(tip_pose[3:])
    along, across = rotation[:, 2], rotation[:, 1] * FINGERS[is_open]
    palm = tip - along * HAND / 2
    lines = [
        (tip - along * HAND, palm),
        (palm - across, palm + across),
        (palm - across, tip - across),
        (palm + across, tip + across),
    ]
    for colour, width in ((PAPER, 5), (BEST, 3)):
        for line in lines:
            _draw_line(picture, view, np.array(line), colour, width, scale)


def _draw_line(
    picture: Rgb, view: RgbdView, points: np.ndarray, colour: Colour, width: int, scale: int
) -> None:
    pixels = (view.project(points) + 0.5) * scale
    if np.isfinite(pixels).all() and np.abs(pixels).max() < 1e4:
        (x0, y0), (x1, y1) = np.rint(pixels).astype(int).tolist()
        cv2.line(picture, (x0, y0), (x1, y1), colour, width, cv2.LINE_AA)


def _above_most(attention: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Attention from 0, what most pixels have at most, to 1."""
    low, high = float(np.median(attention)), float(attention.max())
    return ((attention - low) / max(high - low, 1e-12)).clip(0, 1).astype(np.float32)


def _rotation(q: Float[np.ndarray, "4"]) -> Float[np.ndarray, "3 3"]:
    w, x, y, z = q / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def describe(decision: Decision) -> str:
    """A decision in one line."""
    (x, y, z), (column, row) = decision.tip_pose[:3], decision.pixel
    hand = "opens" if decision.gripper_open else "closes"
    return f"looks at ({column}, {row}), goes to x {x:.3f}, y {y:.3f}, z {z:.3f} m, {hand}"
