"""Boxes written to a file while they are found: CSV, or JSON where its name ends so."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from saccade.errors import StorageError, UserInputError

if TYPE_CHECKING:
    from saccade.systems.hart.tracker import Box

COLUMNS = ("frame", "x", "y", "w", "h", "confidence", "lost")
_ENDINGS = (".csv", ".json")


class BoxFile:
    """One row a frame; used as a context, after which the file appears whole.

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
        self._partial = path.with_name(f".{path.name}.part")
        self._json = path.suffix.lower() == ".json"
        self._file: TextIO
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
        try:
            self._file.write(line)
        except OSError as error:
            raise self._refused(error) from error

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("w", encoding="utf-8")
        except OSError as error:
            raise self._refused(error) from error
        head = ",".join(COLUMNS) + "\n"
        if self._json:
            head = json.dumps(self._facts, indent=1).rstrip("}\n") + ',\n "boxes": ['
        self._file.write(head)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._file.write("\n ]\n}\n" if self._json else "")
            self._file.close()
            if error is None:
                os.replace(self._partial, self._path)
        except OSError as refusal:
            raise self._refused(refusal) from refusal
        finally:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(f"{self._path} could not be written: {error.strerror or error}")
