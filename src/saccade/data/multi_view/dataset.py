"""A folder of multi-view sequences, in whichever layout it is.

dataset = open_multi_view("pouring")
for sequence in dataset.sequences:
    print(sequence.name, len(sequence), sequence.frames(0).shape)
for one in dataset.skipped:
    print(one.name, one.reason)
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from saccade.checks import choice
from saccade.data.multi_view.matching import Found, match
from saccade.data.multi_view.records import (
    ENDING,
    IS_RECORDS,
    scan_records,
    write_labelled_records,
    write_sequence_record,
)
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.multi_view.videos import (
    IS_VIDEO,
    LABELS_ENDING,
    last_video,
    scan_videos,
    write_videos,
)
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, divide, nothing_left

TOLERANCE = 2
"""Frames by which the views of a sequence may differ in length."""
FPS = 10.0
"""Frames a second of videos that are written."""
Format = Literal["records", "labelled", "videos"]
FORMATS: tuple[Format, ...] = ("records", "labelled", "videos")
_NAME = re.compile(r"\w[\w .+()-]*(/\w[\w .+()-]*)*")
"""Names of sequences that files can have, with folders in front."""


@dataclass(frozen=True)
class MultiViewDataset:
    """The sequences of a folder.

    Attributes:
        sequences: Those that can be used, in the order of their files; all have the same views.
        skipped: Those that cannot, each with its name and reason.
        fingerprint: A text that is another where the files are others; "" for sequences that are in
            no files.

    Raises:
        UserInputError: Sequences have different numbers of views.
    """

    sequences: tuple[MultiViewSequence, ...]
    skipped: tuple[LeftOut, ...] = ()
    fingerprint: str = ""

    def __post_init__(self) -> None:
        counts = {len(sequence.views) for sequence in self.sequences}
        if len(counts) > 1:
            raise UserInputError(
                f"sequences have {', '.join(map(str, sorted(counts)))} views; expected the same "
                "number in all"
            )


def open_multi_view(folder: str | Path, tolerance: int = TOLERANCE) -> MultiViewDataset:
    """Open a folder of TFRecords, or of videos NAME_view0.mp4, NAME_view1.mp4, ...

    Checksums are compared, and a few pictures of each view are looked at; the others are decoded
    when they are asked for.

    Args:
        folder: Folder that is searched, with all below it.
        tolerance: Frames by which views, and labels, may differ in length; they are trimmed to
            the shortest.

    Raises:
        UserInputError: There is nothing that can be used, or both layouts are there.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UserInputError(f"{root} is not a folder; expected one of multi-view sequences")
    if tolerance < 0:
        raise UserInputError(f"tolerance is {tolerance}; expected 0 or more frames")
    files = list(_files(root))
    records = [path for path in files if IS_RECORDS.fullmatch(path.name)]
    videos = [path for path in files if IS_VIDEO.fullmatch(path.name)]
    if records and videos:
        raise UserInputError(
            f"{root} holds records ({records[0].relative_to(root)}) and videos "
            f"({videos[0].relative_to(root)}); expected one of both: name the folder of one"
        )
    if not (records or videos):
        raise UserInputError(
            f"{root} holds no multi-view sequences; expected NAME{ENDING}, or NAME_view0.mp4 and "
            "NAME_view1.mp4"
        )
    found = scan_videos(root, videos) if videos else _scan_all_records(root, records)
    sequences, skipped = divide(match(list(found), tolerance))
    if len(skipped) == 1 and not sequences:
        raise UserInputError(f"{skipped[0].name}: {skipped[0].reason}")
    if not sequences:
        raise nothing_left(skipped, "sequence")
    tables = [path for path in files if path.name.endswith(LABELS_ENDING)] if videos else []
    fingerprint = _fingerprint(root, [*records, *videos, *tables])
    return MultiViewDataset(tuple(sequences), tuple(skipped), fingerprint)


def write_sequence(
    folder: str | Path, sequence: MultiViewSequence, format: str = "records", fps: float = FPS
) -> None:
    """Write a sequence into a folder.

    Args:
        folder: The folder, made if need be.
        sequence: What is written.
        format: "records": NAME.tfrecord, a SequenceExample; "labelled": NAME.tfrecord, an Example a
            frame; "videos": NAME_viewK.mp4 and NAME_labels.csv.
        fps: Frames a second of videos; records do not say it.

    Raises:
        UserInputError: The name cannot be that of a file, or the format is unknown.
        StorageError: The disk refuses.
    """
    choice("format", format, FORMATS)
    if not _NAME.fullmatch(sequence.name):
        raise UserInputError(
            f"the sequence is named {sequence.name[:80]!r}; expected letters, digits and _.+-()"
        )
    if format == "videos":
        write_videos(Path(folder), sequence, fps)
    elif format == "labelled":
        write_labelled_records(sequence_file(folder, sequence.name, format), sequence)
    else:
        write_sequence_record(sequence_file(folder, sequence.name, format), sequence)


def sequence_file(folder: str | Path, name: str, format: str = "records") -> Path:
    """The file of a sequence that is written last: where it is, the sequence is there whole."""
    if format == "videos":
        return last_video(Path(folder), name)
    return Path(folder) / f"{name}{ENDING}"


def _files(root: Path) -> Iterator[Path]:
    """All files below a folder by name; hidden ones, as those that are being written, left out."""
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _scan_all_records(root: Path, paths: list[Path]) -> Iterator[Found | LeftOut]:
    for path in paths:
        yield from scan_records(path, str(path.relative_to(root)))


def _fingerprint(root: Path, paths: list[Path]) -> str:
    """A digest of the names, sizes and times of files."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        facts = path.stat()
        line = f"{path.relative_to(root)}\0{facts.st_size}\0{facts.st_mtime_ns}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()
