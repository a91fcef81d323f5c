"""Boxes written to a file while they are found: CSV, or JSON where its name ends so."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from saccade.errors import UserInputError
from saccade.storage.files import storage_errors, whole_file

Box = tuple[float, float, float, float]
"""Box x, y, width, height [pixels]."""
COLUMNS = ("frame", "x", "y", "w", "h", "confidence", "lost")
_ENDINGS = (".csv", ".json")


class BoxFile:
    """A file with one row a frame; used as a context, after which it appears whole.

    An error within the context leaves no file, and what was there before intact.

    Args:
        path: File to write; its ending says the format.
        facts: Facts that stand beside the boxes of a JSON file.

    Raises:
        UserInputError: The path has another ending.
    """

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        if path.suffix.lower() not in _ENDINGS:
            raise UserInputError(
                f"--boxes is {path}; its ending must be one of {', '.join(_ENDINGS)}"
            )
        self._path, self._facts = path, facts
        self._place = ExitStack()
        self._json = path.suffix.lower() == ".json"
        self._file: BinaryIO
        self._rows = 0

    def add(self, frame: int, box: Box, confidence: float, lost: bool) -> None:
        """Write one row.

        Raises:
            StorageError: The disk refuses.
        """
        x, y, w, h = (round(value, 2) for value in box)
        values = (frame, x, y, w, h, round(confidence, 4))
        if self._json:
            row = json.dumps(dict(zip(COLUMNS, (*values, lost), strict=True)))
            line = f"{',' if self._rows else ''}\n  {row}"
        else:
            line = ",".join(map(str, (*values, int(lost)))) + "\n"
        self._rows += 1
        with storage_errors(self._path):
            self._file.write(line.encode())

    def __enter__(self) -> BoxFile:
        head = ",".join(COLUMNS) + "\n"
        if self._json:
            head = json.dumps(self._facts, indent=1).rstrip("}\n") + ',\n "boxes": ['
        with storage_errors(self._path):
            self._file = self._place.enter_context(whole_file(self._path))
            self._file.write(head.encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._place.__exit__(kind, error, trace)
            return
        with storage_errors(self._path), self._place:
            self._file.write(b"\n ]\n}\n" if self._json else b"")
