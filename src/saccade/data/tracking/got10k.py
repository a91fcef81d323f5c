"""GOT-10k: Huang, Zhao and Huang, PAMI 2021.

GOT-10k_Val_000001/00000001.jpg ...
GOT-10k_Val_000001/groundtruth.txt   x,y,w,h a frame
GOT-10k_Val_000001/absence.label     1 a frame where the object is absent, else 0
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from saccade.data.tracking.annotation import (
    check_count,
    frame_truth,
    image_files,
    image_frames,
    read_each,
    read_table,
    sequence_folders,
)
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import DamagedFileError
from saccade.left_out import LeftOut, require_all


def read_got10k(folder: str | Path) -> list[TrackingSequence]:
    """Read one GOT-10k sequence, or a folder of them.

    Coordinates are taken as they are, as the benchmark's toolkit does. Where there is one box for
    many frames (the test split, whose truth is held back), nothing is known of the other frames.

    Raises:
        UserInputError: There is no sequence in the folder.
        DamagedFileError: A frame is missing, a line is malformed, or their numbers differ.
    """
    return require_all(scan_got10k(folder))


def scan_got10k(folder: str | Path) -> Iterator[TrackingSequence | LeftOut]:
    """Read as `read_got10k` does; sequences that cannot be read are left out.

    Raises:
        UserInputError: There is no sequence in the folder.
    """
    found = sequence_folders(
        Path(folder), "GOT-10k", "groundtruth.txt", lambda p: bool(image_files(p))
    )
    return read_each(found, _read)


def _read(folder: Path) -> TrackingSequence:
    annotation = folder / "groundtruth.txt"
    rows = read_table(annotation, (4,), "x,y,width,height", allow_nan=True)
    frames = image_frames(folder)
    boxes, unknown = frame_truth(annotation, np.array(rows, np.float64), len(frames))
    if (folder / "absence.label").is_file():
        absent = _absent(folder / "absence.label", len(frames))
        boxes[absent], unknown[absent] = np.nan, False
    return TrackingSequence(folder.name, frames, boxes, group=folder.name, unknown=unknown)


def _absent(path: Path, n_frames: int) -> Bool[np.ndarray, " t"]:
    flags = np.array(read_table(path, (1,), "0 or 1"))[:, 0]
    check_count(path, len(flags), n_frames, "lines")
    if not np.isin(flags, (0, 1)).all():
        wrong = int(np.argmin(np.isin(flags, (0, 1))))
        raise DamagedFileError(f"{path} line {wrong + 1} is {flags[wrong]:g}; expected 0 or 1")
    return flags == 1
