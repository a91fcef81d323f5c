"""Video files, read frame by frame, so that length costs no memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from jaxtyping import UInt8

from saccade.errors import DamagedFileError, UserInputError

Rgb = UInt8[np.ndarray, "_ _ 3"]

MOST_BITS = 12
"""Of a channel, as phones and cameras film; with more, nobody can say what is to be white."""


@dataclass(frozen=True)
class VideoFacts:
    """What a video file says of itself; `n_frames` is 0 where it does not say."""

    width: int
    height: int
    fps: float
    n_frames: int


def read_video(path: str | Path) -> Iterator[Rgb]:
    """Yield the frames as uint8 RGB, in order of display, upright as players show them.

    Channels of up to 12 bits become bytes. Raises UserInputError where there is no such file, or
    its pictures have more bits or an alpha channel; DamagedFileError where it is not a video or
    breaks off in the middle (after the frames before that have been yielded).
    """
    source = Path(path)
    shown = 0
    with _open(source) as container:
        try:
            for frame in container.decode(video=0):
                _check_pixels(source, frame)
                yield _upright(frame)
                shown += 1
        except FFmpegError as error:
            raise DamagedFileError(
                f"{source} breaks off after {shown} frames: {error.strerror}"
            ) from error


def video_facts(path: str | Path) -> VideoFacts:
    """Upright size, rate and length as the file states them; errors as in `read_video`."""
    with _open(Path(path)) as container:
        stream = container.streams.video[0]
        rate, width, height = float(stream.average_rate or 0), stream.width, stream.height
        if _quarter_turns(container) % 2:
            width, height = height, width
        return VideoFacts(width, height, rate, stream.frames)


def _quarter_turns(container: InputContainer) -> int:
    """How a phone was held: only the decoded frame says so. 0 where nothing can be decoded."""
    try:
        return next((_turns_of(frame) for frame in container.decode(video=0)), 0)
    except FFmpegError:
        return 0


def _turns_of(frame: av.VideoFrame) -> int:
    return round(frame.rotation / 90)


def _upright(frame: av.VideoFrame) -> Rgb:
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), _turns_of(frame)))


def _check_pixels(path: Path, frame: av.VideoFrame) -> None:
    parts = frame.format.components
    if any(part.is_alpha for part in parts) or max(part.bits for part in parts) > MOST_BITS:
        raise UserInputError(
            f"{path} has {frame.format.name} pictures; expected 8 to {MOST_BITS} bits a channel "
            f"and no alpha: ffmpeg -i {path.name} -pix_fmt yuv420p converted.mp4"
        )


def _open(path: Path) -> InputContainer:
    if not path.is_file():
        raise UserInputError(f"{path} is not a file; expected a video")
    try:
        container = av.open(str(path))
    except FFmpegError as error:
        raise DamagedFileError(
            f"{path} is not a video that can be read: {error.strerror}"
        ) from error
    if not container.streams.video:
        container.close()
        raise DamagedFileError(f"{path} holds no pictures; expected a video")
    return container
