"""TLD: Kalal, Mikolajczyk and Matas, "Tracking-Learning-Detection", PAMI 2012.

06_car/00001.jpg ...     or 06_car/img/00001.jpg
06_car/gt.txt            x1,y1,x2,y2 a frame, NaN where the object is absent
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from saccade.data.tracking.annotation import (
    frame_truth,
    image_files,
    image_frames,
    read_each,
    read_table,
    sequence_folders,
)
from saccade.data.tracking.sequence import TrackingSequence
from saccade.left_out import LeftOut, require_all


def read_tld(folder: str | Path) -> list[TrackingSequence]:
    """Read one TLD sequence, or a folder of them.

    Pixels count from 1 and (x2, y2) is the last pixel inside, as in the authors' Matlab code: the
    first box of "jumping", 147,110,180,142, is OTB's 147,110,34,33.

    Raises:
        UserInputError: There is no sequence in the folder.
        DamagedFileError: A frame is missing, a line is malformed, or their numbers differ.
    """
    return require_all(scan_tld(folder))


def scan_tld(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_tld` does; sequences that cannot be read are left out.

    Raises:
        UserInputError: There is no sequence in the folder.
    """
    return read_each(sequence_folders(Path(folder), "TLD", "gt.txt", _has_frames), _read)


def _has_frames(folder: Path) -> bool:
    return bool(image_files(folder) or image_files(folder / "img"))


def _read(folder: Path) -> TrackingSequence:
    annotation = folder / "gt.txt"
    rows = read_table(annotation, (4,), "x1,y1,x2,y2 or NaN,NaN,NaN,NaN", allow_nan=True)
    frames = image_frames(folder / "img" if (folder / "img").is_dir() else folder)
    corners = np.array(rows, np.float64)
    boxes = np.concatenate([corners[:, :2] - 1, corners[:, 2:] - corners[:, :2] + 1], axis=1)
    truth = frame_truth(annotation, boxes, len(frames))
    name = folder.name
    return TrackingSequence(name, frames, truth.boxes, group=name, unknown=truth.unknown)
