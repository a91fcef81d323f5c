"""The order of images by their names: the natural one, or a refusal where two are possible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from saccade.errors import DamagedFileError

_NUMBER = re.compile(r"([0-9]+)")
_MINUS = re.compile(r"(^|[^0-9A-Za-z])-$")
"""A dash that joins nothing to the number after it."""
_EXPECTED = "expected names that differ in numbers alone, those padded with zeros: part01_0001"


class _Name(NamedTuple):
    """An image file; its name without the ending is texts[0] digits[0] texts[1] digits[1] ..."""

    path: Path
    texts: tuple[str, ...]
    digits: tuple[str, ...]


def natural_order(paths: Iterable[Path]) -> dict[tuple[int, ...], Path]:
    """The images in natural order of their whole names, each by the numbers that differ.

    Numbers count as numbers, and one before another is the slower: part1_9, part1_10, part2_1.
    Where only one number differs, the key is that number alone.

    Raises:
        DamagedFileError: A name has no number, or two orders are possible: names differ in more
            than numbers, numbers are padded with zeros in part, may be below zero, or may be
            decimals.
    """
    names = [_split(path) for path in sorted(paths)]
    for name in names:
        if not name.digits:
            raise DamagedFileError(
                f"{name.path} has no frame number in its name; expected e.g. 0001"
            )
        if name.texts != names[0].texts:
            raise _ambiguous(names[0], name, "differ in more than their numbers")
    n_numbers = len(names[0].digits) if names else 0
    varying = [i for i in range(n_numbers) if len({name.digits[i] for name in names}) > 1]
    keys = varying or [n_numbers - 1]
    ordered: dict[tuple[int, ...], _Name] = {}
    for name in sorted(names, key=lambda name: [int(name.digits[i]) for i in keys]):
        other = ordered.setdefault(tuple(int(name.digits[i]) for i in keys), name)
        if other is not name:
            raise _ambiguous(other, name, "have the same frame number")
    _refuse_doubt(list(ordered.values()), _needed(list(ordered), keys))
    return {numbers: name.path for numbers, name in ordered.items()}


def _split(path: Path) -> _Name:
    parts = _NUMBER.split(path.stem)
    return _Name(path, tuple(parts[::2]), tuple(parts[1::2]))


def _needed(numbers: list[tuple[int, ...]], keys: list[int]) -> list[int]:
    """Those of the numbers, from the first on, that make the order."""
    n = next(n for n in range(1, len(keys) + 1) if len({k[:n] for k in numbers}) == len(numbers))
    return keys[:n]


def _refuse_doubt(names: list[_Name], needed: list[int]) -> None:
    """Refuse numbers that another reader would order in another way."""
    if len(names) < 2:
        return
    for i in needed:
        widths = {len(name.digits[i]) for name in names}
        text = names[0].texts[i]
        if _MINUS.search(f"{names[0].digits[i - 1]}{text}" if i else text):
            raise _ambiguous(names[0], names[1], "may have numbers below zero")
        if len(needed) > 1 and i > 0 and text in (".", ",") and len(widths) > 1:
            raise _ambiguous(*_ends(names, i), "may be decimals")
        padded = [f"{int(name.digits[i]):0{min(widths)}d}" == name.digits[i] for name in names]
        if len(needed) > 1 and not all(padded):
            raise _ambiguous(*_ends(names, i), "are padded with zeros in part")


def _ends(names: list[_Name], i: int) -> tuple[_Name, _Name]:
    """A name with the shortest number in that place, and one with the longest."""
    ordered = sorted(names, key=lambda name: len(name.digits[i]))
    return ordered[0], ordered[-1]


def _ambiguous(one: _Name, other: _Name, why: str) -> DamagedFileError:
    return DamagedFileError(
        f"two orders are possible in {one.path.parent}: {one.path.name} and {other.path.name} "
        f"{why}; {_EXPECTED}"
    )
