"""Video files, read frame by frame, so that length costs no memory.

The frames are those that `ffmpeg -i` shows, upright: not the packets of the file, of which an
edit list, a codec or a cut may hide some, nor what a header counts.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

from saccade.data.orientation import UPRIGHT, Turn, is_sideways, turned
from saccade.data.torn import gif_is_torn, matroska_is_torn, transport_stream_is_torn
from saccade.errors import DamagedFileError, UserInputError
from saccade.wording import counted

Rgb = UInt8[np.ndarray, "_ _ 3"]

MOST_BITS = 16
"""Most bits of a channel; with more they are no whole numbers, and white is not defined."""
_CLEAR_PALETTES = ("pal8",)
"""Formats whose alpha FFmpeg does not list among their channels: it is in the palette."""
_KNOW_LENGTHS = ("mov", "matroska", "avi", "flv", "gif")
"""Containers that know how long a packet is; in others, only its picture tells that it is torn."""
_CUTS = {"matroska": matroska_is_torn, "mpegts": transport_stream_is_torn}
"""Checks for containers whose last packet FFmpeg leaves out silently if it is not whole."""
_TORN = "the file ends within a picture"


@dataclass(frozen=True)
class VideoFacts:
    """Upright size of the first picture [px], and frames a second; 0 where the file says none."""

    width: int
    height: int
    fps: float


def read_video(path: str | Path) -> Generator[Rgb, None, None]:
    """Yield the frames as uint8 RGB, in order of display, upright as players show them.

    Channels of up to 16 bits become bytes, white stays white. Raises UserInputError where there
    is no such file, or its pictures have more bits or transparent pixels; DamagedFileError where
    it is not a video, or breaks off (after the frames before that have been yielded): a picture
    cannot be decoded, or the file ends within the last one.
    """
    source = Path(path)
    # One for all: a frame's own would start threads for every frame, and keep them with it.
    reformatter = VideoReformatter()
    for frame in _shown(source):
        yield turned(_pixels(source, frame, reformatter), _turn_of(frame))


def count_frames(path: str | Path) -> int:
    """Number of frames that `read_video` yields, by decoding them; errors as there."""
    return sum(1 for _ in _shown(Path(path)))


def count_packets(path: str | Path) -> int:
    """Approximate number of frames, by the packets that are stored: quick, at times a few off."""
    count = 0
    with _opened(Path(path)) as (container, stream):
        try:
            for packet in container.demux(stream):
                count += packet.size > 0 and not packet.is_discard
        except FFmpegError:  # reading the frames tells
            pass
    return count


def video_facts(path: str | Path) -> VideoFacts:
    """Size of the first picture, and the rate that the file states; errors as in `read_video`."""
    source = Path(path)
    with _opened(source) as (_, stream):
        rate = float(stream.average_rate or stream.guessed_rate or 0)
    frame = next(_shown(source))
    width, height = frame.width, frame.height
    if is_sideways(_turn_of(frame)):
        width, height = height, width
    return VideoFacts(width, height, rate)


def _shown(path: Path) -> Iterator[av.VideoFrame]:
    """The pictures that a decoder shows; ends with a DamagedFileError where the file is torn."""
    with _opened(path) as (container, stream):
        reading = _Reading(path, container, stream)
        yield from reading.frames()
    if not reading.shown:
        reason = reading.torn or "none of its pictures can be decoded"
        raise DamagedFileError(f"{path} is not a video that can be read: {reason}")
    if reading.torn:
        raise DamagedFileError(
            f"{path} breaks off after {counted(reading.shown, 'frame')}: {reading.torn}"
        )


class _Reading:
    """Decodes an open video from its beginning.

    Attributes:
        shown: Number of pictures so far.
        torn: Reason why they end early; empty where they do not.
    """

    def __init__(self, path: Path, container: InputContainer, stream: VideoStream) -> None:
        self._path, self._container, self._stream = path, container, stream
        self._kind = container.format.name.split(",")[0]
        self._last: Packet | None = None
        self.shown, self.torn = 0, ""

    def frames(self) -> Iterator[av.VideoFrame]:
        """Each picture once, in order of display."""
        any_sound = False
        for frame in self._decoded():
            self.shown += 1
            any_sound = any_sound or not frame.is_corrupt
            if any_sound and frame.is_corrupt and self._is_of_last_packet(frame):
                self.torn = self.torn or _TORN
            yield frame

    def _is_of_last_packet(self, frame: av.VideoFrame) -> bool:
        """Whether it may come of the file's last packet, whose length the container leaves open."""
        if self._last is None or self._kind in _KNOW_LENGTHS:
            return False
        return frame.pts is None or frame.pts == self._last.pts

    def _decoded(self) -> Iterator[av.VideoFrame]:
        try:
            for packet in self._packets():
                yield from self._pictures(packet)
        except FFmpegError as error:
            self.torn = error.strerror or _TORN
        try:  # what was decoded, before a fault too, but waits for its turn to be shown
            yield from self._stream.codec_context.decode(None)
        except FFmpegError as error:
            self.torn = self.torn or error.strerror or _TORN

    def _pictures(self, packet: Packet) -> list[av.VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet)
        except FFmpegError:
            if self.shown:
                raise
            return []  # cut between two key frames: decoding begins with the next one

    def _packets(self) -> Iterator[Packet]:
        """The packets that hold a picture; the last one only if it is whole."""
        last, fault = None, None
        try:
            for packet in self._container.demux(self._stream):
                # An empty packet means the end to a decoder; an AVI repeats a picture with one.
                if packet.size and last is not None:
                    yield last
                last = packet if packet.size else last
        except FFmpegError as error:
            fault = error
        is_torn = last is not None and (
            last.is_corrupt or (self._kind == "gif" and gif_is_torn(bytes(last)))
        )
        if last is not None and not is_torn:
            self._last = last
            yield last
        is_cut = _CUTS.get(self._kind)
        if is_torn or (is_cut is not None and is_cut(self._path)):
            self.torn = self.torn or _TORN
        elif fault is not None:
            raise fault


def _turn_of(frame: av.VideoFrame) -> Turn:
    """The turn in the matrix that says how a phone was held: its upper left, 16.16 fixed point."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return UPRIGHT
    a, b, _, c, d = (int(value) for value in np.frombuffer(matrix, np.int32)[:5])
    return a, b, c, d


def _pixels(path: Path, frame: av.VideoFrame, reformatter: VideoReformatter) -> Rgb:
    parts = frame.format.components
    if max(part.bits for part in parts) > MOST_BITS:
        raise UserInputError(
            f"{path} has {frame.format.name} pictures; expected at most {MOST_BITS} bits a "
            f"channel: ffmpeg -i {path.name} -pix_fmt yuv420p converted.mp4"
        )
    if frame.format.name not in _CLEAR_PALETTES and not any(part.is_alpha for part in parts):
        return reformatter.reformat(frame, format="rgb24").to_ndarray()
    image = reformatter.reformat(frame, format="rgba").to_ndarray()
    if image[..., 3].min() < 255:
        raise UserInputError(
            f"{path} has transparent pixels; expected opaque pictures: "
            f"ffmpeg -i {path.name} -pix_fmt yuv420p converted.mp4"
        )
    return image[..., :3]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    if not path.is_file():
        raise UserInputError(f"{path} is not a file; expected a video")
    try:
        # "file:", for FFmpeg takes what is before a colon for a protocol.
        container = av.open(f"file:{path}", metadata_errors="replace")
    except FFmpegError as error:
        raise DamagedFileError(
            f"{path} is not a video that can be read: {error.strerror}"
        ) from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            raise DamagedFileError(f"{path} holds no pictures; expected a video")
        if stream.codec_context is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise DamagedFileError(f"{path} is coded in a way that FFmpeg has no decoder for")
        yield container, stream
