"""Options written back as the command line that gives them, for reports and "go on with"."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_type_hints

from tyro.conf import Suppress

UNNAMED = "config"
"""Field whose own fields have no prefix: --offline.steps, not --config.offline.steps."""


def command_line(command: str, options: Any, default: Any) -> str:
    """`command` with every option that differs from `default`, quoted for a shell.

    What is no option of the command line is left out, so that the line can be given again;
    `hidden_differences` names it.
    """
    words = [word for one in _differing(options, default, "") if one.words for word in one.words]
    return f"{command} {shlex.join(words)}".strip()


def hidden_differences(options: Any, default: Any) -> list[str]:
    """Names of the settings that differ from `default` and are no options of the command line."""
    return [one.name for one in _differing(options, default, "") if not one.words]


@dataclass(frozen=True)
class _Difference:
    """A setting that differs, and the words that give it; none where it is no option."""

    name: str
    words: list[str]


def _differing(options: Any, default: Any, prefix: str) -> Iterator[_Difference]:
    hints = get_type_hints(type(options), include_extras=True)
    for field in fields(options):
        value, usual = getattr(options, field.name), getattr(default, field.name)
        name = f"{prefix}{field.name.replace('_', '-')}"
        if value == usual:
            continue
        hint = hints[field.name]
        if Suppress in getattr(hint, "__metadata__", ()):
            yield _Difference(name, [])
        elif is_dataclass(value) and is_dataclass(usual):
            inner = prefix if field.name == UNNAMED else f"{name}."
            yield from _differing(value, usual, inner)
        elif is_dataclass(value) or is_dataclass(usual):
            yield _Difference(name, [])  # options have the fields of a group, not its absence
        else:
            yield _Difference(name, _written(name, value))


def _written(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        group, _, last = name.rpartition(".")
        negated = f"{group}.no-{last}" if group else f"no-{last}"
        return [f"--{name if value else negated}"]
    values = value if isinstance(value, tuple) else (value,)
    return [f"--{name}", *map(str, values)]
