"""Frozen dataclass configurations to and from plain JSON values."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from reprlib import repr as brief
from typing import Any, TypeVar

from saccade.errors import DamagedFileError, UserInputError

Config = TypeVar("Config")

LARGEST = 1e18
"""Largest number in a file of settings: about what a 64-bit integer holds."""
_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    types.NoneType: "null",
}
"""Names of types in messages."""


def to_plain(config: Any) -> dict[str, Any]:
    """Nested dictionaries of a dataclass's fields, tuples as they are."""
    return asdict(config)


def from_plain(kind: type[Config], values: Mapping[str, Any], name: str) -> Config:
    """Rebuild a dataclass from `to_plain`'s values after a round through JSON.

    Args:
        kind: Dataclass that is rebuilt.
        values: Values of its fields; missing ones take their defaults. Names that a field had in
            former versions are known by the class's `RENAMED`, settings that are none any more by
            its `FIXED`.
        name: Name of the file that is read, for the error.

    Raises:
        DamagedFileError: A field is unknown or its value does not fit, or a former setting has
            another value than the one that is left.
    """
    if not isinstance(values, Mapping):
        raise DamagedFileError(f"{name} holds settings {brief(values)}; expected an object")
    values = _with_present_names(kind, values, name)
    hints = typing.get_type_hints(kind)
    known = {field.name for field in fields(kind)}  # pyright: ignore[reportArgumentType]
    unknown = set(values) - known
    if unknown:
        raise DamagedFileError(
            f"{name} has unknown settings {', '.join(_shown(unknown))}; "
            f"expected {', '.join(sorted(known))}"
        )
    rebuilt = {key: _rebuild(hints[key], value, name, key) for key, value in values.items()}
    try:
        return kind(**rebuilt)
    except (UserInputError, TypeError, ValueError) as error:
        raise DamagedFileError(f"{name} is damaged: {error}") from error


def _shown(names: Iterable[str]) -> list[str]:
    """The first names, each cut short: whoever made the file chose their number and length."""
    return [name if len(name) <= 40 else f"{name[:37]}..." for name in sorted(names)[:5]]


def _with_present_names(kind: type, values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Values of a former version under the names that the fields have now."""
    renamed: Mapping[str, str] = getattr(kind, "RENAMED", {})
    fixed: Mapping[str, Any] = getattr(kind, "FIXED", {})
    present = {}
    for key, value in values.items():
        if key not in fixed:
            present[renamed.get(key, key)] = value
        elif value != fixed[key]:
            raise DamagedFileError(
                f"{name} has {key} {brief(value)}, which is no setting any more; "
                f"expected {fixed[key]!r}"
            )
    return present


def _rebuild(hint: Any, value: Any, name: str, key: str) -> Any:
    """A value as its type hint says: dataclasses from dictionaries, tuples from lists.

    Raises:
        DamagedFileError: It is of another type; the message names the setting.
    """
    options = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        options = list(typing.get_args(hint))
    for option in options:
        if is_dataclass(option) and isinstance(option, type) and isinstance(value, Mapping):
            return from_plain(option, value, name)
        if _is_tuple(option) and isinstance(value, list | tuple):
            kinds = _item_hints(option, len(value))
            if len(kinds) == len(value):
                pairs = zip(kinds, value, strict=True)
                return tuple(_rebuild(kind, item, name, key) for kind, item in pairs)
        if _fits(option, value):
            # JSON may say 0 for 0.0, of which tensors would be whole numbers.
            if option is float and int not in options and isinstance(value, int):
                return float(value)
            return value
    expected = " or ".join(_in_words(option) for option in options)
    raise DamagedFileError(f"{name} has {key} {brief(value)}; expected {expected}")


def _is_tuple(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple


def _item_hints(hint: Any, length: int) -> tuple[Any, ...]:
    """Hints of a tuple's items; as many as it must have."""
    kinds = typing.get_args(hint)
    return (kinds[0],) * length if kinds[1:] == (Ellipsis,) else kinds


def _fits(hint: Any, value: Any) -> bool:
    if typing.get_origin(hint) is typing.Literal:
        return any(value == one and type(value) is type(one) for one in typing.get_args(hint))
    if hint is float:
        return type(value) in (int, float) and abs(value) <= LARGEST
    if hint is int:
        return type(value) is int and abs(value) <= LARGEST
    return type(value) is hint


def _in_words(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(hint)))
    if _is_tuple(hint):
        kinds = typing.get_args(hint)
        return "a list" if kinds[1:] == (Ellipsis,) else f"a list of {len(kinds)}"
    return _WORDS.get(hint, "an object")
