"""Pictures side by side, with captions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from saccade.errors import UserInputError
from saccade.viewing.checks import check_rgb
from saccade.viewing.colours import INK, PAPER, Colour

Rgb = UInt8[np.ndarray, "_ _ 3"]


def side_by_side(
    images: Sequence[Rgb], captions: Sequence[str] = (), gap: int = 12, font_px: int = 15
) -> Rgb:
    """Pictures in a row on white, brought to the tallest one's height, each with a caption above.

    `captions` is empty or has one entry a picture.
    """
    if not images or (captions and len(captions) != len(images)):
        raise UserInputError(
            f"side_by_side got {len(images)} pictures and {len(captions)} captions; "
            "expected at least one picture, and no captions or one a picture"
        )
    for image in images:
        check_rgb(image)
    height = max(image.shape[0] for image in images)
    tiles = [_to_height(image, height) for image in images]
    if captions:
        tiles = [draw_caption(t, c, font_px) for t, c in zip(tiles, captions, strict=True)]
        height = max(tile.shape[0] for tile in tiles)
        tiles = [_pad_top(tile, height) for tile in tiles]
    column = np.full((height, gap, 3), PAPER, np.uint8)
    spaced = [piece for tile in tiles for piece in (tile, column)][:-1]
    return np.concatenate(spaced, axis=1)


def one_below_another(images: Sequence[Rgb], gap: int = 12) -> Rgb:
    """Pictures in a column on white, each as large as it is and at the left.

    Raises:
        UserInputError: There is no picture.
    """
    if not images:
        raise UserInputError("one_below_another got no picture; expected at least one")
    width = max(image.shape[1] for image in images)
    pads = [((0, gap), (0, width - image.shape[1]), (0, 0)) for image in images]
    padded = [np.pad(i, p, constant_values=255) for i, p in zip(images, pads, strict=True)]
    column = np.concatenate(padded)
    return column[: len(column) - gap]


def draw_caption(
    image: Rgb,
    text: str,
    font_px: int = 15,
    n_lines: int = 0,
    ink: Colour = INK,
    paper: Colour = PAPER,
) -> Rgb:
    """The picture with `text` on a strip above it, broken into as many lines as its width needs.

    With `n_lines` above 0 the strip is as high as that many lines whatever the text, as the frames
    of a video need; text that does not fit ends in an ellipsis.
    """
    check_rgb(image)
    font = _font(font_px)
    lines = _broken(text, font, image.shape[1] - 4)
    if n_lines and len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], f"{lines[n_lines - 1]} \N{HORIZONTAL ELLIPSIS}"]
    line_height = round(1.35 * font_px)
    strip = Image.new("RGB", (image.shape[1], line_height * (n_lines or len(lines)) + 6), paper)
    painter = ImageDraw.Draw(strip)
    for i, line in enumerate(lines):
        painter.text((2, 2 + i * line_height), line, fill=ink, font=font)
    return np.concatenate([np.asarray(strip), image], axis=0)


@lru_cache(512)
def text_tile(text: str, font_px: int = 15, ink: Colour = INK, paper: Colour = PAPER) -> Rgb:
    """`text` in one line on a strip that it just fills; it is kept, so nobody may write to it."""
    font = _font(font_px)
    width = round(font.getlength(text)) + 6
    strip = Image.new("RGB", (width, round(1.35 * font_px)), paper)
    ImageDraw.Draw(strip).text((3, 0), text, fill=ink, font=font)
    tile = np.array(strip)
    tile.flags.writeable = False
    return tile


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along and which has arrows, Greek and accents."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(fonts / "DejaVuSans.ttf"), size)


def _to_height(image: Rgb, height: int) -> Rgb:
    if image.shape[0] == height:
        return image
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)


def _pad_top(image: Rgb, height: int) -> Rgb:
    missing = height - image.shape[0]
    return np.pad(image, ((missing, 0), (0, 0), (0, 0)), constant_values=255)
