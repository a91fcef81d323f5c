"""What is left out of many, each with its name and reason, so that the others are not lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from saccade.errors import UserInputError

T = TypeVar("T")
SAID = 5
"""Number that an error names where nothing is left: it is one line."""
LISTED = 30
"""Number that a terminal lists."""


@dataclass(frozen=True)
class LeftOut:
    """One of many that cannot be used.

    Attributes:
        name: Name of the thing.
        error: Error that says why it cannot be used.
    """

    name: str
    error: UserInputError

    @property
    def reason(self) -> str:
        """Reason in one line."""
        return str(self.error)


def attempt(name: str, make: Callable[[], T]) -> T | LeftOut:
    """The result of `make`; left out under `name` if it is a user's mistake or a damaged file."""
    try:
        return make()
    except UserInputError as error:
        return LeftOut(name, error)


def divide(found: Iterable[T | LeftOut]) -> tuple[list[T], list[LeftOut]]:
    """The things that can be used, and those that are left out."""
    used: list[T] = []
    left_out: list[LeftOut] = []
    for one in found:
        if isinstance(one, LeftOut):
            left_out.append(one)
        else:
            used.append(one)
    return used, left_out


def require_all(found: Iterable[T | LeftOut]) -> list[T]:
    """All things found.

    Raises:
        UserInputError: The reason of the first that cannot be used.
    """
    used: list[T] = []
    for one in found:
        if isinstance(one, LeftOut):
            raise one.error
        used.append(one)
    return used


def nothing_left(left_out: Sequence[LeftOut], noun: str) -> UserInputError:
    """The error where all are left out: the reason of one, or those of many in one line."""
    if len(left_out) == 1:
        return left_out[0].error
    said = [f"{one.name}: {one.reason}" for one in left_out[:SAID]]
    more = [f"and {len(left_out) - SAID} more"] if len(left_out) > SAID else []
    return UserInputError(f"none of {len(left_out)} {noun}s is left; {'; '.join(said + more)}")


def listed(left_out: Sequence[LeftOut]) -> list[str]:
    """A line for each, as a terminal shows them."""
    lines = [f"left out: {one.name}: {one.reason}" for one in left_out[:LISTED]]
    if len(left_out) > LISTED:
        lines.append(f"left out: {len(left_out) - LISTED} more")
    return lines
