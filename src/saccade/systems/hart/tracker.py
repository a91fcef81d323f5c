"""The tracker that programs use, with the calls of OpenCV's trackers.

    tracker = saccade.load("hart")
    tracker.init(frame, (x, y, width, height))
    box = tracker.update(next_frame)

Frames are uint8, RGB (height, width, 3) or grey (height, width); OpenCV reads BGR, which
`frame[..., ::-1]` turns round. Boxes are (x, y, width, height) in pixels:
(x, y) is the upper left corner, that of the image is (0, 0), pixel i spans i to i + 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as brief
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from saccade.errors import UserInputError
from saccade.systems.hart.boxes import from_model, to_model
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.search import Search
from saccade.systems.hart.tracking import Prediction

Box = tuple[float, float, float, float]
"""Box (x, y, width, height) [pixels]."""
LOST_BELOW = 0.5
"""Confidence, that is the expected IoU of the box, below which the object is lost."""
SMALLEST_SIDE = 2
"""Least height and width of a frame [pixels]: its first pixel and its last must differ."""
LEAST_BOX, LARGEST_BOX = 1e-3, 1e6
"""Sides of a box [pixels]: beyond them float32 no longer tells its edges apart."""


class VideoTracker:
    """Follows one object through a video.

    The cost of a frame does not grow with its size: only windows are read, one while it is found.

    Args:
        network: Trained network; it stays on its device.
        lost_below: Confidence below which the object counts as lost.
    """

    def __init__(self, network: Hart | Ratm, lost_below: float = LOST_BELOW) -> None:
        self._network = network.eval()
        self._lost_below = lost_below
        self._search: Search | None = None
        if isinstance(network, Hart) and network.config.search.below > 0:
            self._search = Search(network, network.config.search)
        self._channels = network.config.in_channels
        self._state: Any = None
        self._size = (0, 0)
        self._box: Box | None = None
        self._seen: Prediction | None = None

    def init(self, frame: UInt8[np.ndarray, "..."], box: Sequence[float]) -> None:
        """Start, or start anew, with the object in `box` of `frame`.

        Raises:
            UserInputError: The frame is not uint8 RGB or grey; the box is not four finite numbers,
                has no area, or lies outside the frame.
        """
        check_frame(frame)
        size = frame.shape[:2]
        given = check_box(box, *size)
        first = torch.from_numpy(to_model(np.array([given], np.float32)))
        with torch.inference_mode():
            pixels = self._pixels(frame)
            state = self._network.initialise(pixels, first.to(pixels.device))
        # All at once: what was refused changes nothing.
        self._size, self._box, self._state, self._seen = size, given, state, None
        if self._search is not None:
            self._search.begin(self._state)

    def update(self, frame: UInt8[np.ndarray, "..."]) -> Box:
        """The object's box in the next frame; where it is probably not right, `lost` says so.

        Raises:
            UserInputError: `init` was not called, or the frame is not of the first one's size.
        """
        if self._state is None:
            raise UserInputError("update was called before init; expected init(frame, box) first")
        check_frame(frame, self._size)
        with torch.inference_mode():
            pixels = self._pixels(frame)
            after: tuple[Any, Prediction] = self._network.step(pixels, self._state)
            if self._search is not None:
                after = self._search.after(pixels, *after)
        self._state, self._seen = after
        self._box = _as_box(self._seen.box)
        return self._box

    @property
    def box(self) -> Box:
        """The last box."""
        if self._box is None:
            raise UserInputError("there is no box before init; expected init(frame, box) first")
        return self._box

    @property
    def confidence(self) -> float:
        """0 to 1, the IoU that the box is expected to have; 1 after `init`."""
        if self._seen is None and self._box is not None:
            return 1.0
        return float(self._last().confidence[0])

    @property
    def lost(self) -> bool:
        """Whether the object is probably not where the box is: hidden, gone, or mistaken."""
        return not self.confidence >= self._lost_below  # NaN is lost too

    @property
    def window(self) -> Box:
        """Window that the tracker looked through in the last frame."""
        return _as_box(self._last().window)

    @property
    def glimpse(self) -> Float32[np.ndarray, "h w c"]:
        """Glimpse that the window showed, 0..1; c is 1 for a network of grey frames."""
        return self._last().glimpse[0].permute(1, 2, 0).cpu().numpy()

    @property
    def location(self) -> Float32[np.ndarray, "rows columns"]:
        """Probability that each cell of the glimpse is the object; ones without a location map."""
        return self._last().location[0].cpu().numpy()

    @property
    def has_location(self) -> bool:
        """Whether the network has a location map, which picks the object out of its glimpse."""
        return self._network.config.uses_mask

    def _last(self) -> Prediction:
        if self._seen is None:
            raise UserInputError("nothing was seen yet; expected update(frame) first")
        return self._seen

    def _pixels(self, frame: UInt8[np.ndarray, "..."]) -> Tensor:
        return as_pixels(frame, self._channels).to(next(self._network.parameters()).device)


def as_pixels(frame: UInt8[np.ndarray, "..."], channels: int) -> UInt8[Tensor, "1 c h w"]:
    """The bytes of a frame as a network of so many channels takes them, not copied if they fit."""
    if channels == 1 and frame.ndim == 3:
        frame = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
    # PyTorch knows no negative strides, which frame[..., ::-1] has, nor read-only arrays.
    sound = min(frame.strides) >= 0 and frame.flags.writeable
    pixels = torch.from_numpy(frame if sound else _copied(frame))
    pixels = pixels[None] if frame.ndim == 2 else pixels.permute(2, 0, 1)
    return pixels.expand(channels, -1, -1)[None]


def _copied(frame: UInt8[np.ndarray, "..."]) -> UInt8[np.ndarray, "..."]:
    if frame.ndim == 3 and frame.strides[2] < 0:
        # A tenth of the time that NumPy needs to turn colours round.
        return np.asarray(cv2.cvtColor(frame[..., ::-1], cv2.COLOR_BGR2RGB), np.uint8)
    return frame.copy()


def check_frame(frame: Any, size: tuple[int, int] | None = None) -> None:
    """Refuse what is no uint8 RGB or grey frame, or not of the (height, width) of the first.

    Raises:
        UserInputError: The frame is none; the message says what was given and expected.
    """
    expected = "expected uint8, RGB (height, width, 3) or grey (height, width)"
    if not isinstance(frame, np.ndarray):
        raise UserInputError(f"the frame is a {type(frame).__name__}; {expected}")
    given = f"the frame is {frame.dtype} {frame.shape}"
    if isinstance(frame, np.ma.MaskedArray):
        raise UserInputError(f"{given} under a mask; {expected}: frame.filled(0)")
    if frame.ndim == 3 and frame.shape[2] == 4:
        raise UserInputError(f"{given}; {expected}: leave its alpha channel out")
    if frame.ndim not in (2, 3) or (frame.ndim == 3 and frame.shape[2] != 3) or not frame.size:
        raise UserInputError(f"{given}; {expected}")
    if frame.dtype != np.uint8:
        raise UserInputError(f"{given}; {expected}: scale it to 0..255")
    if min(frame.shape[:2]) < SMALLEST_SIDE:
        raise UserInputError(f"{given}; expected {SMALLEST_SIDE} rows and columns or more")
    if size is not None and frame.shape[:2] != size:
        (height, width), (rows, columns) = size, frame.shape[:2]
        raise UserInputError(
            f"the frame is {columns} x {rows} pixels; expected {width} x {height}, as the first"
        )


def check_box(box: Sequence[float], height: int, width: int) -> Box:
    """A box as four floats.

    Raises:
        UserInputError: The box is not four finite numbers, has no area, or is outside the frame.
    """
    values = _numbers(box)
    if len(values) != 4 or not all(map(math.isfinite, values)):
        given = " ".join(brief(box).split())
        raise UserInputError(
            f"the box is {given}; expected four finite numbers: x, y, width, height [pixels]"
        )
    x, y, w, h = values
    if not (LEAST_BOX <= w <= LARGEST_BOX and LEAST_BOX <= h <= LARGEST_BOX):
        raise UserInputError(
            f"the box is {w:g} x {h:g} pixels; expected a width and height above 0 "
            f"({LEAST_BOX:g} to {LARGEST_BOX:g})"
        )
    if x >= width or y >= height or x + w <= 0 or y + h <= 0:
        raise UserInputError(
            f"the box ({x:g}, {y:g}, {w:g}, {h:g}) lies outside the frame of {width} x {height} "
            "pixels; expected x, y, width, height of an object in it"
        )
    return x, y, w, h


def _numbers(box: Any) -> list[float]:
    """What a box holds; NaN for what is no number, or hidden by a mask."""
    if isinstance(box, np.ma.MaskedArray):
        box = np.ma.asarray(box, object).filled(None)
    try:
        values = np.asarray(box, object)
    except (TypeError, ValueError):
        return []
    return [_number(value) for value in values] if values.ndim == 1 else []


def _number(value: Any) -> float:
    if isinstance(value, str | bytes | complex | np.ma.core.MaskedConstant):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _as_box(boxes: Tensor) -> Box:
    x, y, w, h = from_model(boxes.cpu().numpy())[0].tolist()
    return x, y, w, h
