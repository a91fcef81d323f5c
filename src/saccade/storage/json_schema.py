"""What a JSON document must hold: a TypedDict declares it, one function checks it."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from reprlib import repr as brief
from typing import Any

LARGEST = 1e12
"""Largest absolute value of a number: no count and no measure here comes near it."""
MOST_LETTERS = 100_000
"""Most letters of a text: a command line may be long."""
MOST_ITEMS = 1_000_000
"""Most items of a list."""

_WORDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    str: "a text",
    types.NoneType: "null",
}
"""Names of types in messages."""


def check_json(value: object, kind: Any, where: str = "") -> None:
    """Refuse JSON that is not what a type says.

    Args:
        value: What was read of a document.
        kind: A TypedDict, whose further keys are not looked at, `list[...]`, a `tuple` of so many
            items, `dict[str, ...]`, a `Literal`, a union, `float` (whole numbers are such too),
            `int`, `str`, `bool`, None or Any.
        where: Name of the value for the message: "mean.iou_60".

    Raises:
        ValueError: The message names the first place that is wrong, what is there and what is
            expected.
    """
    options = _options(kind)
    option = next((one for one in options if _has_form(value, one)), None)
    if option is None:
        expected = " or ".join(_in_words(one) for one in options)
        raise ValueError(f"{where or 'the document'} is {brief(value)}; expected {expected}")
    if isinstance(value, Mapping) and typing.is_typeddict(option):
        _check_fields(value, option, where)
    elif isinstance(value, Mapping) and typing.get_origin(option) is dict:
        for key, item in value.items():
            check_json(item, typing.get_args(option)[1], _below(where, brief(key)))
    elif isinstance(value, list | tuple) and typing.get_origin(option) in (list, tuple):
        _check_items(value, option, where)


def _options(kind: Any) -> Sequence[Any]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)


def _has_form(value: object, kind: Any) -> bool:
    """Whether a value is of a kind, what it holds left aside."""
    origin = typing.get_origin(kind)
    if kind is Any:
        return True
    if typing.is_typeddict(kind) or origin is dict:
        return isinstance(value, Mapping)
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and len(value) <= MOST_ITEMS
    if origin is typing.Literal:
        return any(value == one and type(value) is type(one) for one in typing.get_args(kind))
    if kind is float:
        return type(value) in (int, float) and abs(typing.cast(float, value)) <= LARGEST
    if kind is int:
        return type(value) is int and abs(value) <= LARGEST
    if kind is str:
        return type(value) is str and len(value) <= MOST_LETTERS
    return value is None if kind in (None, types.NoneType) else type(value) is kind


def _check_fields(value: Mapping[Any, object], kind: Any, where: str) -> None:
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        needed = typing.get_origin(hint) is not typing.NotRequired
        inner = hint if needed else typing.get_args(hint)[0]
        if name in value:
            check_json(value[name], inner, _below(where, name))
        elif needed:
            raise ValueError(f"{_below(where, name)} is missing; expected {_in_words(inner)}")


def _check_items(value: Sequence[object], kind: Any, where: str) -> None:
    items, several = typing.get_args(kind), typing.get_origin(kind) is list
    if not several and len(value) != len(items):
        raise ValueError(f"{where} has {len(value)} items; expected {len(items)}")
    for i, item in enumerate(value):
        check_json(item, items[0 if several else i], f"{where}[{i}]")


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _in_words(kind: Any) -> str:
    origin, items = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_in_words(option) for option in items)
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, items))}"
    if origin in (list, tuple):
        return "a list" if origin is list else f"a list of {len(items)}"
    return _WORDS.get(dict if typing.is_typeddict(kind) or origin is dict else kind, "a value")
