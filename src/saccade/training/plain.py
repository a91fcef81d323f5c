"""Frozen dataclass configurations to and from plain JSON values."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar

from saccade.errors import DamagedFileError

Config = TypeVar("Config")


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
    values = _with_present_names(kind, values, name)
    hints = typing.get_type_hints(kind)
    known = {field.name for field in fields(kind)}  # pyright: ignore[reportArgumentType]
    unknown = set(values) - known
    if unknown:
        raise DamagedFileError(
            f"{name} has unknown settings {', '.join(sorted(unknown))}; "
            f"expected {', '.join(sorted(known))}"
        )
    try:
        return kind(**{key: _rebuild(hints[key], value, name) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        raise DamagedFileError(f"{name} is damaged: {error}") from error


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
                f"{name} has {key} {value!r}, which is no setting any more; expected {fixed[key]!r}"
            )
    return present


def _rebuild(hint: Any, value: Any, name: str) -> Any:
    """A value as its type hint says: dataclasses from dictionaries, tuples from lists."""
    options = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        options = list(typing.get_args(hint))
    if isinstance(value, Mapping):
        for option in options:
            if is_dataclass(option) and isinstance(option, type):
                return from_plain(option, value, name)
        return dict(value)
    return tuple(value) if isinstance(value, list) else value
