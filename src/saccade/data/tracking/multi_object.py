"""Lines of (frame, object, box) put together to the boxes of every object in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32

from saccade.errors import DamagedFileError

MOST_BOXES = 50_000_000
"""Most objects times frames of a video: the most crowded of MOTChallenge has 5 million."""


class ObjectRow(NamedTuple):
    """One object in one frame, as a line says."""

    line: int
    """Number of the line, from 1."""
    frame: int
    """Index of the frame, from 0."""
    identity: int
    label: str
    box: tuple[float, float, float, float] | None
    """Box x, y, width, height [px], from 0; without extent, or None, it does not say where."""


class ObjectTable(NamedTuple):
    """The boxes of N objects in T frames, as of `MultiObjectSequence`."""

    boxes: Float32[np.ndarray, "n t 4"]
    ids: tuple[int, ...]
    labels: tuple[str, ...]
    unknown: Bool[np.ndarray, "n t"]


def assemble(path: Path, rows: Sequence[ObjectRow], n_frames: int) -> ObjectTable:
    """Boxes by object, ids rising, and frame; NaN where there is no row, or none with extent.

    Where a row does not say where its object is, that is unknown; an object of such rows alone is
    none.

    Raises:
        DamagedFileError: A row names a frame that does not exist, or an object is twice in a frame.
    """
    ids = sorted({row.identity for row in rows if _has_extent(row)})
    if len(ids) * n_frames > MOST_BOXES:
        raise DamagedFileError(
            f"{path} has {len(ids):,} objects in {n_frames:,} frames; expected at most "
            f"{MOST_BOXES:,} boxes of all together"
        )
    index = {identity: k for k, identity in enumerate(ids)}
    boxes = np.full((len(ids), n_frames, 4), np.nan, np.float32)
    seen = np.zeros((len(ids), n_frames), bool)
    labels = [""] * len(ids)
    for row in rows:
        k = index.get(row.identity)
        _check(path, row, n_frames, None if k is None else seen[k])
        if k is None:
            continue
        seen[k, row.frame] = True
        if _has_extent(row):
            boxes[k, row.frame] = row.box
            labels[k] = labels[k] or row.label
    unknown = seen & np.isnan(boxes[..., 0])
    return ObjectTable(boxes, tuple(ids), tuple(labels), unknown)


def _has_extent(row: ObjectRow) -> bool:
    return row.box is not None and min(row.box[2:]) > 0


def _check(path: Path, row: ObjectRow, n_frames: int, seen: Bool[np.ndarray, " t"] | None) -> None:
    where = f"{path} line {row.line}"
    if not 0 <= row.frame < n_frames:
        raise DamagedFileError(
            f"{where} is about the frame at place {row.frame + 1}; there are {n_frames} frames"
        )
    if seen is not None and seen[row.frame]:
        raise DamagedFileError(
            f"{where} has object {row.identity} for the second time in one frame"
        )
