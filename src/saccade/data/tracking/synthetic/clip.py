"""Renders synthetic clips.

A clip depends on nothing but (seed, index, config): the same three give the same bits on the same
machine, in any order and in any process.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.data.tracking.synthetic.effects import develop
from saccade.data.tracking.synthetic.items import Item, Layer, draw, line_kernel
from saccade.data.tracking.synthetic.stage import Stage, make_stage
from saccade.errors import UserInputError

_OUTSIDE = 4096.0
_BARELY = 1e-3
"""Least share that counts as a sight of the object; less is the fringe of the last pixels."""


@dataclass(frozen=True)
class SyntheticClip:
    """T frames with n objects; object 0 is the target, wholly seen in frame 0.

    Attributes:
        frames: Frames, RGB.
        boxes: Boxes x, y, w, h [px, from 0; a box of columns a to b has x = a, w = b - a + 1] of
            the whole object, seen or hidden, at the middle of the exposure; it may reach outside
            the frame. Zero for a distractor that is not there.
        visible: Share of the object that is seen: 0 where it is outside the frame, wholly hidden
            or not there.
    """

    frames: UInt8[np.ndarray, "t h w 3"]
    boxes: Float[np.ndarray, "t n 4"]
    visible: Float[np.ndarray, "t n"]


def generate_clip(seed: int, index: int, config: SyntheticConfig) -> SyntheticClip:
    """Clip `index` of the series `seed`.

    Raises:
        UserInputError: `seed` or `index` is negative.
        StorageError: A package that brings photographs is not installed.
    """
    if seed < 0 or index < 0:
        raise UserInputError(f"seed = {seed}, index = {index} were given; expected both >= 0")
    rng = np.random.default_rng(np.random.SeedSequence([seed, index]))
    stage = make_stage(rng, config)
    boxes = np.zeros((config.frames, config.objects, 4), np.float32)
    for item in stage.items:
        if item.label is not None:
            boxes[:, item.label] = item.boxes
    frames = np.empty((config.frames, config.height, config.width, 3), np.uint8)
    visible = np.zeros((config.frames, config.objects), np.float32)
    for t in range(config.frames):
        frames[t] = _render(stage, t, visible[t])
    return SyntheticClip(frames, _jittered(rng, boxes, config.box_jitter), visible)


def _render(stage: Stage, t: int, visible: Float[np.ndarray, " n"]) -> UInt8[np.ndarray, "h w 3"]:
    """One frame; writes the share that is seen of every object."""
    frame = _background(stage, t)
    size = frame.shape[:2]
    drawn: list[tuple[Item, Layer]] = []
    for item in stage.items:
        vx, vy = item.velocity[t] * stage.look.exposure
        layer = draw(item, t, size, (float(vx), float(vy)))
        if item.shadow:
            _shade(frame, item, t)
        if layer is not None:
            layer.put(frame)
            drawn.append((item, layer))
    _measure(drawn, size, visible)
    return develop(frame, t, stage.look)


def _background(stage: Stage, t: int) -> Float[np.ndarray, "h w 3"]:
    height, width = stage.look.size
    pixels = cv2.warpAffine(
        stage.scenery, stage.scenery_maps[t], (width, height), borderMode=cv2.BORDER_REFLECT_101
    )
    dx, dy = stage.drift[t] * stage.look.exposure
    if np.hypot(dx, dy) > 1:
        pixels = cv2.filter2D(pixels, -1, line_kernel(float(dx), float(dy)))
    return pixels.astype(np.float32)


def _shade(frame: Float[np.ndarray, "h w 3"], item: Item, t: int) -> None:
    """Darkens the ground under a thing."""
    left, top, right, bottom = np.clip(item.corners[t], -_OUTSIDE, _OUTSIDE)
    width, height = right - left, 0.2 * (bottom - top) + 0.1 * (right - left)
    x0, x1 = int(left - 0.15 * width), int(right + 0.15 * width) + 1
    y0, y1 = int(bottom - 0.6 * height), int(bottom + 0.4 * height) + 1
    cut_x, cut_y = slice(max(x0, 0), max(x1, 0)), slice(max(y0, 0), max(y1, 0))
    under = frame[cut_y, cut_x]
    if under.size == 0:
        return
    u = (np.arange(cut_x.start, cut_x.start + under.shape[1]) - x0) / (x1 - x0) * 2 - 1
    v = (np.arange(cut_y.start, cut_y.start + under.shape[0]) - y0) / (y1 - y0) * 2 - 1
    inside = np.clip(1 - u * u, 0, 1) * np.clip(1 - v * v, 0, 1)[:, None]
    under *= (1 - item.shadow * inside)[..., None].astype(np.float32)


def _measure(
    drawn: list[tuple[Item, Layer]], size: tuple[int, int], visible: Float[np.ndarray, " n"]
) -> None:
    """Share of each object's area that reaches the camera, taken from front to back."""
    clear = np.ones(size, np.float32)
    for item, layer in reversed(drawn):
        window, pixels = layer.inside(size)
        through, alpha = clear[window], pixels[..., 3]
        if item.label is not None:
            area = float(layer.pixels[..., 3].sum())
            seen = float((alpha * through).sum()) / max(area, 1e-6)
            visible[item.label] = min(1.0, seen) if seen > _BARELY else 0.0
        through *= 1 - alpha


def _jittered(
    rng: np.random.Generator, boxes: Float[np.ndarray, "t n 4"], share: float
) -> Float[np.ndarray, "t n 4"]:
    """Moves the edges of boxes as annotators do."""
    if share == 0:
        return boxes
    edges = np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], -1)
    sides = np.concatenate([boxes[..., 2:]] * 2, -1)
    edges += (share * sides * rng.normal(size=edges.shape)).astype(np.float32)
    low = np.minimum(edges[..., :2], edges[..., 2:])
    return np.concatenate([low, np.abs(edges[..., 2:] - edges[..., :2])], -1)
