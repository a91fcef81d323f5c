"""Video files, written and read frame by frame, so that length costs no memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from jaxtyping import UInt8

from saccade.errors import DamagedFileError, StorageError, UserInputError

Rgb = UInt8[np.ndarray, "_ _ 3"]

MOST_BITS = 12
"""Of a channel, as phones and cameras film; with more, nobody can say what is to be white."""
_CONTAINERS = {".mp4": "mp4", ".mkv": "matroska", ".mov": "mov"}


@dataclass(frozen=True)
class VideoFacts:
    """What a video file says of itself; `n_frames` is 0 where it does not say."""

    width: int
    height: int
    fps: float
    n_frames: int


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    fps: float,
    crf: int = 20,
    preset: str = "medium",
) -> int:
    """Write uint8 RGB frames as H.264 (MPEG-4 where libx264 is missing); returns their number.

    Sides of odd length gain a repeated last row or column, which yuv420p needs. `crf` is H.264's
    quality, lower is better; `preset` its encoder's patience, "veryfast" to "slow". The file
    appears at `path` only when whole. Raises UserInputError for no frames, frames that are not
    uint8 RGB or change size, or an unknown file ending; StorageError if the disk refuses.
    """
    target = Path(path)
    form = container_format(target)
    if not (np.isfinite(fps) and fps > 0):
        raise UserInputError(f"fps is {fps}; expected a number above 0")
    partial = target.with_name(f".{target.name}.part")
    rate, quality = Fraction(fps).limit_denominator(1001), {"crf": str(crf), "preset": preset}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        n_frames = _encode(partial, form, frames, rate, quality)
        os.replace(partial, target)
    except (OSError, FFmpegError) as error:
        raise StorageError(f"{target} could not be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return n_frames


def container_format(path: Path) -> str:
    """FFmpeg's name of the container that the file's ending means; UserInputError if none."""
    form = _CONTAINERS.get(path.suffix.lower())
    if form is None:
        valid = ", ".join(_CONTAINERS)
        raise UserInputError(f'video file is "{path.name}"; its ending must be one of {valid}')
    return form


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


def _encode(
    path: Path, form: str, frames: Iterable[np.ndarray], rate: Fraction, quality: dict[str, str]
) -> int:
    remaining = iter(frames)
    first = next(remaining, None)
    if first is None:
        raise UserInputError("the video has no frames; expected at least one")
    n_frames = 0
    with av.open(str(path), "w", format=form) as container:
        stream = _add_stream(container, first, rate, quality)
        for n_frames, image in enumerate(chain([first], remaining), start=1):
            _check_frame(image, first.shape, n_frames - 1)
            frame = av.VideoFrame.from_ndarray(_even(image), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return n_frames


def _add_stream(
    container: OutputContainer, first: np.ndarray, rate: Fraction, quality: dict[str, str]
) -> VideoStream:
    _check_frame(first, first.shape, 0)
    if "libx264" in av.codecs_available:
        stream = container.add_stream("libx264", rate=rate, options=quality)
    else:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.bit_rate = 8_000_000
    stream.height, stream.width = _even(first).shape[:2]
    stream.pix_fmt = "yuv420p"
    # Said aloud, or players guess the colour matrix from the picture's size.
    stream.codec_context.colorspace = Colorspace.SMPTE170M
    stream.codec_context.color_range = ColorRange.MPEG
    return stream


def _check_frame(image: np.ndarray, shape: tuple[int, ...], index: int) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise UserInputError(
            f"video frame {index} has shape {image.shape} and type {image.dtype}; "
            "expected uint8 RGB (rows, columns, 3)"
        )
    if image.shape != shape:
        raise UserInputError(
            f"video frame {index} is {image.shape[1]} x {image.shape[0]} pixels; expected "
            f"{shape[1]} x {shape[0]}, as the first frame"
        )


def _even(image: Rgb) -> Rgb:
    rows, cols = image.shape[0] % 2, image.shape[1] % 2
    padded = np.pad(image, ((0, rows), (0, cols), (0, 0)), mode="edge") if rows or cols else image
    return np.ascontiguousarray(padded)


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
