"""Putting the weights of a run where `saccade.load(NAME)` finds them, whatever the system.

A system's `ship` module says what is copied and what its model card holds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from saccade.errors import DamagedFileError, SaccadeError, UserInputError
from saccade.training.run import RUN_FILE, Run
from saccade.training.storage import read_json
from saccade.verbs.spelling import command_line

CARD_FILE = "README.md"

Ship = Callable[[Path, Sequence[Path], Path], Path]
"""Takes a run, files results.json and the folder of the weights; returns that folder."""


def trained_weights(run: Path, name: str, system: str) -> tuple[Run, Path]:
    """A run and the folder of its weights, called `name`.

    Raises:
        UserInputError: There is no such run, or it has no weights.
    """
    opened = Run.open(run)
    if not (run / name).is_dir():
        raise UserInputError(
            f"the run {run} has no weights yet; go on with: saccade train {system} --resume {run}"
        )
    return opened, run / name


def train_command(system: str, presets: Iterable[str], options: Any, **given: Any) -> str:
    """The shortest `saccade train SYSTEM` with these settings, over the presets.

    Args:
        system: Its name.
        presets: Names of its presets.
        options: Its class of options.
        given: Fields of the options: `seed` and `config`.
    """
    commands = []
    for preset in presets:
        default = options.from_preset(preset)
        settings = command_line("", options(preset=preset, **given), default)
        commands.append(f"saccade train {system} --preset {preset} {settings}".strip())
    return min(commands, key=len)


def read_results(path: Path, system: str, needed: Iterable[str]) -> dict[str, Any]:
    """A file results.json of `saccade eval SYSTEM`.

    Raises:
        DamagedFileError: It is of something else, or lacks a field that is needed.
    """
    document = read_json(path)
    if not isinstance(document, dict) or document.get("system") != system:
        raise DamagedFileError(f"{path} is no evaluation of {system}; expected its results.json")
    if missing := [name for name in needed if name not in document]:
        raise DamagedFileError(f"{path} lacks {', '.join(missing)}; expected results.json")
    return document


def training_minutes(run: Run, last: Path) -> float | None:
    """From the start of the run to its last file; pauses of a resumed run count."""
    started = read_json(run.folder / RUN_FILE).get("started")
    if not isinstance(started, str):
        return None
    return (last.stat().st_mtime - datetime.fromisoformat(started).timestamp()) / 60


def training_section(command: str, surroundings: dict[str, Any], minutes: float | None) -> str:
    """The head of a card's section on training: command, machine, versions, time, revision."""
    machine = surroundings.get("machine") or {}
    versions = surroundings.get("versions") or {}
    git = surroundings.get("git")
    listed = ", ".join(f"{name} {v}" for name, v in versions.items() if v)
    time = "" if minutes is None else f"\nTime: {minutes:.0f} minutes, making the data included."
    revision = f"\nRevision: {git['revision']}." if git else ""
    return f"""
## Training

    {command}

Machine: {machine.get("cpu") or "unknown"}, {machine.get("cores", "?")} cores. Versions: {listed}.\
{time}{revision}
"""


def run_program(
    program: str, about: str, ship: Ship, to: Path, arguments: Sequence[str] | None
) -> int:
    """Ship what the command line names; 2 for a mistake, with one line that says which."""
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--results", type=Path, nargs="+", default=[], help="results.json files")
    parser.add_argument("--to", type=Path, default=to, help="folder of the weights")
    given = parser.parse_args(arguments)
    try:
        folder = ship(given.run, given.results, given.to)
    except SaccadeError as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return error.exit_code
    for path in sorted(folder.iterdir()):
        print(f"{path}  {path.stat().st_size / 1e6:.3f} MB")
    print(f"next    read {folder / CARD_FILE}")
    return 0
