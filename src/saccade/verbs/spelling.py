"""Options written back as the command line that gives them, for reports and "go on with"."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

UNNAMED = "config"
"""Field whose own fields have no prefix: --offline.steps, not --config.offline.steps."""


def command_line(command: str, options: Any, default: Any) -> str:
    """`command` with every option that differs from `default`, quoted for a shell."""
    words = [word for option in _differing(options, default, "") for word in option]
    return f"{command} {shlex.join(words)}".strip()


def _differing(options: Any, default: Any, prefix: str) -> Iterator[list[str]]:
    for field in fields(options):
        value, usual = getattr(options, field.name), getattr(default, field.name)
        name = field.name.replace("_", "-")
        if value == usual:
            continue
        if is_dataclass(value) and is_dataclass(usual):
            inner = prefix if field.name == UNNAMED else f"{prefix}{name}."
            yield from _differing(value, usual, inner)
        else:
            yield _written(prefix, name, value)


def _written(prefix: str, name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{prefix}{'' if value else 'no-'}{name}"]
    values = value if isinstance(value, tuple) else (value,)
    return [f"--{prefix}{name}", *map(str, values)]
