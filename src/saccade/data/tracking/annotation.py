"""What the readers share: folders of sequences, numbered images, lines of numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from jaxtyping import Bool, Float32, Float64

from saccade.data.tracking.frames import ImageFrames
from saccade.data.tracking.image_order import natural_order
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, attempt
from saccade.storage.files import require_file
from saccade.wording import counted

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp")
LARGEST = 2**31
"""Largest number of an annotation: no picture is that wide, and boxes of 32 bits can have it."""
MOST_BYTES = 256 << 20
"""Largest size of a file of annotations [bytes]."""
T = TypeVar("T")
_SEPARATOR = re.compile(r"[,;\s]+")


def sequence_folders(
    folder: Path, form: str, annotation: str, has_frames: Callable[[Path], bool]
) -> list[Path | LeftOut]:
    """The folder itself if it holds a sequence, otherwise those of its folders that do.

    Folders that have frames but no annotation are left out.

    Args:
        folder: A sequence, or a folder of sequences.
        form: Name of the format, for messages.
        annotation: Pattern of the annotation file.
        has_frames: Whether a folder without that file should have one.

    Raises:
        UserInputError: There is no such folder, or no sequence in it.
    """
    check_folder(folder, form)
    if any(folder.glob(annotation)):
        # "." and ".." are no names.
        return [folder if folder.name.strip(".") else folder.resolve()]
    children = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    with_truth = {child for child in children if any(child.glob(annotation))}
    found: list[Path | LeftOut] = []
    for path in children if with_truth else [folder, *children]:
        if path in with_truth:
            found.append(path)
        elif has_frames(path):
            said = f"{path} has frames but no annotation; expected {annotation}"
            found.append(LeftOut(path.name, DamagedFileError(said)))
    if not found:
        raise UserInputError(
            f"{folder} holds no {form} sequence; expected {annotation} in it or in its folders"
        )
    return found


def read_each(found: Iterable[Path | LeftOut], read: Callable[[Path], T]) -> Iterator[T | LeftOut]:
    """The result of `read` for each folder; one that cannot be read is left out under its name."""
    for one in found:
        yield one if isinstance(one, LeftOut) else attempt(one.name, partial(read, one))


def check_folder(folder: Path, form: str) -> None:
    """Raise UserInputError unless the folder exists."""
    if not folder.is_dir():
        raise UserInputError(f"{folder} is not a folder; expected {form} sequences")


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder, hidden ones left out, in no particular order."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_ENDINGS and not path.name.startswith(".")
    ]


def numbered_images(folder: Path) -> dict[int, Path]:
    """The image files by the number that differs in their names, rising; it may start anywhere.

    Raises:
        DamagedFileError: There is none, their names have no number or differ in another way, or
            a number is missing.
    """
    ordered = _ordered(folder)
    if len(next(iter(ordered))) > 1:
        one, other = list(ordered.values())[:: len(ordered) - 1]
        raise DamagedFileError(
            f"{one} and {other.name} differ in several numbers; expected one, the frame's"
        )
    numbered = {numbers[0]: path for numbers, path in ordered.items()}
    for before, after in pairwise(numbered):
        if after != before + 1:
            gap = f"{numbered[before].name} is followed by {numbered[after].name}"
            raise DamagedFileError(f"{folder} lacks frame {before + 1}: {gap}")
    return numbered


def image_frames(folder: Path, first: int | None = None) -> ImageFrames:
    """All images of a folder as frames, in natural order of their names.

    `first` is the number of the first where an annotation names frames by number. Where one
    number differs it counts the frames, and none may be missing; several, as of a clock, need
    not follow one another. Errors as in `numbered_images` and `natural_order`.
    """
    ordered = _ordered(folder)
    if first is None and len(next(iter(ordered))) > 1:
        return ImageFrames(tuple(ordered.values()))
    images = numbered_images(folder)
    start, path = next(iter(images.items()))
    if first is not None and start != first:
        raise DamagedFileError(f"{folder} lacks frame {first}: its first is {path.name}")
    return ImageFrames(tuple(images.values()))


def _ordered(folder: Path) -> dict[tuple[int, ...], Path]:
    images = image_files(folder)
    if not images:
        endings = ", ".join(IMAGE_ENDINGS)
        raise DamagedFileError(f"{folder} holds no frames; expected numbered images ({endings})")
    return natural_order(images)


def read_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1, without those after the last.

    Raises:
        DamagedFileError: The file is missing, no text, or empty.
    """
    require_file(path, MOST_BYTES)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DamagedFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{path} is no text file: {error}") from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise DamagedFileError(f"{path} is empty; expected one annotation a line")
    return list(enumerate((line.strip() for line in lines), start=1))


def split_fields(line: str) -> list[str]:
    """The fields of a line that commas, semicolons, tabs or spaces separate."""
    return [field for field in _SEPARATOR.split(line) if field]


def parse_numbers(
    path: Path, number: int, fields: Sequence[str], expected: str, allow_nan: bool = False
) -> list[float]:
    """The fields of line `number` as numbers up to `LARGEST`, or NaN where that is allowed.

    Raises:
        DamagedFileError: A field is no such number; `expected` says what should stand there.
    """
    try:
        values = [float(field) for field in fields]
    except ValueError:
        values = [math.inf]
    if any(abs(v) > LARGEST or (math.isnan(v) and not allow_nan) for v in values):
        raise malformed(path, number, " ".join(fields), expected)
    return values


def malformed(path: Path, number: int, line: str, expected: str) -> DamagedFileError:
    """The error of a line that is not as expected."""
    shown = line if len(line) <= 60 else f"{line[:57]}..."
    return DamagedFileError(f'{path} line {number} is "{shown}"; expected {expected}')


def read_table(
    path: Path, columns: Sequence[int], expected: str, allow_nan: bool = False
) -> list[list[float]]:
    """Every line as numbers, as many as one of `columns` says.

    Raises:
        DamagedFileError: The file is missing, no text or empty, or a line is malformed.
    """
    rows: list[list[float]] = []
    for number, line in read_lines(path):
        fields = split_fields(line)
        if len(fields) not in columns:
            raise malformed(path, number, line, expected)
        rows.append(parse_numbers(path, number, fields, expected, allow_nan))
    return rows


def check_count(path: Path, n_rows: int, n_frames: int, what: str = "boxes") -> None:
    """Raise DamagedFileError unless there is one row a frame."""
    if n_rows != n_frames:
        raise DamagedFileError(
            f"{path} has {n_rows} {what} for {counted(n_frames, 'frame')}; expected one a frame"
        )


def present_boxes(boxes: Float64[np.ndarray, "t 4"]) -> Float32[np.ndarray, "t 4"]:
    """The boxes as float32, those with a NaN or without extent set to NaN (absent)."""
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:].min(axis=1) > 0)
    return np.where(sound[:, None], boxes, np.nan).astype(np.float32)


class Truth(NamedTuple):
    """The boxes of one object in T frames, and of which frames nothing is known."""

    boxes: Float32[np.ndarray, "t 4"]
    unknown: Bool[np.ndarray, " t"]


def frame_truth(
    path: Path, boxes: Float64[np.ndarray, "n 4"], n_frames: int, may_be_short: bool = False
) -> Truth:
    """The truth that the rows of an annotation give for every frame; see `present_boxes`.

    One row for many frames is the given box of a test whose truth is held back: of the others
    nothing is known.

    Args:
        path: The annotation, for messages.
        boxes: A box a row.
        n_frames: Number of frames, T.
        may_be_short: Whether the format lets the truth of any number of last frames be unknown.

    Raises:
        DamagedFileError: There are more rows than frames, or too few.
    """
    n_rows = len(boxes)
    if not (n_rows == 1 or may_be_short) or n_rows > n_frames:
        check_count(path, n_rows, n_frames)
    padded = np.full((n_frames, 4), np.nan)
    padded[:n_rows] = boxes
    return Truth(present_boxes(padded), np.arange(n_frames) >= n_rows)
