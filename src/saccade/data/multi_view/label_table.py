"""NAME_labels.csv: the labels of a sequence beside its videos.

    frame,phase,contact
    0,0,0
    1,0,1

Every column but `frame`, which may be left out, is a label: `phase`, or an attribute.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from saccade.data.multi_view.sequence import MOST_CLASSES, Labels, MultiViewSequence
from saccade.errors import DamagedFileError
from saccade.storage.files import require_file, write_whole

MOST_BYTES = 16 << 20
"""Most bytes of a table: 100,000 frames of 50 labels."""
MOST_COLUMNS = 100
LONGEST_NAME = 100
_FRAME = "frame"
_EXPECTED = "expected a line of names (frame, phase, contact, ...) and a line of numbers a frame"


def read_labels(path: Path) -> dict[str, Labels]:
    """Classes of the frames by label.

    Raises:
        DamagedFileError: It is missing, too large or no such table.
    """
    require_file(path, MOST_BYTES)
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
        rows = [row for row in csv.reader(lines) if row]
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, csv.Error) as error:
        raise DamagedFileError(f"{path} is no table: {error}; {_EXPECTED}") from error
    if not rows:
        raise DamagedFileError(f"{path} is empty; {_EXPECTED}")
    names = [name.strip() for name in rows[0]]
    _check_names(path, names)
    values = np.array(
        [_numbers(path, number, row, names) for number, row in enumerate(rows[1:], start=2)],
        np.int64,
    ).reshape(-1, len(names))
    columns = dict(zip(names, values.T, strict=True))
    counts = columns.pop(_FRAME, None)
    if counts is not None and not np.array_equal(counts, np.arange(len(counts))):
        raise DamagedFileError(f"{path} has frames that do not count 0, 1, 2, ...")
    return {name: column.copy() for name, column in columns.items()}


def write_labels(path: Path, sequence: MultiViewSequence) -> None:
    """Write the labels of a sequence.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    columns = {_FRAME: np.arange(len(sequence)), **sequence.labels}
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    write_whole(path, ("\n".join(lines) + "\n").encode())


def _check_names(path: Path, names: list[str]) -> None:
    sound = all(0 < len(n) <= LONGEST_NAME and n.isprintable() and not n.isdigit() for n in names)
    if not sound or len(set(names)) < len(names) or len(names) > MOST_COLUMNS:
        raise DamagedFileError(
            f"{path} begins with {','.join(names)[:LONGEST_NAME]!r}; expected up to {MOST_COLUMNS} "
            "names of columns, each once"
        )


def _numbers(path: Path, line: int, row: list[str], names: list[str]) -> list[int]:
    if len(row) != len(names):
        raise DamagedFileError(
            f"{path} line {line} has {len(row)} values; expected {len(names)}, one for each of "
            f"{', '.join(names)[:LONGEST_NAME]}"
        )
    numbers = []
    for name, text in zip(names, row, strict=True):
        text = text.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise DamagedFileError(
                f"{path} line {line} has {text[:30]!r} for {name}; expected a class number, 0 to "
                f"{MOST_CLASSES - 1}"
            )
        numbers.append(int(text))
    return numbers
