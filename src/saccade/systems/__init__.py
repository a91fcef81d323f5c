"""How it learns: one folder a system, all with the same rooms, and this register of them.

The register names modules and imports none: `saccade --help` must not wait for PyTorch.
A system joins by one entry in `SYSTEMS` and two modules: `weights` with a function `load(path)`,
and `commands` with `COMMANDS`, the `Verbs` that it knows.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade import TABLETOP_TASKS
from saccade.checks import choice
from saccade.errors import DamagedFileError
from saccade.verbs import lookup
from saccade.verbs.command import Command, Verbs


@dataclass(frozen=True)
class System:
    """A system as the register knows it: names of modules, not the modules."""

    name: str
    summary: str
    """Summary in one line, for --help."""
    worlds: tuple[str, ...]
    """Names of the worlds that `saccade record` accepts."""
    weights: str
    """Module with `load(path: Path | None)`; None means the shipped weights."""
    commands: str
    """Module with `COMMANDS: Verbs`."""

    def load(self, path: Path | None = None) -> Any:
        """Load trained weights from a folder; without one, the shipped weights."""
        return importlib.import_module(self.weights).load(path)

    def command(self, verb: str) -> Command | None:
        """Return what `saccade VERB` does for this system, None where it does nothing."""
        return self.verbs().get(verb)

    def verbs(self) -> Verbs:
        """Return the verbs that this system knows; imports none of their modules."""
        return importlib.import_module(self.commands).COMMANDS


SYSTEMS: dict[str, System] = {
    "push": System(
        name="push",
        summary="push objects into a box, from a depth image, with an attention mask",
        worlds=("push_box",),
        weights="saccade.systems.push.weights",
        commands="saccade.systems.push.commands",
    ),
    "hart": System(
        name="hart",
        summary="follow one object through a video by three layers of attention",
        worlds=(),
        weights="saccade.systems.hart.weights",
        commands="saccade.systems.hart.commands",
    ),
    "arm": System(
        name="arm",
        summary="do tasks at a table with a robot arm, from few demonstrations, by looking first",
        worlds=TABLETOP_TASKS,
        weights="saccade.systems.arm.weights",
        commands="saccade.systems.arm.commands",
    ),
}


def load(name_or_path: str | Path) -> Any:
    """Load what `name_or_path` means; `saccade.load` documents it."""
    name = str(name_or_path)
    if name in SYSTEMS and not _by_parts(name):
        return SYSTEMS[name].load()
    folder = lookup.find_weights(name)
    return identify(folder).load(folder)


def _by_parts(system: str) -> bool:
    """Whether a system's shipped weights have names of their own, "arm/stack_wine"."""
    return any(name.startswith(f"{system}/") for name in lookup.shipped_weights())


def identify(folder: Path) -> System:
    """Return the system that made a folder of weights, a run, a dataset or an evaluation.

    Raises:
        UserInputError: The folder does not say what it is, or names an unknown system.
        DamagedFileError: The folder's description is no JSON object, or names no system.
    """
    described, file = lookup.description(folder)
    if "system" in described:
        return SYSTEMS[choice(f"system in {file}:", str(described["system"]), SYSTEMS)]
    if "world" in described:
        return system_of_world(str(described["world"]))
    raise DamagedFileError(f'\'{file}\' has neither a field "system" nor "world"')


def system_of_world(world: str) -> System:
    """Return the system that records the world of that name.

    Raises:
        UserInputError: No system has such a world.
    """
    by_world = {name: system for system in SYSTEMS.values() for name in system.worlds}
    return by_world[choice("world", world, by_world)]
