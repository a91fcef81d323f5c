"""OTB: Wu, Lim and Yang, "Object Tracking Benchmark", PAMI 2015.

    David/img/0300.jpg ...      numbered images, any width, any first number
    David/groundtruth_rect.txt  x y w h a frame; commas, tabs or spaces; pixels count from 1

A folder with several objects has groundtruth_rect.1.txt and groundtruth_rect.2.txt; its sequences
are named as in the benchmark, "Jogging-1" and "Jogging-2". An empty file beside another is no
object: the benchmark has one, Human4's first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from saccade.data.tracking.annotation import (
    frame_truth,
    numbered_images,
    read_table,
    sequence_folders,
)
from saccade.data.tracking.frames import ImageFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.left_out import LeftOut, attempt, require_all

BLANK = 4096
"""Largest file of white space that counts as empty [bytes]."""
_PATTERN = "groundtruth_rect*.txt"

_ANNOTATED = {
    "david": range(300, 771),
    "diving": range(1, 216),
    "football1": range(1, 75),
    "freeman3": range(1, 461),
    "freeman4": range(1, 284),
}
"""Annotated frames, by the benchmark's list, of archives that hold images beyond those."""


def read_otb(folder: str | Path) -> list[TrackingSequence]:
    """Read one OTB sequence, or a folder of them.

    A box without extent, or with NaN, is an absent object. One box for many frames says nothing
    of the others.

    Raises:
        UserInputError: There is no sequence in the folder.
        DamagedFileError: A frame is missing, a line is malformed, or their numbers differ.
    """
    return require_all(scan_otb(folder))


def scan_otb(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_otb` does; sequences that cannot be read are left out.

    Raises:
        UserInputError: There is no sequence in the folder.
    """
    found = sequence_folders(Path(folder), "OTB", _PATTERN, lambda p: (p / "img").is_dir())
    for path in found:
        if isinstance(path, LeftOut):
            yield path
            continue
        for name, annotation in _annotations(path).items():
            yield attempt(name, partial(_read, name, path, annotation))


def _annotations(folder: Path) -> dict[str, Path]:
    """The files of a folder's objects, by the names of their sequences."""
    every = sorted(folder.glob(_PATTERN))
    written = [path for path in every if not _is_empty(path)] or every[:1]
    if len(written) == 1:
        return {folder.name: written[0]}
    return {
        folder.name + path.stem.removeprefix("groundtruth_rect").replace(".", "-"): path
        for path in written
    }


def _is_empty(path: Path) -> bool:
    try:
        # Anything else, a pipe say, is refused where its lines are read.
        return path.is_file() and path.stat().st_size <= BLANK and not path.read_bytes().strip()
    except OSError:  # reading its lines says why
        return False


def _read(name: str, folder: Path, annotation: Path) -> TrackingSequence:
    rows = read_table(annotation, (4,), "x y width height", allow_nan=True)
    images = numbered_images(folder / "img")
    if len(images) != len(rows) and (wanted := _ANNOTATED.get(folder.name.lower())):
        images = {number: path for number, path in images.items() if number in wanted}
    boxes = np.array(rows, np.float64) - [1, 1, 0, 0]
    truth = frame_truth(annotation, boxes, len(images))
    frames = ImageFrames(tuple(images.values()))
    return TrackingSequence(name, frames, truth.boxes, group=folder.name, unknown=truth.unknown)
