"""Where the network looks: attention maps of each level over their frames, as in Fig. 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from saccade.viewing.montage import text_tile

Rgb = UInt8[np.ndarray, "_ _ 3"]
Frames = UInt8[np.ndarray, "n h w 3"]

TILE = 144
"""Height of a frame on a sheet [px]."""
GAP = 6
OPACITY = 0.45
"""Largest opacity of the colour over the frame."""
DARKEST = 0.4
"""Brightness that is left of a frame where nothing is attended to."""


def attention_sheet(
    frames: Frames,
    maps: Mapping[str, Float[np.ndarray, "n _ _"]],
    captions: Sequence[str] = (),
) -> Rgb:
    """Frames in the first row, below them those of each level with its attention.

    A level has one scale for all of its frames, from its least to its largest weight; both are
    named at its left.

    Args:
        frames: Frames of any size.
        maps: Attention weights of each frame by level.
        captions: Texts above the frames; none, or one a frame.
    """
    tiles = [scaled(frame, TILE) for frame in frames]
    rows = [tiles]
    titles = ["input"]
    for name, weights in maps.items():
        low, high = float(weights.min()), float(weights.max())
        share = (weights - low) / max(high - low, 1e-12)
        rows.append([overlaid(tile, one) for tile, one in zip(tiles, share, strict=True)])
        titles.append(f"{name}  {low:.2g} to {high:.2g}")
    return grid(rows, titles, captions)


def overlaid(frame: Rgb, share: Float[np.ndarray, "_ _"]) -> Rgb:
    """A frame that is dark where the share is 0, and glows where it is 1."""
    height, width = frame.shape[:2]
    smooth = cv2.resize(share.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    smooth = np.clip(smooth, 0, 1)[..., None]
    level = (255 * smooth[..., 0]).round().astype(np.uint8)
    colour = cv2.applyColorMap(level, cv2.COLORMAP_INFERNO)[..., ::-1].astype(np.float32)
    lit = frame * (DARKEST + (1 - DARKEST) * smooth)
    alpha = OPACITY * smooth
    return (lit * (1 - alpha) + colour * alpha).round().clip(0, 255).astype(np.uint8)


def grid(rows: Sequence[Sequence[Rgb]], titles: Sequence[str], captions: Sequence[str] = ()) -> Rgb:
    """Rows of tiles of one size on white, a title above each row, a caption above each column."""
    lines = [_line(row) for row in rows]
    width = lines[0].shape[1]
    parts: list[Rgb] = []
    if captions:
        step = rows[0][0].shape[1] + GAP
        parts.append(_labels([(i * step, text) for i, text in enumerate(captions)], width))
    for title, line in zip(titles, lines, strict=True):
        parts += [_labels([(0, title)], width), line]
    return np.concatenate(parts)


def scaled(frame: Rgb, height: int) -> Rgb:
    """A frame brought to a height."""
    width = max(1, round(frame.shape[1] * height / frame.shape[0]))
    shrinks = height < frame.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(frame, (width, height), interpolation=way))


def _line(tiles: Sequence[Rgb]) -> Rgb:
    gap = np.full((tiles[0].shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([part for tile in tiles for part in (tile, gap)][:-1], axis=1)


def _labels(placed: Sequence[tuple[int, str]], width: int) -> Rgb:
    """A strip of texts, each from its column on."""
    tiles = [(x, text_tile(text, 13)) for x, text in placed]
    strip = np.full((max(tile.shape[0] for _, tile in tiles), width, 3), 255, np.uint8)
    for x, tile in tiles:
        part = tile[:, : max(0, width - x)]
        strip[: part.shape[0], x : x + part.shape[1]] = part
    return strip
