"""How it learns: one folder a system, all with the same rooms, and this register of them.

The register names modules and imports none: `saccade --help` must not wait for PyTorch.
A system joins by one entry in `SYSTEMS` and two modules: `policy` (or `tracker`, `embedder`) with
a function `load(path)`, and `commands` with `COMMANDS`, the `Verbs` that it knows.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from saccade import hub
from saccade.errors import DamagedFileError, UserInputError
from saccade.json_files import read_json

WEIGHTS = Path(__file__).parent.parent / "weights"
"""The folder of the weights that are shipped with the package, one folder a name."""

_DESCRIPTIONS = ("config.json", "dataset.json", "results.json")


class Command(NamedTuple):
    """What one verb does for one system."""

    options: type
    """A frozen dataclass; its fields are the options, their docstrings the help."""
    run: Callable[[Any], int]
    """Takes an instance of `options`, returns the exit code."""
    help: str
    """One line."""


class Verbs(Mapping[str, Command]):
    """The commands of a system by verb; a verb's module is imported when the verb is used.

    Args:
        package: That holds the modules.
        modules: Their names by verb; each has a `COMMAND`.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package, self._modules = package, modules

    def __getitem__(self, verb: str) -> Command:
        return importlib.import_module(f"{self._package}.{self._modules[verb]}").COMMAND

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class PresetOptions:
    """Base of an options dataclass whose defaults hang on `--preset NAME`.

    `--preset` is taken first and gives every other default; then each field may be overridden.
    """

    PRESETS: ClassVar[tuple[str, ...]]
    """Valid names; the first is the default."""

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """Return the options of the preset; `name` is one of `PRESETS`."""
        raise NotImplementedError


@dataclass(frozen=True)
class System:
    """A system as the register knows it: names of modules, not the modules."""

    name: str
    summary: str
    """One line, for --help."""
    worlds: tuple[str, ...]
    """What `saccade record` may name."""
    policy: str
    """Module with `load(path: Path | None)`; None means the shipped weights."""
    commands: str
    """Module with `COMMANDS: Verbs`."""

    def load(self, path: Path | None = None) -> Any:
        """Load trained weights from a folder; without one, the shipped weights."""
        return importlib.import_module(self.policy).load(path)

    def command(self, verb: str) -> Command | None:
        """Return what `saccade VERB` does for this system, None where it does nothing."""
        return importlib.import_module(self.commands).COMMANDS.get(verb)


SYSTEMS: dict[str, System] = {
    "push": System(
        name="push",
        summary="push objects into a box, from a depth image, with an attention mask",
        worlds=("push_box",),
        policy="saccade.systems.push.policy",
        commands="saccade.systems.push.commands",
    ),
    "hart": System(
        name="hart",
        summary="follow one object through a video by three layers of attention",
        worlds=(),
        policy="saccade.systems.hart.tracker",
        commands="saccade.systems.hart.commands",
    ),
}


def choice(kind: str, given: str, valid: Iterable[str]) -> str:
    """Return `given` where it is valid.

    Raises:
        UserInputError: it is not; the message has the closest valid choice and all of them.
    """
    valid = list(valid)
    if given in valid:
        return given
    close = difflib.get_close_matches(given, valid, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise UserInputError(f"unknown {kind} '{given}'{meant} (valid: {', '.join(valid)})")


def load(name_or_path: str | Path) -> Any:
    """Load what `name_or_path` means; `saccade.load` documents it."""
    name = str(name_or_path)
    if name in SYSTEMS:
        return SYSTEMS[name].load()
    folder = find_weights(name)
    return identify(folder).load(folder)


def find_weights(name: str) -> Path:
    """Return the folder that `name` means: shipped, on this disk, or fetched from the Hub.

    Raises:
        UserInputError: there is no such thing; the message lists the shipped names.
    """
    if not name.startswith(hub.PREFIX):
        if name in shipped_weights():
            return WEIGHTS / name
        path = Path(name).expanduser()
        if path.exists():
            return path if path.is_dir() else path.parent
    repository = hub.repository(name)
    # "runs/typo" beside an existing folder "runs" is a mistyped path, not a repository.
    if repository and (name.startswith(hub.PREFIX) or not hub.may_be_a_path(name)):
        return hub.fetch(repository)
    shipped_names = ", ".join(shipped_weights()) or "none"
    raise UserInputError(
        f"no weights '{name}': expected a shipped name ({shipped_names}), a folder of weights or "
        "of a run, or a Hub repository (hf://user/name, hf://user/name@revision)"
    )


def weights_folder(name: str, system: str) -> Path:
    """Return the folder of a system's weights: what `find_weights` finds; "" the shipped ones.

    Raises:
        UserInputError: nothing of that name exists, or it belongs to another system.
    """
    folder = find_weights(name or system)
    owner = identify(folder).name if folder.is_dir() else system
    if owner != system:
        raise UserInputError(f"'{name}' holds weights of '{owner}'; expected weights of '{system}'")
    return folder


def shown_folder(target: str, system: str) -> Path:
    """Return the folder that `saccade show` shows: on this disk, or that of shipped weights."""
    path = Path(target).expanduser()
    if not path.exists() or target == system:
        return weights_folder(target, system)
    return (path if path.is_dir() else path.parent).resolve()


def shipped_weights() -> list[str]:
    """Return the names of all weights that are shipped with the package."""
    return sorted({*SYSTEMS} | {file.parent.name for file in WEIGHTS.glob("*/config.json")})


def identify(folder: Path) -> System:
    """Return the system that made a folder of weights, a run, a dataset or an evaluation.

    The folder says so itself: the field "system", or "world", of its config.json, dataset.json
    or results.json.

    Raises:
        UserInputError: the folder has none of these files, or names an unknown system.
        DamagedFileError: the file is not a JSON object.
    """
    folder = folder if folder.is_dir() else folder.parent
    for file in (folder / name for name in _DESCRIPTIONS):
        if file.is_file():
            return _system_of(_read_object(file), file)
    raise UserInputError(
        f"'{folder}' is no folder of Saccade's: expected one of {', '.join(_DESCRIPTIONS)} in it"
    )


def system_of_world(world: str) -> System:
    """Return the system that records the world of that name.

    Raises:
        UserInputError: no system has such a world.
    """
    by_world = {name: system for system in SYSTEMS.values() for name in system.worlds}
    return by_world[choice("world", world, by_world)]


def _read_object(file: Path) -> dict[str, Any]:
    content = read_json(file)
    if not isinstance(content, dict):
        raise DamagedFileError(f"'{file}' holds a {type(content).__name__}, expected an object")
    return content


def _system_of(description: dict[str, Any], file: Path) -> System:
    if "system" in description:
        return SYSTEMS[choice(f"system in {file}:", str(description["system"]), SYSTEMS)]
    if "world" in description:
        return system_of_world(str(description["world"]))
    raise DamagedFileError(f'\'{file}\' has neither a field "system" nor "world"')
