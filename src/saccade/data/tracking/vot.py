"""VOT: Kristan et al., "A Novel Performance Evaluation Methodology", PAMI 2016.

bag/00000001.jpg ...     or bag/color/00000001.jpg, as the toolkit of 2018 and later has it
bag/groundtruth.txt      x,y,w,h, or the corners x1,y1,...,x4,y4 of a turned rectangle
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64

from saccade.checks import check_choice
from saccade.data.tracking.annotation import (
    check_count,
    image_files,
    image_frames,
    malformed,
    parse_numbers,
    present_boxes,
    read_lines,
    sequence_folders,
    split_fields,
)
from saccade.data.tracking.sequence import TrackingSequence

_EXPECTED = "4 values (x,y,w,h) or 8 (the corners of a polygon)"

PolygonBox = Literal["enclosing", "area"]


def read_vot(folder: str | Path, polygon: PolygonBox = "enclosing") -> list[TrackingSequence]:
    """Read one VOT sequence, or a folder of them.

    Coordinates are taken as they are: VOT's toolkit counts pixels from 0.

    Args:
        folder: A sequence, or a folder of sequences.
        polygon: Box that a polygon becomes: the box that encloses it, or the box about its centre
            with the polygon's area and the enclosing box's aspect.

    Raises:
        UserInputError: There is no sequence in the folder, or `polygon` is unknown.
        DamagedFileError: A frame is missing, a line is malformed (masks are not read), or their
            numbers differ.
    """
    check_choice("polygon", polygon, ("enclosing", "area"))
    found = sequence_folders(Path(folder), "VOT", "groundtruth.txt", _has_frames)
    return [_read(path, polygon) for path in found]


def _has_frames(folder: Path) -> bool:
    return bool(image_files(folder) or image_files(folder / "color"))


def _read(folder: Path, polygon: PolygonBox) -> TrackingSequence:
    annotation = folder / "groundtruth.txt"
    boxes = []
    for number, line in read_lines(annotation):
        fields = split_fields(line)
        if len(fields) not in (4, 8):
            raise malformed(annotation, number, line, _EXPECTED)
        values = np.array(parse_numbers(annotation, number, fields, _EXPECTED, allow_nan=True))
        boxes.append(values if len(values) == 4 else polygon_box(values.reshape(4, 2), polygon))
    frames = image_frames(folder / "color" if (folder / "color").is_dir() else folder)
    check_count(annotation, len(boxes), len(frames))
    return TrackingSequence(folder.name, frames, present_boxes(np.array(boxes)), group=folder.name)


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
