"""Synchronised videos NAME_view0.mp4, NAME_view1.mp4, ..., and their labels in NAME_labels.csv."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace

from saccade.data.multi_view.label_table import read_labels, write_labels
from saccade.data.multi_view.matching import Found
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import Frames
from saccade.data.tracking.video import VideoFrames
from saccade.data.video import count_packets
from saccade.errors import StorageError, UserInputError
from saccade.left_out import LeftOut
from saccade.storage.files import whole_path

ENDING = ".mp4"
LABELS_ENDING = "_labels.csv"
IS_VIDEO = re.compile(
    r"(?P<name>.+)_view_?(?P<view>\d{1,3})"
    r"\.(?:mp4|m4v|mov|mkv|webm|avi|mpg|mpeg|mts|m2ts|ts|wmv|flv|ogv|3gp|gif)",
    re.IGNORECASE,
)
"""Names of the files that are read."""
_COUNTED_BY_PACKETS = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""Endings of containers in which a packet is a frame; others are counted by decoding them."""
_CODING = {"crf": "14", "preset": "medium"}
"""H.264 of fine quality: no trace of it shall be learned."""


class _File(NamedTuple):
    view: int
    path: Path


def scan_videos(root: Path, paths: Iterable[Path]) -> Iterator[Found | LeftOut]:
    """The demonstrations that videos below `root` show; what cannot be read is left out."""
    for name, files in _grouped(root, paths).items():
        try:
            labels = root / f"{name}{LABELS_ENDING}"
            yield Found(
                name,
                str(Path(name).parent),
                _views(files),
                read_labels(labels) if labels.exists() else {},
            )
        except UserInputError as error:
            yield LeftOut(name, error)


def write_videos(folder: Path, sequence: MultiViewSequence, fps: float) -> None:
    """Write the labels and the views of a sequence; where view 0 is there, all are.

    Raises:
        UserInputError: A side of the pictures is odd, which H.264's colours do not allow, or `fps`
            is no rate.
        StorageError: The disk refuses; every file is whole or not there.
    """
    if not (np.isfinite(fps) and fps > 0):
        raise UserInputError(f"fps is {fps}; expected a number above 0")
    if sequence.labels:
        write_labels(folder / f"{sequence.name}{LABELS_ENDING}", sequence)
    for number in reversed(range(len(sequence.views))):
        _write_video(folder / f"{sequence.name}_view{number}{ENDING}", sequence.views[number], fps)


def last_video(folder: Path, name: str) -> Path:
    """The file that `write_videos` writes last."""
    return folder / f"{name}_view0{ENDING}"


def _grouped(root: Path, paths: Iterable[Path]) -> dict[str, list[_File]]:
    """Files by the name of what they show, which has the folder in it."""
    groups: dict[str, list[_File]] = {}
    for path in paths:
        named = IS_VIDEO.fullmatch(path.name)
        if named:
            name = str(path.relative_to(root).with_name(named["name"]))
            groups.setdefault(name, []).append(_File(int(named["view"]), path))
    return groups


def _views(files: list[_File]) -> dict[int, Frames]:
    views: dict[int, Frames] = {}
    for number, path in files:
        if number in views:
            raise UserInputError(f"there are two files of view {number}, {path.name} is one")
        quick = path.suffix.lower() in _COUNTED_BY_PACKETS
        views[number] = VideoFrames(path, length=count_packets(path) if quick else None)
    return views


def _write_video(path: Path, frames: Frames, fps: float) -> None:
    width, height = frames.size
    if width % 2 or height % 2:
        raise UserInputError(
            f"{path.name} would be {width} x {height} pixels; expected even sides for a video: "
            "write records instead"
        )
    try:
        with (
            whole_path(path) as partial,
            av.open(f"file:{partial}", "w", format="mp4") as container,
        ):
            stream = container.add_stream("libx264", Fraction(fps).limit_denominator(1001), _CODING)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            # Said aloud, or players guess the colour matrix from the picture's size.
            stream.codec_context.colorspace = Colorspace.SMPTE170M
            stream.codec_context.color_range = ColorRange.MPEG
            for index in range(len(frames)):
                image = np.ascontiguousarray(frames.read(index))
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode(None))
    except (OSError, FFmpegError) as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror}; what was there before is intact"
        ) from error
