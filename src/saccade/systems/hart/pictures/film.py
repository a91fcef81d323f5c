"""A tracker at work: the frame with box and window, and beside it what it saw through the window.

Everything is drawn in the picture's own pixels times one scale, so that tiny videos become large
enough to see and 4K ones small enough to play.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from saccade.systems.hart.pictures.drawing import (
    FOLLOWED,
    LOST,
    WINDOW,
    Rgb,
    draw_glimpse,
    draw_location,
    outline,
    resized,
)
from saccade.viewing.colours import INK, PAPER, Colour
from saccade.viewing.montage import draw_caption, text_tile

if TYPE_CHECKING:
    from saccade.systems.hart.tracker import Box, VideoTracker

EMPTY: Colour = (236, 236, 238)
LONGEST, SHORTEST = 1280, 640
"""Bounds that the picture's longer side is brought between [pixels]."""
SMALLEST_PANEL, LARGEST_PANEL = 176, 360
GAP, CAPTION_PX, TITLE_PX, LABEL_PX = 8, 15, 13, 15


@dataclass(frozen=True)
class Sight:
    """What a tracker says of a frame.

    Attributes:
        box: Box of the object (x, y, w, h) [pixels].
        confidence: Confidence of the tracker in the box, 0 to 1.
        lost: Whether the box is probably wrong.
        window: Window that was looked through [pixels]; None in a first frame, whose box is given.
        glimpse: Glimpse that the window showed, 0..1; None in a first frame.
        location: Location map of the glimpse, 0..1; None for a network without a location map.
    """

    box: Box
    confidence: float = 1.0
    lost: bool = False
    window: Box | None = None
    glimpse: Float32[np.ndarray, "h w c"] | None = None
    location: Float32[np.ndarray, "rows columns"] | None = None

    @classmethod
    def of(cls, tracker: VideoTracker) -> Sight:
        """The last `update` of a tracker."""
        return cls(
            tracker.box,
            tracker.confidence,
            tracker.lost,
            tracker.window,
            tracker.glimpse,
            tracker.location if tracker.has_location else None,
        )


class Film:
    """Draws the pictures of one video, all of the same size.

    Args:
        width: Width of the video's frames [pixels].
        height: Height of the video's frames [pixels].
        located: Whether the tracker has a location map to show.
    """

    def __init__(self, width: int, height: int, located: bool = True) -> None:
        longer = max(width, height)
        self._scale = min(max(longer, SHORTEST), LONGEST) / longer
        self._size = max(1, round(width * self._scale)), max(1, round(height * self._scale))
        self._titles = ("glimpse", "location map") if located else ("glimpse",)
        title = len(text_tile("", TITLE_PX))
        fits = (self._size[1] - GAP) // 2 - title
        self._panel = min(max(fits, SMALLEST_PANEL), LARGEST_PANEL)

    def frame(self, image: Rgb, sight: Sight, text: str) -> Rgb:
        """One picture of the video; `text` stands above it."""
        colour = LOST if sight.lost else FOLLOWED
        picture = self.picture(image, sight)
        column = self._column(sight, colour)
        height = max(len(picture), len(column))
        gap = np.full((height, GAP, 3), PAPER, np.uint8)
        row = [_padded(picture, height, PAPER), gap, _padded(column, height, PAPER)]
        return draw_caption(np.concatenate(row, axis=1), text, CAPTION_PX, n_lines=1)

    def picture(self, image: Rgb, sight: Sight) -> Rgb:
        """The frame with the window and the box."""
        picture = resized(image, self._size)
        if sight.window is not None:
            outline(picture, self._scaled(sight.window), WINDOW, 2)
        box = self._scaled(sight.box)
        colour = LOST if sight.lost else FOLLOWED
        outline(picture, box, colour, 3)
        word = "lost " if sight.lost else ""
        _label(picture, box, f"{word}{sight.confidence:.2f}", colour)
        return picture

    def panels(self, sight: Sight) -> list[Rgb]:
        """The glimpse and, where there is one, the location map, with the box in them."""
        colour = LOST if sight.lost else FOLLOWED
        glimpse, location, side = sight.glimpse, sight.location, self._panel
        seen = [
            None if glimpse is None else draw_glimpse(glimpse, side),
            None if location is None else draw_location(location, side),
        ]
        return [self._square(one, sight, colour) for one in seen[: len(self._titles)]]

    def _column(self, sight: Sight, colour: Colour) -> Rgb:
        blank = np.full((GAP, self._panel, 3), PAPER, np.uint8)
        pieces = [blank]
        for title, panel in zip(self._titles, self.panels(sight), strict=True):
            name = text_tile(title, TITLE_PX)
            strip = np.full((len(name), self._panel, 3), PAPER, np.uint8)
            strip[:, : name.shape[1]] = name[:, : self._panel]
            pieces += [strip, panel, blank]
        return np.concatenate(pieces[1:-1])

    def _square(self, panel: Rgb | None, sight: Sight, colour: Colour) -> Rgb:
        side = self._panel
        if panel is None or sight.window is None:
            return np.full((side, side, 3), EMPTY, np.uint8)
        outline(panel, _inside(sight, side), colour, 2)
        outline(panel, (1, 1, side - 2, side - 2), WINDOW, 2)
        return panel

    def _scaled(self, box: Box) -> Box:
        x, y, w, h = (self._scale * value for value in box)
        return x, y, w, h


def _inside(sight: Sight, side: int) -> Box:
    """The box in a panel of `side` pixels that shows the window.

    The rows and columns of a glimpse lie on a grid from one edge of the window to the other; each
    is drawn as a square about its point.
    """
    assert sight.window is not None and sight.glimpse is not None
    n = len(sight.glimpse)
    place = []
    for axis in (0, 1):
        start, size = sight.window[axis], sight.window[2 + axis]
        ends = (sight.box[axis], sight.box[axis] + sight.box[2 + axis])
        place.append([(0.5 + (end - start) / size * (n - 1)) / n * side for end in ends])
    (left, right), (top, bottom) = place
    return left, top, right - left, bottom - top


def _label(picture: Rgb, box: Box, text: str, colour: Colour) -> None:
    """Write above the box, or where there is no room, within the picture below its upper edge."""
    tile = text_tile(text, LABEL_PX, INK, colour)
    rows, cols = tile.shape[:2]
    height, width = picture.shape[:2]
    x = int(np.clip(np.nan_to_num(box[0]), 0, max(width - cols, 0)))
    y = int(np.clip(np.nan_to_num(box[1]) - rows - 2, 0, max(height - rows, 0)))
    room = picture[y : y + rows, x : x + cols]
    room[:] = tile[: room.shape[0], : room.shape[1]]


def _padded(picture: Rgb, height: int, colour: Colour) -> Rgb:
    if len(picture) == height:
        return picture
    missing = np.full((height - len(picture), picture.shape[1], 3), colour, np.uint8)
    return np.concatenate([picture, missing])
