"""Video files as frames that are read when asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from saccade.data.tracking.frames import Frames, Rgb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import DamagedFileError
from saccade.viewing.video import read_video as decode
from saccade.viewing.video import video_facts


class VideoFrames(Frames):
    """The frames of a video file.

    Reading on, one after the other, decodes each frame once; going back starts from the first.

    Args:
        path: Video that FFmpeg reads: mp4, mkv, mov, avi, webm, ...
        expected_size: (width, height) that an annotation was made for [px], if there is one.

    Raises:
        UserInputError: There is no such file.
        DamagedFileError: It is no video, holds no frames, is shorter than it says, or is not of
            the expected size.
    """

    def __init__(self, path: str | Path, expected_size: tuple[int, int] | None = None) -> None:
        self.path = Path(path)
        facts = video_facts(self.path)
        self._size = (facts.width, facts.height)
        self._length = _count(self.path, facts.n_frames)
        if expected_size not in (None, self._size):
            raise DamagedFileError(
                f"{path} is {facts.width} x {facts.height} pixels; expected "
                f"{expected_size[0]} x {expected_size[1]}, as its annotation"
            )
        self._rewind()

    def __len__(self) -> int:
        return self._length

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame [px]."""
        return self._size

    def read(self, index: int) -> Rgb:
        """Frame `index` in order of display; see `Frames.read`."""
        self._check_index(index)
        if self._last is None or index < self._position:
            self._rewind()
        while self._position < index:
            self._last = self._next()
            self._position += 1
        assert self._last is not None
        return self._last.copy()

    def _rewind(self) -> None:
        self._decoder: Iterator[Rgb] = decode(self.path)
        self._position = -1
        self._last: Rgb | None = None

    def _next(self) -> Rgb:
        image = next(self._decoder, None)
        at = self._position + 1
        if image is None:
            raise DamagedFileError(
                f"{self.path} breaks off after {at} frames; expected {self._length}"
            )
        if image.shape[:2] != self._size[::-1]:
            raise DamagedFileError(
                f"frame {at} of {self.path} is {image.shape[1]} x {image.shape[0]} pixels; "
                f"expected {self._size[0]} x {self._size[1]}, as the video says"
            )
        return image

    def __getstate__(self) -> tuple[Path, tuple[int, int], int]:
        # An open decoder cannot go to another process; that one starts anew.
        return self.path, self._size, self._length

    def __setstate__(self, state: tuple[Path, tuple[int, int], int]) -> None:
        self.path, self._size, self._length = state
        self._rewind()


def read_video(path: str | Path) -> TrackingSequence:
    """A plain video as a sequence without boxes (all NaN), named as the file.

    Raises:
        UserInputError: There is no such file.
        DamagedFileError: It is no video or is cut short; where its header does not give that
            away, reading the first missing frame does.
    """
    frames = VideoFrames(path)
    boxes = np.full((len(frames), 4), np.nan, np.float32)
    return TrackingSequence(Path(path).stem, frames, boxes, group=Path(path).stem)


def _count(path: Path, stated: int) -> int:
    """The number of coded pictures, found without decoding; `stated` by the header, 0 unknown."""
    packets = pictures = 0
    end = 0.0
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            for packet in container.demux(stream):
                # The last packet is FFmpeg's own and empty; so is an AVI's repeated picture.
                packets += packet.size > 0 or packet.pts is not None
                pictures += packet.size > 0
                end = max(end, _end_s(packet))
            stated_s = _stated_s(stream)
    except FFmpegError as error:
        raise DamagedFileError(
            f"{path} breaks off after {pictures} frames: {error.strerror}"
        ) from error
    if not pictures:
        raise DamagedFileError(f"{path} holds no pictures; expected a video")
    if packets < stated:
        raise DamagedFileError(f"{path} breaks off after {packets} frames; it says {stated}")
    if end < stated_s - 1.5 * end / pictures:
        raise DamagedFileError(
            f"{path} breaks off after {pictures} frames, {end:.2f} s; it says {stated_s:.2f} s"
        )
    return pictures


def _end_s(packet: Packet) -> float:
    """When a packet's picture ends [s]; 0 where it does not say."""
    if packet.pts is None or packet.time_base is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)


def _stated_s(stream: VideoStream) -> float:
    """When the last picture ends [s] as Matroska and WebM note it; 0 for other containers."""
    noted = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if noted is None:
        return 0.0
    return 3600 * int(noted[1]) + 60 * int(noted[2]) + float(noted[3])
