"""A camera, or a stream from an address: frames that come as they are made, without an end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from saccade.data.tracking.footage import IMAGES_PER_SECOND, Footage
from saccade.data.tracking.frames import Rgb
from saccade.errors import DamagedFileError, UserInputError
from saccade.wording import counted

ADDRESS = "://"
"""Mark of an address, rtsp://host/stream, which is in no name of a file that is there."""
ANSWER_WITHIN = 10.0
"""Time in which a stream must answer, and later bring its next packet [s]."""
OVER_TCP = {"rtsp_transport": "tcp"}
"""Options of RTSP over TCP: packets lost over UDP leave grey blocks, which look like objects."""


def is_live(source: str) -> bool:
    """Whether a source is a camera by its number or an address, and no file that is there."""
    return (source.isdecimal() or ADDRESS in source) and not Path(source).exists()


def open_live(source: str) -> Footage:
    """Open a camera by its number ("0"), or a stream by its address ("rtsp://host/stream").

    Raises:
        UserInputError: There is no such camera, or nothing answers.
    """
    return _open_camera(int(source)) if source.isdecimal() else _open_stream(source)


@dataclass(frozen=True)
class _Camera(Footage):
    device: Any = None

    def frames(self, start: int = 0) -> Iterator[Rgb]:
        """The camera's frames, see `Footage.frames`; the camera is released at the end."""
        number = 0
        try:
            while True:
                given, image = self.device.read()
                if not given:
                    raise DamagedFileError(f"camera {self.path} gave no frame {number}")
                if number >= start:
                    yield np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
                number += 1
        finally:
            self.device.release()


@dataclass(frozen=True)
class _Stream(Footage):
    address: str = ""

    def frames(self, start: int = 0) -> Iterator[Rgb]:
        """The stream's frames; see `Footage.frames`."""
        number = 0
        try:
            with closing(_connect(self.address)) as container:
                for frame in container.decode(video=0):
                    if number >= start:
                        yield frame.to_ndarray(format="rgb24")
                    number += 1
        except (FFmpegError, OSError) as error:
            raise DamagedFileError(
                f"{self.address} broke off after {counted(number, 'frame')}: {error.strerror}"
            ) from error
        if number <= start:
            raise UserInputError(f"--start is {start}; {self.address} had {number} frames")


def _open_camera(number: int) -> Footage:
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        device = cv2.VideoCapture(number)
    finally:
        cv2.utils.logging.setLogLevel(before)
    if not device.isOpened():
        raise UserInputError(
            f"there is no camera {number}, or it is in use or not ours to open; expected the "
            "number of a camera (ls /dev/video*), an address, a video or a folder of images"
        )
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one that has waited
    return _Camera(
        Path(str(number)), device.get(cv2.CAP_PROP_FPS) or IMAGES_PER_SECOND, 0, None, device
    )


def _open_stream(address: str) -> Footage:
    try:
        with closing(_connect(address)) as container:
            if not container.streams.video:
                raise UserInputError(f"{address} has no video in it; expected a stream of pictures")
            rate = container.streams.video[0].average_rate
    except (FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserInputError(
            f"cannot open {address} ({reason}); expected the address of a video, as in "
            "rtsp://host:554/stream"
        ) from error
    return _Stream(Path(address), float(rate or IMAGES_PER_SECOND), 0, None, address)


def _connect(address: str) -> InputContainer:
    options = OVER_TCP if address.startswith("rtsp") else {}
    return av.open(address, options=options, timeout=ANSWER_WITHIN)
