"""JSON files: written whole, read without trust."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.files import require_file, write_whole

MOST_BYTES = 256 << 20
"""Most bytes of a file that is read: several times the results of the largest benchmark."""
MOST_DIGITS = 40
"""Most digits of a whole number: the 128 bits of a random generator's state have 39."""


def plain_json(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A copy of `content` as JSON would give it back (tuples become lists).

    Raises:
        UserInputError: It holds something that JSON cannot; `name` says what it was meant for.
    """
    try:
        return json.loads(json.dumps(dict(content), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise UserInputError(f"the {name} cannot be written as JSON: {error}") from error


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, whole and durable. `content` must consist of JSON's own types.

    Raises:
        StorageError: The disk refuses; what was there before is intact.
    """
    write_whole(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any:
    """The content of a JSON file in UTF-8, with or without a byte order mark.

    Raises:
        DamagedFileError: It is missing, no regular file, too large, or not JSON.
    """
    require_file(path, MOST_BYTES)
    try:
        return decode_json(path.read_bytes())
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise DamagedFileError(f"{path} is damaged: not valid JSON ({error})") from error


def decode_json(content: bytes) -> Any:
    """The content of JSON's text; numbers are finite and short enough to be used as such.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:MOST_DIGITS]} is too large a number")
    return value


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"{text[:10]}... is a number of {len(text)} digits")
    return int(text)
