"""What a user calls a folder: shipped weights, a path, a Hub repository; and who made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade import hub
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.json_files import read_json

WEIGHTS = Path(__file__).parent.parent / "weights"
"""Folder of the weights that are shipped with the package, one folder a name: "push", or, of a
system that has several, "arm/stack_wine"."""
DESCRIPTIONS = ("config.json", "dataset.json", "results.json")
"""Files by which a folder says what made it: its field "system" or "world"."""


def shipped_weights() -> list[str]:
    """Return the names of all weights that are shipped with the package."""
    files = [*WEIGHTS.glob("*/config.json"), *WEIGHTS.glob("*/*/config.json")]
    return sorted(file.parent.relative_to(WEIGHTS).as_posix() for file in files)


def find_weights(name: str) -> Path:
    """Return the folder that `name` means: shipped, on this disk, or fetched from the Hub.

    Raises:
        UserInputError: There is no such thing; the message lists the shipped names.
        MissingExtraError: A Hub repository was named and huggingface_hub is not installed.
    """
    if not name.startswith(hub.PREFIX):
        if name in shipped_weights():
            return WEIGHTS / name
        path = Path(name).expanduser()
        if path.exists():
            return path if path.is_dir() else path.parent
    repository = hub.repository(name)
    if repository and (name.startswith(hub.PREFIX) or not hub.may_be_a_path(name)):
        return hub.fetch(repository)
    raise UserInputError(
        f"no weights '{name}': expected a shipped name ({', '.join(shipped_weights()) or 'none'}), "
        "a folder of weights or of a run, or a Hub repository (hf://user/name, hf://user/name@revision)"
    )


def weights_folder(name: str, system: str) -> Path:
    """Return the folder of a system's weights: what `find_weights` finds; "" the shipped ones.

    Raises:
        UserInputError: Nothing of that name exists, or it belongs to another system.
        DamagedFileError: The folder's description is damaged.
    """
    folder = find_weights(name or system)
    owner = description(folder)[0].get("system", system)
    if owner != system:
        raise UserInputError(f"'{name}' holds weights of '{owner}'; expected weights of '{system}'")
    return folder


def shown_folder(target: str, system: str) -> Path:
    """Return the folder that `saccade show` shows: on this disk, or that of shipped weights."""
    path = Path(target).expanduser()
    if not path.exists() or target == system:
        return weights_folder(target, system)
    return (path if path.is_dir() else path.parent).resolve()


def description(folder: Path) -> tuple[dict[str, Any], Path]:
    """Return what a folder says of itself, and the file that says it.

    Raises:
        UserInputError: The folder holds none of `DESCRIPTIONS`.
        DamagedFileError: The file is not a JSON object.
    """
    folder = folder if folder.is_dir() else folder.parent
    for file in (folder / name for name in DESCRIPTIONS):
        if file.is_file():
            return _read_object(file), file
    raise UserInputError(
        f"'{folder}' is no folder of Saccade's: expected one of {', '.join(DESCRIPTIONS)} in it"
    )


def _read_object(file: Path) -> dict[str, Any]:
    content = read_json(file)
    if not isinstance(content, dict):
        raise DamagedFileError(f"'{file}' holds a {type(content).__name__}, expected an object")
    return content
