"""KITTI tracking: Geiger, Lenz and Urtasun, CVPR 2012.

    training/image_02/0000/000000.png ...
    training/label_02/0000.txt   frame id class truncated occluded alpha x1 y1 x2 y2 + 7 numbers

The filter is HART's: all classes but DontCare, occluded <= 1, truncated <= 1, and a track that
reappears gets a new id.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from saccade.data.tracking.annotation import (
    check_folder,
    image_files,
    image_frames,
    malformed,
    parse_numbers,
    read_lines,
    split_fields,
)
from saccade.data.tracking.multi_object import ObjectRow, ObjectTable, assemble
from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence, runs
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, attempt, require_all

_EXPECTED = "frame id class truncated occluded alpha x1 y1 x2 y2 and 7 numbers"
_IGNORED = "DontCare"


def read_kitti(
    folder: str | Path, max_occluded: int = 1, max_truncated: int = 1
) -> list[TrackingSequence]:
    """Read every filtered track of KITTI's training set; the boxes of each are without gaps.

    Args:
        folder: The folder that holds image_02 and label_02, or the one above ("training" in it).
        max_occluded: Largest occlusion: 0 fully visible, 1 partly, 2 largely occluded, 3 unknown.
        max_truncated: Largest truncation: 0 within the image, 1 partly, 2 largely out of it.

    Raises:
        UserInputError: The folder has no image_02 and label_02.
        DamagedFileError: A frame or file is missing, or a line is malformed.
    """
    videos = read_kitti_videos(folder, max_occluded, max_truncated)
    return [track for video in videos for track in video.tracks()]


def scan_kitti(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_kitti` does; videos that cannot be read are left out.

    Errors are those of `scan_kitti_videos`.
    """
    for video in scan_kitti_videos(folder):
        yield from [video] if isinstance(video, LeftOut) else video.tracks()


def read_kitti_videos(
    folder: str | Path, max_occluded: int = 1, max_truncated: int = 1
) -> list[MultiObjectSequence]:
    """Read KITTI's videos with all their filtered tracks; arguments and errors as `read_kitti`."""
    return require_all(scan_kitti_videos(folder, max_occluded, max_truncated))


def scan_kitti_videos(
    folder: str | Path, max_occluded: int = 1, max_truncated: int = 1
) -> Iterator[MultiObjectSequence | LeftOut]:
    """Read as `read_kitti_videos` does; videos that cannot be read are left out.

    Raises:
        UserInputError: The folder has no image_02 and label_02, or no videos in them.
    """
    root = _root(Path(folder))
    for name in _names(root):
        yield attempt(name, partial(_read, root, name, max_occluded, max_truncated))


def _root(folder: Path) -> Path:
    check_folder(folder, "KITTI tracking")
    for root in (folder, folder / "training"):
        if (root / "image_02").is_dir() and (root / "label_02").is_dir():
            return root
    raise UserInputError(
        f"{folder} holds no KITTI tracking set; expected folders image_02 and label_02 in it or in "
        "its folder training"
    )


def _names(root: Path) -> list[str]:
    """The videos that have frames or labels."""
    labels = {path.stem for path in (root / "label_02").glob("[!.]*.txt")}
    images = {path.name for path in (root / "image_02").iterdir() if image_files(path)}
    if not labels:
        raise UserInputError(
            f"{root} holds no videos; expected image_02/0000 and label_02/0000.txt"
        )
    return sorted(labels | images)


def _read(root: Path, name: str, max_occluded: int, max_truncated: int) -> MultiObjectSequence:
    images, path = root / "image_02" / name, root / "label_02" / f"{name}.txt"
    for has, lacks, is_there in (
        ("label_02", "image_02", image_files(images)),
        ("image_02", "label_02", path.is_file()),
    ):
        if not is_there:
            raise DamagedFileError(
                f"{root} has video {name} in {has} and not in {lacks}; expected both"
            )
    frames = image_frames(images, first=0)
    rows = [
        row
        for line in read_lines(path)
        if (row := _row(path, *line, max_occluded, max_truncated)) is not None
    ]
    boxes, ids, labels = _new_ids(assemble(path, rows, len(frames)))
    return MultiObjectSequence(name, frames, boxes, ids, labels)


def _row(
    path: Path, number: int, line: str, max_occluded: int, max_truncated: int
) -> ObjectRow | None:
    """The line's object; None where the filter drops it. A 18th field is a detector's score."""
    fields = split_fields(line)
    if len(fields) not in (17, 18):
        raise malformed(path, number, line, _EXPECTED)
    label = fields.pop(2)
    values = parse_numbers(path, number, fields, _EXPECTED)
    if not all(value.is_integer() for value in values[:2]):
        raise malformed(path, number, line, _EXPECTED)
    frame, identity, truncated, occluded, _, x1, y1, x2, y2 = values[:9]
    if label == _IGNORED or truncated > max_truncated or occluded > max_occluded:
        return None
    return ObjectRow(number, int(frame), int(identity), label, (x1, y1, x2 - x1, y2 - y1))


def _new_ids(
    table: ObjectTable,
) -> tuple[Float32[np.ndarray, "n t 4"], tuple[int, ...], tuple[str, ...]]:
    """Every run of frames an object of its own: the first keeps its id, later ones get new ids.

    So of no frame of such an object is anything unknown.
    """
    boxes: list[np.ndarray] = []
    ids: list[int] = []
    labels: list[str] = []
    fresh = max(table.ids, default=-1) + 1
    for track, identity, label in zip(*table[:3], strict=True):
        for k, (start, stop) in enumerate(runs(np.isfinite(track[:, 0]))):
            alone = np.full_like(track, np.nan)
            alone[start:stop] = track[start:stop]
            boxes.append(alone)
            ids.append(identity if k == 0 else fresh)
            fresh += k > 0
            labels.append(label)
    stacked = np.stack(boxes) if boxes else table.boxes
    return stacked, tuple(ids), tuple(labels)
