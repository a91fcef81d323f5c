"""Video files as frames that are read when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from saccade.data.tracking.frames import Frames, Rgb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.video import count_frames, video_facts
from saccade.data.video import read_video as decode
from saccade.errors import DamagedFileError
from saccade.wording import counted


class VideoFrames(Frames):
    """The frames of a video file, as `saccade.data.video.read_video` shows them.

    They are counted at once, by decoding them, unless `length` is given. Reading on, one after the
    other, decodes each frame once; going back starts from the first.

    Args:
        path: Video that FFmpeg reads: mp4, mkv, mov, avi, webm, ...
        expected_size: Size (width, height) that an annotation was made for [px], if there is one.
        length: Number of frames, where it is known; a video that has fewer is found to break off
            when it is read.

    Raises:
        UserInputError: There is no such file.
        DamagedFileError: It is no video, holds no frames, breaks off, or is not of the expected
            size.
    """

    def __init__(
        self,
        path: str | Path,
        expected_size: tuple[int, int] | None = None,
        length: int | None = None,
    ) -> None:
        self.path = Path(path)
        facts = video_facts(self.path)
        self._size = (facts.width, facts.height)
        if expected_size not in (None, self._size):
            raise DamagedFileError(
                f"{path} is {facts.width} x {facts.height} pixels; expected "
                f"{expected_size[0]} x {expected_size[1]}, as its annotation"
            )
        self._length = count_frames(self.path) if length is None else length
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

    def release(self) -> None:
        """Close the file; the next read starts from the first frame."""
        self._rewind()

    def _rewind(self) -> None:
        self._decoder: Iterator[Rgb] = decode(self.path)
        self._position = -1
        self._last: Rgb | None = None

    def _next(self) -> Rgb:
        image = next(self._decoder, None)
        at = self._position + 1
        if image is None:
            raise DamagedFileError(
                f"{self.path} breaks off after {counted(at, 'frame')}; expected {self._length}"
            )
        if image.shape[:2] != self._size[::-1]:
            raise DamagedFileError(
                f"frame {at} of {self.path} is {image.shape[1]} x {image.shape[0]} pixels; "
                f"expected {self._size[0]} x {self._size[1]}, as the first frame"
            )
        return image

    def __getstate__(self) -> tuple[Path, tuple[int, int], int]:
        # An open decoder cannot go to another process; that one starts anew.
        return self.path, self._size, self._length

    def __setstate__(self, state: tuple[Path, tuple[int, int], int]) -> None:
        self.path, self._size, self._length = state
        self._rewind()


def read_video(path: str | Path) -> TrackingSequence:
    """A plain video as a sequence without boxes (all NaN and unknown), named as the file.

    Raises:
        UserInputError: There is no such file.
        DamagedFileError: It is no video, or breaks off.
    """
    frames = VideoFrames(path)
    boxes = np.full((len(frames), 4), np.nan, np.float32)
    name, unknown = Path(path).stem, np.ones(len(frames), bool)
    return TrackingSequence(name, frames, boxes, group=name, unknown=unknown)
