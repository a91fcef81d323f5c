"""Video files, written frame by frame, so that length costs no memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from jaxtyping import UInt8

from saccade.errors import StorageError, UserInputError
from saccade.storage.files import whole_path

Rgb = UInt8[np.ndarray, "_ _ 3"]

_CONTAINERS = {".mp4": "mp4", ".mkv": "matroska", ".mov": "mov"}


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
    rate, quality = Fraction(fps).limit_denominator(1001), {"crf": str(crf), "preset": preset}
    try:
        with whole_path(target) as partial:
            return _encode(partial, form, frames, rate, quality)
    except (OSError, FFmpegError) as error:
        raise StorageError(
            f"{target} could not be written: {error.strerror}; what was there before is intact"
        ) from error


class VideoWriter:
    """Encodes frames in a thread of its own while its user makes more of them.

    Used as a context; an error of the disk or the encoder is raised by `add` or at the end.
    """

    def __init__(self, path: Path, frames_per_second: float) -> None:
        self._queue: queue.Queue[Rgb | None] = queue.Queue(16)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._encode, args=(path, frames_per_second))

    def add(self, frame: Rgb) -> None:
        """Take one frame."""
        if self._error is not None:
            raise self._error
        self._queue.put(frame)

    def _encode(self, path: Path, frames_per_second: float) -> None:
        frames = self._frames()
        try:
            write_video(path, frames, frames_per_second)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that draws
            self._error = error
            for _ in frames:  # nobody may wait for room in the queue
                pass

    def _frames(self) -> Iterator[Rgb]:
        while (frame := self._queue.get()) is not None:
            yield frame

    def __enter__(self) -> VideoWriter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error


def container_format(path: Path) -> str:
    """FFmpeg's name of the container that the file's ending means.

    Raises UserInputError if it means none, or if `path` is a folder.
    """
    form = _CONTAINERS.get(path.suffix.lower())
    if form is None:
        valid = ", ".join(_CONTAINERS)
        raise UserInputError(f'video file is "{path.name}"; its ending must be one of {valid}')
    if path.is_dir():
        raise UserInputError(f"{path} is a folder; expected a video file to be written")
    return form


def _encode(
    path: Path, form: str, frames: Iterable[np.ndarray], rate: Fraction, quality: dict[str, str]
) -> int:
    remaining = iter(frames)
    first = next(remaining, None)
    if first is None:
        raise UserInputError("the video has no frames; expected at least one")
    n_frames = 0
    # "file:", for FFmpeg takes what is before a colon for a protocol.
    with av.open(f"file:{path}", "w", format=form) as container:
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
