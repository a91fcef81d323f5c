"""VOT: Kristan et al., "A Novel Performance Evaluation Methodology", PAMI 2016.

bag/00000001.jpg ...        or bag/color/00000001.jpg, as the toolkit of 2018 and later has it
bag/groundtruth.txt         a region a frame; of several objects groundtruth_NAME.txt for each

A region is a box x,y,w,h, a polygon x1,y1,...,xn,yn, or, from 2020 on, a mask: m and x,y,w,h of
the part of the picture that it covers, then the lengths of its runs, row after row, the first one
outside. NaN is an absent object, as an empty mask is; a single 0 says nothing, nor does an
annotation of the frames after its last line.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from saccade.checks import check_choice
from saccade.data.tracking.annotation import (
    frame_truth,
    image_files,
    image_frames,
    malformed,
    parse_numbers,
    read_lines,
    sequence_folders,
    split_fields,
)
from saccade.data.tracking.sequence import TrackingSequence
from saccade.left_out import LeftOut, attempt, require_all

_EXPECTED = (
    "4 values (x,y,w,h), 6 or more (the corners of a polygon), or a mask (m and x,y,w,h, runs)"
)
_SINGLE, _SEVERAL = "groundtruth.txt", "groundtruth_*.txt"
_NOTHING_SAID = ["0"]
"""Code of the toolkit for a frame about which nothing is known."""
FIRST = 1
"""Number of a sequence's first frame."""

PolygonBox = Literal["enclosing", "area"]


def read_vot(folder: str | Path, polygon: PolygonBox = "enclosing") -> list[TrackingSequence]:
    """Read one VOT sequence, or a folder of them.

    Coordinates are taken as they are: VOT's toolkit counts pixels from 0. A mask becomes the box
    of its pixels. Of several objects each is a sequence, "folder/NAME".

    Args:
        folder: A sequence, or a folder of sequences.
        polygon: Box that a polygon becomes: the box that encloses it, or the box about its centre
            with the polygon's area and the enclosing box's aspect.

    Raises:
        UserInputError: There is no sequence in the folder, or `polygon` is unknown.
        DamagedFileError: A frame is missing, a line is malformed, or there are more lines than
            frames.
    """
    check_choice("polygon", polygon, ("enclosing", "area"))
    return require_all(_scan(Path(folder), polygon))


def scan_vot(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_vot` does; sequences that cannot be read are left out.

    Raises:
        UserInputError: There is no sequence in the folder.
    """
    return _scan(Path(folder), "enclosing")


def _scan(folder: Path, polygon: PolygonBox) -> Iterator[TrackingSequence | LeftOut]:
    for path in sequence_folders(folder, "VOT", "groundtruth*.txt", _has_frames):
        if isinstance(path, LeftOut):
            yield path
            continue
        for name, annotation in _annotations(path).items():
            yield attempt(name, partial(_read, name, path, annotation, polygon))


def _has_frames(folder: Path) -> bool:
    return bool(image_files(folder) or image_files(folder / "color"))


def _annotations(folder: Path) -> dict[str, Path]:
    """The files of a folder's objects, by the names of their sequences."""
    several = sorted(folder.glob(_SEVERAL))
    if (folder / _SINGLE).is_file() or not several:
        return {folder.name: folder / _SINGLE}
    return {f"{folder.name}/{path.stem.partition('_')[2]}": path for path in several}


def _read(name: str, folder: Path, annotation: Path, polygon: PolygonBox) -> TrackingSequence:
    found = [_box(annotation, *line, polygon) for line in read_lines(annotation)]
    images = folder / "color" if (folder / "color").is_dir() else folder
    frames = image_frames(images)
    if len(found) < len(frames):
        frames = image_frames(images, FIRST)  # else boxes might belong to other frames
    boxes = np.array([np.full(4, np.nan) if box is None else box for box in found])
    truth = frame_truth(annotation, boxes, len(frames), may_be_short=True)
    truth.unknown[: len(found)] = [box is None for box in found]
    return TrackingSequence(name, frames, truth.boxes, group=folder.name, unknown=truth.unknown)


def _box(
    path: Path, number: int, line: str, polygon: PolygonBox
) -> Float64[np.ndarray, "4"] | None:
    """The box of a line's region, NaN where the object is absent; None where nothing is said."""
    if line.startswith("m"):
        return _mask(path, number, line)
    fields = split_fields(line)
    if fields == _NOTHING_SAID:
        return None
    if len(fields) < 4 or len(fields) % 2:
        raise malformed(path, number, line, _EXPECTED)
    values = np.array(parse_numbers(path, number, fields, _EXPECTED, allow_nan=True))
    return values if len(values) == 4 else polygon_box(values.reshape(-1, 2), polygon)


def _mask(path: Path, number: int, line: str) -> Float64[np.ndarray, "4"]:
    values = parse_numbers(path, number, split_fields(line[1:]), _EXPECTED)
    x, y, width, height, *runs = [*values, *[0.0] * (4 - len(values))]
    is_sound = (
        len(values) >= 4
        and all(value.is_integer() for value in values)
        and min(width, height, *runs) >= 0
        and sum(runs) <= width * height
    )
    if not is_sound:
        raise malformed(path, number, line, _EXPECTED)
    box = runs_box(np.array(runs, np.int64), int(width))
    box[:2] += x, y
    return box


def polygon_box(
    corners: Float64[np.ndarray, "n 2"], how: PolygonBox = "enclosing"
) -> Float64[np.ndarray, "4"]:
    """The upright box (x, y, w, h) of a polygon; see `read_vot`."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    extent = high - low
    if how == "enclosing" or not (extent > 0).all():
        return np.concatenate([low, extent])
    x, y = corners.T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    extent = extent * np.sqrt(area / extent.prod())
    return np.concatenate([corners.mean(axis=0) - extent / 2, extent])


def runs_box(runs: Int64[np.ndarray, " n"], width: int) -> Float64[np.ndarray, "4"]:
    """The box (x, y, w, h) of the pixels of a mask; NaN where it has none.

    Args:
        runs: Lengths of the runs of pixels, row after row: outside, inside, outside, ...
        width: Pixels of a row.
    """
    ends = np.cumsum(runs)
    inside = runs[1::2] > 0
    first, last = (ends - runs)[1::2][inside], ends[1::2][inside] - 1
    if not len(first):
        return np.full(4, np.nan)
    wraps = first // width != last // width
    left = np.where(wraps, 0, first % width).min()
    right = np.where(wraps, width - 1, last % width).max()
    top, bottom = first.min() // width, last.max() // width
    return np.array([left, top, right - left + 1, bottom - top + 1], np.float64)
