"""A system with every room empty but its commands: what the command line needs to be tested."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import tyro

from saccade.errors import UserInputError
from saccade.systems import System
from saccade.verbs.command import Command, PresetOptions, Verbs


@dataclass(frozen=True)
class Offline:
    """A stage of training."""

    epochs: int = 9
    """Passes over the data."""


@dataclass(frozen=True)
class TrainOptions(PresetOptions):
    """Train the stub."""

    PRESETS: ClassVar[tuple[str, ...]] = ("cpu", "smoke")

    preset: str = "cpu"
    """Where all other defaults come from."""
    out: Path = Path("runs/stub")
    """Folder of the run."""
    kind: Literal["soft", "hard"] = "soft"
    offline: Offline = dataclasses.field(default_factory=Offline)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        return cls(preset=name, offline=Offline(epochs={"cpu": 9, "smoke": 1}[name]))


@dataclass(frozen=True)
class EvalOptions:
    """Evaluate the stub."""

    episodes: int
    """How many."""


@dataclass(frozen=True)
class ShowOptions:
    """Show what the stub made."""

    target: Annotated[str, tyro.conf.Positional]
    """A folder, or a name."""


@dataclass(frozen=True)
class NoOptions:
    """Nothing to choose."""


def _print(options: object) -> int:
    print(options)
    return 0


def _refuse(options: EvalOptions) -> int:
    raise UserInputError(f"got {options.episodes} episodes;\nexpected fewer")


def _interrupt(options: NoOptions) -> int:
    raise KeyboardInterrupt


def _fill_disk(options: NoOptions) -> int:
    raise OSError(28, "No space left on device", "dataset/0001.npz")


def load(path: Path | None) -> tuple[str, Path | None]:
    """Stand for a policy: say what was loaded."""
    return ("stub policy", path)


_COMMANDS = {
    "train": Command(TrainOptions, _print),
    "eval": Command(EvalOptions, _refuse),
    "show": Command(ShowOptions, _print),
    "record": Command(NoOptions, _fill_disk),
    "run": Command(NoOptions, _interrupt),
    "demo": Command(NoOptions, _print),
    "bench": Command(NoOptions, _print),
}


class _StubVerbs(Verbs):
    """Verbs whose commands are all in this module."""

    def __getitem__(self, verb: str) -> Command:
        return _COMMANDS[verb]


COMMANDS = _StubVerbs(__name__, {verb: ("", f"{verb} the stub") for verb in _COMMANDS})

STUB = System(
    name="stub",
    summary="a system for tests",
    worlds=("stub_world",),
    weights="stub_system",
    commands="stub_system",
)
