"""Choices and ranges of settings; a value outside costs one line that names what is valid."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from reprlib import repr as brief

from saccade.errors import UserInputError

MOST_UNITS = 8192
"""Most units or maps of a layer, or pixels of a side: several times what any network here has."""
MOST_LAYERS = 100
"""Most layers of a kind: the deepest published network here has 24 in a block."""
MOST_STEPS = 10**9
"""Most gradient steps: at a millisecond each they take twelve days."""
MOST_BATCH = 1 << 16
"""Most samples of a gradient step."""
MOST_EPISODES = 1_000_000
"""Most recorded episodes, or clips of a pool: each is a file, or a part of one."""


def choice(kind: str, given: str, valid: Iterable[str]) -> str:
    """Return `given` where it is valid.

    Raises:
        UserInputError: It is not; the message has the closest valid choice and all of them.
    """
    valid = list(valid)
    if given in valid:
        return given
    close = difflib.get_close_matches(given, valid, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise UserInputError(f"unknown {kind} '{given}'{meant} (valid: {', '.join(valid)})")


def check_choice(name: str, given: object, choices: Iterable[str]) -> None:
    """Refuse a setting that is none of its choices.

    Raises:
        UserInputError: The message names the setting, what was given and the choices.
    """
    choices = list(choices)
    if given not in choices:
        raise UserInputError(f"{name} is {brief(given)}; expected one of {', '.join(choices)}")


def check_least(settings: object, least: Mapping[str, float], prefix: str = "") -> None:
    """Refuse settings below their least values; a setting that is None is not given.

    Args:
        settings: Object that has them as attributes.
        least: Least value by the setting's name.
        prefix: Text before the names in the message: "--" for options.

    Raises:
        UserInputError: The message names the setting, what was given and the least value.
    """
    for name, low in least.items():
        given = getattr(settings, name)
        if given is not None and not given >= low:
            option = name.replace("_", "-") if prefix.startswith("--") else name
            raise UserInputError(f"{prefix}{option} is {given}; expected {low:g} or more")


def check_counts(settings: object, *names: str) -> None:
    """Refuse settings that are not 1 or more.

    Raises:
        UserInputError: The message names the setting and what was given.
    """
    check_least(settings, dict.fromkeys(names, 1))


def check_most(settings: object, most: Mapping[str, float], prefix: str = "") -> None:
    """Refuse settings above their largest values; of a setting of several values, each counts.

    Args:
        settings: Object that has them as attributes.
        most: Largest value by the setting's name.
        prefix: Text before the names in the message.

    Raises:
        UserInputError: The message names the setting, what was given and the largest value.
    """
    for name, high in most.items():
        given = getattr(settings, name)
        values = given if isinstance(given, tuple) else (given,)
        if len(values) > MOST_LAYERS or not all(value <= high for value in values):
            raise UserInputError(f"{prefix}{name} is {brief(given)}; expected at most {high:g}")


def check_sizes(settings: object, *names: str, prefix: str = "", most: int | None = None) -> None:
    """Refuse numbers of units, maps or pixels, of which memory is made, that are not sane.

    Args:
        settings: Object that has them as attributes; each a number or several.
        names: Names of the settings.
        prefix: Text before the names in the message.
        most: Largest value; `MOST_UNITS` if None.

    Raises:
        UserInputError: One is below 1 or above the largest; the message names it.
    """
    high = MOST_UNITS if most is None else most
    for name in names:
        given = getattr(settings, name)
        values = given if isinstance(given, tuple) else (given,)
        if len(values) > MOST_LAYERS or not all(1 <= value <= high for value in values):
            raise UserInputError(f"{prefix}{name} is {brief(given)}; expected 1 to {high:,}")


def check_shares(settings: object, *names: str, prefix: str = "") -> None:
    """Refuse settings that are not from 0 to 1, both included.

    Args:
        settings: Object that has them as attributes.
        names: Names of the settings.
        prefix: Text before the names in the message.

    Raises:
        UserInputError: The message names the setting and what was given.
    """
    for name in names:
        if not 0 <= getattr(settings, name) <= 1:
            raise UserInputError(f"{prefix}{name} is {getattr(settings, name)}; expected 0 to 1")


def check_positive(settings: object, *names: str, prefix: str = "") -> None:
    """Refuse settings that are not above 0.

    Args:
        settings: Object that has them as attributes.
        names: Names of the settings.
        prefix: Text before the names in the message.

    Raises:
        UserInputError: The message names the setting and what was given.
    """
    for name in names:
        if not getattr(settings, name) > 0:
            raise UserInputError(f"{prefix}{name} is {getattr(settings, name)}; expected above 0")


def check_chances(settings: object, *names: str) -> None:
    """Refuse settings that are not from 0 to below 1.

    Raises:
        UserInputError: The message names the setting and what was given.
    """
    for name in names:
        if not 0 <= getattr(settings, name) < 1:
            raise UserInputError(f"{name} is {getattr(settings, name)}; expected 0 to below 1")
