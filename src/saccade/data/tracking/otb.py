"""OTB: Wu, Lim and Yang, "Object Tracking Benchmark", PAMI 2015.

    David/img/0300.jpg ...      numbered images, any width, any first number
    David/groundtruth_rect.txt  x y w h a frame; commas, tabs or spaces; pixels count from 1

A folder with several objects has groundtruth_rect.1.txt and groundtruth_rect.2.txt; its sequences
are named as in the benchmark, "Jogging.1" and "Jogging.2".
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from saccade.data.tracking.annotation import (
    check_count,
    numbered_images,
    present_boxes,
    read_table,
    sequence_folders,
)
from saccade.data.tracking.frames import ImageFrames
from saccade.data.tracking.sequence import TrackingSequence

_PATTERN = "groundtruth_rect*.txt"

_ANNOTATED = {
    "david": range(300, 771),
    "diving": range(1, 216),
    "football1": range(1, 75),
    "freeman3": range(1, 461),
    "freeman4": range(1, 284),
}
"""The benchmark's own list: these archives hold images beyond those that are annotated."""


def read_otb(folder: str | Path) -> list[TrackingSequence]:
    """Read one OTB sequence, or a folder of them.

    A box without extent, or with NaN, is an absent object.

    Raises:
        UserInputError: There is no sequence in the folder.
        DamagedFileError: A frame is missing, a line is malformed, or their numbers differ.
    """
    found = sequence_folders(Path(folder), "OTB", _PATTERN, lambda p: (p / "img").is_dir())
    return [_read(path, annotation) for path in found for annotation in sorted(path.glob(_PATTERN))]


def _read(folder: Path, annotation: Path) -> TrackingSequence:
    rows = read_table(annotation, (4,), "x y width height", allow_nan=True)
    images = numbered_images(folder / "img")
    if len(images) != len(rows) and (wanted := _ANNOTATED.get(folder.name.lower())):
        images = {number: path for number, path in images.items() if number in wanted}
    check_count(annotation, len(rows), len(images))
    boxes = np.array(rows, np.float64) - [1, 1, 0, 0]
    several = re.fullmatch(r"groundtruth_rect\.(\d+)", annotation.stem)
    name = f"{folder.name}.{several[1]}" if several else folder.name
    return TrackingSequence(
        name, ImageFrames(tuple(images.values())), present_boxes(boxes), group=folder.name
    )
