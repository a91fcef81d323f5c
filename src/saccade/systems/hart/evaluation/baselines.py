"""Other trackers behind the calls of ours: a box that never moves, and those of OpenCV.

OpenCV seeds MIL's generator once a process and offers no way to it: what MIL does with a video
depends on how many it was given before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.checks import choice
from saccade.errors import UserInputError
from saccade.systems.hart.tracker import Box, check_box, check_frame

OPENCV_TRACKERS = {
    "csrt": "TrackerCSRT",
    "kcf": "TrackerKCF",
    "mil": "TrackerMIL",
    "medianflow": "TrackerMedianFlow",
    "mosse": "TrackerMOSSE",
}
"""Our names, and OpenCV's."""
BASELINES = ("still", *OPENCV_TRACKERS)
REASON_LENGTH = 160
"""Letters of OpenCV's reason that an error repeats."""
GET_TRACKERS = "pip uninstall opencv-python-headless, pip install opencv-contrib-python-headless"
"""The one overwrites the other."""
SMALLEST_BOX = 5
"""Side of the least box that they are given [pixels]: MIL never comes back from one of 4 x 4."""


class FrameTracker(Protocol):
    """What can be evaluated: see `saccade.systems.hart.tracker.VideoTracker`."""

    def init(self, frame: UInt8[np.ndarray, "h w 3"], box: Box) -> None:
        """Start with the object in `box` (x, y, width, height) of an RGB frame."""
        ...

    def update(self, frame: UInt8[np.ndarray, "h w 3"]) -> Box:
        """The object's box in the next frame."""
        ...


class StillBox:
    """Never moves."""

    def __init__(self) -> None:
        self._box: Box = (0.0, 0.0, 0.0, 0.0)

    def init(self, frame: UInt8[np.ndarray, "h w 3"], box: Box) -> None:
        """See `FrameTracker`."""
        check_frame(frame)
        self._box = check_box(box, *frame.shape[:2])

    def update(self, frame: UInt8[np.ndarray, "h w 3"]) -> Box:
        """See `FrameTracker`."""
        return self._box


class OpenCVTracker:
    """A tracker of OpenCV; where it says that it has failed, its last box stands.

    Args:
        name: A key of `OPENCV_TRACKERS`.

    Raises:
        UserInputError: There is no such tracker, or not in the installed OpenCV.
    """

    def __init__(self, name: str) -> None:
        self._name, self._make = name, _opencv_factory(name)
        self._tracker: Any = None
        self._box: Box = (0.0, 0.0, 0.0, 0.0)

    def init(self, frame: UInt8[np.ndarray, "h w 3"], box: Box) -> None:
        """See `FrameTracker`. OpenCV takes boxes of whole pixels, inside the frame."""
        check_frame(frame)
        height, width = frame.shape[:2]
        x, y, w, h = self._box = check_box(box, height, width)
        (left, right), (top, bottom) = _pixels(x, w, width), _pixels(y, h, height)
        self._tracker = self._make()
        try:
            self._tracker.init(_bgr(frame), (left, top, right - left, bottom - top))
        except cv2.error as error:
            reason = " ".join(str(error).split())[:REASON_LENGTH]
            raise UserInputError(
                f"OpenCV's {self._name} refuses the box ({x:g}, {y:g}, {w:g}, {h:g}) in a frame of "
                f"{width} x {height} pixels: {reason}"
            ) from error

    def update(self, frame: UInt8[np.ndarray, "h w 3"]) -> Box:
        """See `FrameTracker`."""
        found, box = self._tracker.update(_bgr(frame))
        if found:
            x, y, w, h = (float(value) for value in box)
            self._box = x, y, w, h
        return self._box


def make_baseline(name: str) -> FrameTracker:
    """The baseline of that name.

    Raises:
        UserInputError: There is no such baseline, or the installed OpenCV lacks it.
    """
    choice("baseline", name, BASELINES)
    return StillBox() if name == "still" else OpenCVTracker(name)


def _pixels(start: float, length: float, limit: int) -> tuple[int, int]:
    """First pixel and the one after the last of a box's side, within 0 to `limit`."""
    first = max(min(round(start), limit - SMALLEST_BOX), 0)
    return first, min(max(round(start + length), first + SMALLEST_BOX), limit)


def _opencv_factory(name: str) -> Callable[[], Any]:
    wanted = f"{OPENCV_TRACKERS[name]}_create"
    # Older trackers moved to `legacy`, whose CSRT and KCF are not the current ones.
    for module in (cv2, getattr(cv2, "legacy", None)):
        factory = getattr(module, wanted, None)
        if factory is not None:
            return factory
    raise UserInputError(
        f"this OpenCV ({cv2.__version__}) has no tracker {name}; expected the one of "
        f"opencv-contrib: {GET_TRACKERS}"
    )


def _bgr(frame: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), np.uint8)
