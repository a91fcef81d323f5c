"""What a verb is for one system: a line of help, and a module with options and a function."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

STOPPED = 130
"""Exit code of work that the user stopped: what follows `&&` must not run."""


class Command(NamedTuple):
    """What one verb does for one system."""

    options: type
    """Frozen dataclass whose fields are the options, and their docstrings the help."""
    run: Callable[[Any], int]
    """Function that takes an instance of `options` and returns the exit code."""


class Verbs(Mapping[str, Command]):
    """The commands of a system by verb; a verb's module is imported when the verb is used.

    Args:
        package: Package that holds the modules.
        modules: Name of a module with a `COMMAND`, and one line of help, by verb.
    """

    def __init__(self, package: str, modules: Mapping[str, tuple[str, str]]) -> None:
        self._package, self._modules = package, modules

    def __getitem__(self, verb: str) -> Command:
        module, _ = self._modules[verb]
        return importlib.import_module(f"{self._package}.{module}").COMMAND

    def __contains__(self, verb: object) -> bool:
        return verb in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def help(self, verb: str) -> str:
        """Say in one line what the verb does for the system; imports nothing."""
        return self._modules[verb][1]


class PresetOptions:
    """Base of an options dataclass whose defaults hang on `--preset NAME`.

    `--preset` is taken first and gives every other default; then each field may be overridden.
    """

    PRESETS: ClassVar[tuple[str, ...]]
    """Valid names of presets; the first is the default."""
    MAIN: ClassVar[tuple[str, ...]] = ()
    """Names of the settings that the first screen of `--help` shows beside the options that are the
    command's own, as they are written: "offline.steps". Without any, it shows all that have no
    dot in their names."""

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """Return the options of the preset; `name` is one of `PRESETS`."""
        raise NotImplementedError
