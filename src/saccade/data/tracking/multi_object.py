"""Lines of (frame, object, box) put together to the boxes of every object in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32

from saccade.errors import DamagedFileError

MOST_BOXES = 50_000_000
"""Objects times frames of a video: the most crowded of MOTChallenge has 5 million."""


class ObjectRow(NamedTuple):
    """One object in one frame, as a line says."""

    line: int
    """Number of the line, from 1."""
    frame: int
    """Index of the frame, from 0."""
    identity: int
    label: str
    box: tuple[float, float, float, float]
    """x, y, width, height [px], from 0."""


class ObjectTable(NamedTuple):
    """The boxes of N objects in T frames, as of `MultiObjectSequence`."""

    boxes: Float32[np.ndarray, "n t 4"]
    ids: tuple[int, ...]
    labels: tuple[str, ...]


def assemble(path: Path, rows: Sequence[ObjectRow], n_frames: int) -> ObjectTable:
    """Boxes by object, ids rising, and frame; NaN where there is no row.

    Raises:
        DamagedFileError: A row names a frame that does not exist, has a box without extent, or
            an object is twice in a frame.
    """
    ids = sorted({row.identity for row in rows})
    if len(ids) * n_frames > MOST_BOXES:
        raise DamagedFileError(
            f"{path} has {len(ids):,} objects in {n_frames:,} frames; expected at most "
            f"{MOST_BOXES:,} boxes of all together"
        )
    index = {identity: k for k, identity in enumerate(ids)}
    boxes = np.full((len(ids), n_frames, 4), np.nan, np.float32)
    labels = [""] * len(ids)
    for row in rows:
        k = index[row.identity]
        _check(path, row, n_frames, boxes[k])
        boxes[k, row.frame] = row.box
        labels[k] = labels[k] or row.label
    return ObjectTable(boxes, tuple(ids), tuple(labels))


def _check(path: Path, row: ObjectRow, n_frames: int, boxes: Float32[np.ndarray, "t 4"]) -> None:
    where = f"{path} line {row.line}"
    if not 0 <= row.frame < n_frames:
        raise DamagedFileError(
            f"{where} is about the frame at place {row.frame + 1}; there are {n_frames} frames"
        )
    if not min(row.box[2:]) > 0:
        raise DamagedFileError(
            f"{where} has a box of {row.box[2]:g} x {row.box[3]:g}; expected sides above 0"
        )
    if np.isfinite(boxes[row.frame, 0]):
        raise DamagedFileError(
            f"{where} has object {row.identity} for the second time in one frame"
        )
