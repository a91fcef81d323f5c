"""Frames of many sequences, decoded into memory or into a folder of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, TypedDict

import numpy as np
from jaxtyping import UInt8

from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, attempt
from saccade.storage.array_files import read_npy
from saccade.storage.folders import atomic_folder
from saccade.storage.json_files import read_json, write_json
from saccade.storage.json_schema import check_json

FORMAT = "saccade-frames-1"
FILE = "frames.json"
MOST_BYTES = 1 << 40
"""Most bytes of a view: they stay on the disk until they are asked for."""

Progress = Callable[[Sequence[MultiViewSequence]], Iterable[MultiViewSequence]]
"""What shows how far a loop over sequences is."""


class Decoded(NamedTuple):
    """Frames of the sequences that can be decoded, one after the other.

    Attributes:
        kept: Numbers of these sequences.
        views: Pictures of each view (n, side, side, 3).
        skipped: The others.
    """

    kept: tuple[int, ...]
    views: tuple[UInt8[np.ndarray, "n side side 3"], ...]
    skipped: tuple[LeftOut, ...]


class _Skipped(TypedDict):
    name: str
    reason: str


class _Document(TypedDict):
    format: str
    digest: str
    kept: list[int]
    skipped: list[_Skipped]


def decode(sequences: Sequence[MultiViewSequence], side: int, progress: Progress) -> Decoded:
    """Decode into memory.

    Args:
        sequences: The sequences.
        side: Rows and columns of the pictures.
        progress: Shows the way over `sequences`.
    """
    room = sum(map(len, sequences)), side, side, 3
    views = tuple(np.empty(room, np.uint8) for _ in sequences[0].views)
    kept, skipped, n = [], [], 0
    for number, images in _each(progress(sequences), side):
        if isinstance(images, LeftOut):
            skipped.append(images)
            continue
        for view, new in zip(views, images, strict=True):
            view[n : n + len(new)] = new
        kept.append(number)
        n += len(images[0])
    return Decoded(tuple(kept), tuple(view[:n] for view in views), tuple(skipped))


def write_decoded(
    folder: Path, digest: str, sequences: Sequence[MultiViewSequence], side: int, progress: Progress
) -> None:
    """Decode into a folder, which appears whole and replaces what an earlier call left there.

    Args:
        folder: The folder.
        digest: What `read_decoded` shall know the sequences by.
        sequences: The sequences; one at a time is in memory.
        side: Rows and columns of the pictures.
        progress: Shows the way over `sequences`.

    Raises:
        UserInputError: The folder holds something else.
        StorageError: The disk refuses; what was there before is intact.
    """
    if folder.exists() and not (folder.is_dir() and _is_ours(folder)):
        raise UserInputError(f"{folder} holds something else than frames; expected a new folder")
    document: _Document = {"format": FORMAT, "digest": digest, "kept": [], "skipped": []}
    n = 0
    with atomic_folder(folder) as temporary:
        with ExitStack() as files:
            paths = [view_file(temporary, view) for view in range(len(sequences[0].views))]
            # Written, not mapped: a full disk then is an error, and no signal that kills.
            opened = [files.enter_context(path.open("w+b")) for path in paths]
            _write_headers(opened, (sum(map(len, sequences)), side, side, 3))
            for number, images in _each(progress(sequences), side):
                if isinstance(images, LeftOut):
                    document["skipped"].append({"name": images.name, "reason": images.reason})
                    continue
                for file, new in zip(opened, images, strict=True):
                    file.write(new.data)
                document["kept"].append(number)
                n += len(images[0])
            _write_headers(opened, (n, side, side, 3))
        write_json(temporary / FILE, document)


def read_decoded(folder: Path, digest: str, lengths: Sequence[int], side: int) -> Decoded | None:
    """What `write_decoded` left in a folder, mapped to memory; None if it is of other sequences.

    Args:
        folder: The folder.
        digest: What the sequences are known by.
        lengths: Number of frames of each sequence.
        side: Rows and columns of the pictures.

    Raises:
        DamagedFileError: The folder holds no such frames.
    """
    document: _Document = read_json(folder / FILE)
    try:
        check_json(document, _Document)
    except ValueError as error:
        raise DamagedFileError(f"{folder / FILE} is damaged: {error}") from error
    if document["format"] != FORMAT or document["digest"] != digest:
        return None
    kept = document["kept"]
    if kept != sorted(set(kept)) or not all(0 <= number < len(lengths) for number in kept):
        raise DamagedFileError(f"{folder / FILE} is damaged: it keeps sequences that are not there")
    shape = sum(lengths[number] for number in kept), side, side, 3
    views = []
    while view_file(folder, len(views)).exists():
        view = read_npy(view_file(folder, len(views)), MOST_BYTES, "r")
        if view.shape != shape or view.dtype != np.uint8:
            raise DamagedFileError(
                f"{view_file(folder, len(views))} has {view.dtype} {view.shape}; expected uint8 "
                f"{shape}"
            )
        views.append(view)
    skipped = [LeftOut(one["name"], UserInputError(one["reason"])) for one in document["skipped"]]
    return Decoded(tuple(kept), tuple(views), tuple(skipped))


def view_file(folder: Path, view: int) -> Path:
    """The file of the pictures of a view."""
    return folder / f"view{view}.npy"


def _each(
    sequences: Iterable[MultiViewSequence], side: int
) -> Iterator[tuple[int, list[np.ndarray] | LeftOut]]:
    for number, sequence in enumerate(sequences):
        yield number, attempt(sequence.name, partial(_views, sequence, side))


def _views(sequence: MultiViewSequence, side: int) -> list[np.ndarray]:
    return [sequence.frames(view, side) for view in range(len(sequence.views))]


def _write_headers(files: Iterable[IO[bytes]], shape: tuple[int, ...]) -> None:
    """Begin files with NumPy's header, which leaves room for any number of frames."""
    for file in files:
        file.seek(0)
        facts = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, facts)


def _is_ours(folder: Path) -> bool:
    return (folder / FILE).exists() or not any(folder.iterdir())
