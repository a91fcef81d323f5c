"""A folder of multi-view sequences, in whichever layout it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from saccade.data.multi_view.sequence import MultiViewSequence

TOLERANCE = 2
"""Frames by which the views of a sequence may differ in length."""
Format = Literal["records", "videos"]


class Skipped(NamedTuple):
    """A sequence that cannot be used.

    Attributes:
        name: Name of the sequence, or of its file.
        reason: Reason in one line.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class MultiViewDataset:
    """The sequences of a folder.

    Attributes:
        sequences: Those that can be used, by name; all have the same number of views.
        skipped: Those that cannot.
        fingerprint: A text that is another where the files are others; "" for sequences that are in
            no files.
    """

    sequences: tuple[MultiViewSequence, ...]
    skipped: tuple[Skipped, ...] = ()
    fingerprint: str = ""


def open_multi_view(folder: str | Path, tolerance: int = TOLERANCE) -> MultiViewDataset:
    """Open a folder of TFRecords or of videos NAME_viewK.mp4; pictures are decoded when asked for.

    Args:
        folder: Folder that is searched, with all below it.
        tolerance: Frames by which views, and labels, may differ in length; they are trimmed to
            the shortest.

    Raises:
        UserInputError: There is nothing that can be used, or both layouts are there.
    """
    raise NotImplementedError


def write_sequence(
    folder: str | Path, sequence: MultiViewSequence, format: Format = "records", fps: float = 10.0
) -> None:
    """Write a sequence into a folder, as NAME.tfrecord or as NAME_viewK.mp4 and NAME_labels.csv.

    Args:
        folder: The folder, made if need be.
        sequence: What is written.
        format: "records": JPEG in a TFRecord; "videos": H.264 and a table of labels.
        fps: Frames a second of videos; records do not say it.

    Raises:
        UserInputError: The name cannot be that of a file.
        StorageError: The disk refuses.
    """
    raise NotImplementedError
