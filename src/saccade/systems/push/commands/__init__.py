"""What the verbs of the command do for push; a verb's module is imported when the verb is used."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from saccade.systems import Command

_MODULES = {
    "demo": "demo",
    "train": "train",
    "eval": "evaluate",
    "run": "apply",
    "record": "record",
    "show": "show",
    "table": "table",
    "bench": "bench",
}


class _Verbs(Mapping[str, Command]):
    """`COMMAND` of each verb's module."""

    def __getitem__(self, verb: str) -> Command:
        return importlib.import_module(f"{__name__}.{_MODULES[verb]}").COMMAND

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


COMMANDS: Mapping[str, Command] = _Verbs()
