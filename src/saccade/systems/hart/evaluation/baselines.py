"""Other trackers behind the calls of ours: a box that never moves, and those of OpenCV.

OpenCV seeds MIL's generator once a process and offers no way to it: what MIL does with a video
depends on how many it was given before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.checks import choice
from saccade.errors import DamagedFileError, UserInputError
from saccade.systems.hart.tracker import Box, check_box, check_frame
from saccade.wording import counted

OPENCV_TRACKERS = {
    "csrt": "TrackerCSRT",
    "kcf": "TrackerKCF",
    "mil": "TrackerMIL",
    "medianflow": "TrackerMedianFlow",
    "mosse": "TrackerMOSSE",
}
"""Trackers of OpenCV without a network: our name, and OpenCV's."""
NETWORKS = {
    "nano": ("TrackerNano", ("backbone", "neckhead")),
    "vit": ("TrackerVit", ("net",)),
}
"""Trackers of OpenCV whose networks the user has: OpenCV's name, and its names of the files."""
BASELINES = ("still", *OPENCV_TRACKERS, *NETWORKS)
REASON_LENGTH = 160
"""Number of letters of OpenCV's reason that an error repeats."""
GET_TRACKERS = "pip uninstall opencv-python-headless, pip install opencv-contrib-python-headless"
"""Commands that give OpenCV its trackers: of the two packages, one overwrites the other."""
SMALLEST_BOX = 5
"""Least side of a box that they are given [pixels]: MIL never comes back from one of 4 x 4."""


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
        name: Name of the tracker, a key of `OPENCV_TRACKERS` or `NETWORKS`.
        models: Files of the tracker's network.

    Raises:
        UserInputError: There is no such tracker, or not in the installed OpenCV; or files are
            missing.
        DamagedFileError: OpenCV cannot read a file.
    """

    def __init__(self, name: str, models: Sequence[str] = ()) -> None:
        self._name = name
        self._make = _network_factory(name, models) if name in NETWORKS else _opencv_factory(name)
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
            raise UserInputError(
                f"OpenCV's {self._name} refuses the box ({x:g}, {y:g}, {w:g}, {h:g}) in a frame of "
                f"{width} x {height} pixels: {_reason(error)}"
            ) from error

    def update(self, frame: UInt8[np.ndarray, "h w 3"]) -> Box:
        """See `FrameTracker`. Some raise instead of saying that they have failed."""
        try:
            found, box = self._tracker.update(_bgr(frame))
        except cv2.error:
            return self._box
        if found:
            x, y, w, h = (float(value) for value in box)
            self._box = x, y, w, h
        return self._box


def make_baseline(name: str, models: Sequence[str] = ()) -> FrameTracker:
    """The baseline of that name; errors as of `OpenCVTracker`."""
    choice("baseline", name, BASELINES)
    return StillBox() if name == "still" else OpenCVTracker(name, models)


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


def _network_factory(name: str, models: Sequence[str]) -> Callable[[], Any]:
    """What makes a tracker whose network is in files; it is made once here, to fail early."""
    tracker, parts = NETWORKS[name]
    if not hasattr(cv2, f"{tracker}_create"):
        raise UserInputError(
            f"this OpenCV ({cv2.__version__}) has no tracker {name}; expected 4.9 or later"
        )
    if len(models) != len(parts):
        raise UserInputError(
            f"{name} was given {counted(len(models), 'file')} of its network; expected "
            f"{len(parts)}: --models {','.join(f'{part}.onnx' for part in parts)}"
        )
    params = getattr(cv2, f"{tracker}_Params")()
    for part, file in zip(parts, models, strict=True):
        if not Path(file).is_file():
            raise UserInputError(f"--models: {file} is not a file; expected the {part} of {name}")
        setattr(params, part, file)
    make = partial(getattr(cv2, f"{tracker}_create"), params)
    try:
        make()
    except cv2.error as error:
        raise DamagedFileError(
            f"OpenCV's {name} cannot read {', '.join(models)}: {_reason(error)}"
        ) from error
    return make


def _reason(error: cv2.error) -> str:
    return " ".join(str(error).split())[:REASON_LENGTH]


def _bgr(frame: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), np.uint8)
