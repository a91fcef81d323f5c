"""`saccade ship RUN`: put a run's weights where `saccade.load(NAME)` finds them, with their card.

The card is the system's `card.md` with the facts of the run filled in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Generic, TypeVar

import tyro

from saccade import hub
from saccade.errors import UserInputError
from saccade.installation import VERSION
from saccade.storage.files import write_whole
from saccade.storage.folders import atomic_folder
from saccade.storage.json_files import read_json
from saccade.training.checkpoint import CONFIG_FILE, MODEL_FILE
from saccade.training.run import RUN_FILE, Run
from saccade.verbs import lookup
from saccade.verbs.command import Command
from saccade.verbs.evaluate import RESULTS_FILE, ResultsKind, every_results, read_evaluation
from saccade.verbs.train import Training
from saccade.verbs.weights import RUN_WEIGHTS, has_weights, training_minutes
from saccade.viewing.tables import Table, to_markdown

CARD_FILE = "README.md"
NOT_MEASURED = "Not measured yet: `saccade eval {system}`."

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True)
class ShipOptions:
    """Copy a run's weights, with a model card, to a folder that `saccade.load` reads.

    Attributes:
        run: Folder of the run.
        results: Evaluations of these weights for the card: their folders, or their results.json.
        to: Folder that the weights are written to; if not given, the package's own, where
            `saccade.load` finds them under the system's name.
        hub: Repository of the Hugging Face Hub, user/name or user/name@branch, that the weights
            and their card are uploaded to; without --to they are then kept nowhere else.
    """

    run: Annotated[Path, tyro.conf.Positional]
    results: tuple[Path, ...] = ()
    to: Path | None = None
    hub: str = ""


@dataclass(frozen=True)
class Shipping(Generic[ConfigT]):
    """How a system's weights are shipped.

    Attributes:
        training: Training of the system.
        card: Path of the system's card.md.
        load: Function that loads the weights of a folder, or refuses them.
        facts: Function that gives what the card says of a run, values by their names in card.md;
            takes the run, its settings and the folder of its weights. Every card may also use
            $command, $size, $training and $evaluation, and needs no facts of its own.
        table: Table of what an evaluation's results.json holds.
        beside: Further files of the weights' folder that are shipped where they are there.
        name: Function that gives the name under which `saccade.load` shall find weights of given
            settings; that of the system if there is none.
        results: Declaration of what an evaluation's results.json holds.
        told: Function that gives what a card tells of a results.json, its command without what
            changes no figure; all that it holds if there is none.
    """

    training: Training[ConfigT]
    card: Path
    load: Callable[[Path], object]
    facts: Callable[[Run, ConfigT, Path], Mapping[str, str]]
    table: Callable[[dict[str, Any]], Table]
    beside: tuple[str, ...] = ()
    name: Callable[[ConfigT], str] | None = None
    results: ResultsKind = every_results
    told: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def command(self) -> Command:
        """The command `saccade ship RUN`."""
        return Command(ShipOptions, self.run)

    def run(self, options: ShipOptions) -> int:
        """Ship, and say what was written."""
        if options.hub:
            return self._publish(options)
        folder = self.ship(options.run, options.results, options.to)
        _list(folder)
        print(f"next    read {folder / CARD_FILE}")
        return 0

    def _publish(self, options: ShipOptions) -> int:
        """Ship to the Hub.

        Raises:
            UserInputError: The name is none of a repository, or the Hub refuses.
            MissingExtraError: huggingface_hub is not installed.
        """
        repository = hub.repository(options.hub)
        if repository is None:
            raise UserInputError(f"--hub is {options.hub}; expected user/name or user/name@branch")
        hub.require_hub()
        with TemporaryDirectory(prefix="saccade-ship-") as temporary:
            to = options.to or Path(temporary) / self.training.system
            folder = self.ship(options.run, options.results, to)
            message = f"Weights of {self.training.system}, saccade {VERSION}"
            print(hub.publish(repository, folder, message))
            _list(folder)
        print(f"next    saccade eval {self.training.system} --weights {hub.PREFIX}{repository}")
        return 0

    def ship(self, run: Path, results: Sequence[Path] = (), to: Path | None = None) -> Path:
        """Copy a run's newest weights and write their card; the folder is replaced as a whole.

        Returns:
            The folder of the shipped weights.

        Raises:
            UserInputError: There is no such run, or it has no weights.
            DamagedFileError: A file cannot be read, or a result is of something else.
        """
        system = self.training.system
        opened, weights = Run.open(run), run / RUN_WEIGHTS
        if not has_weights(run):
            raise UserInputError(
                f"the run {run} has no weights yet; go on with: "
                f"saccade train {system} --resume {run}"
            )
        to = to or lookup.WEIGHTS / self._name(opened)
        self.load(weights)
        card = self._card(opened, weights, results)
        with atomic_folder(to) as folder:
            for name in (MODEL_FILE, CONFIG_FILE, *self.beside):
                if (weights / name).exists():
                    shutil.copyfile(weights / name, folder / name)
            write_whole(folder / CARD_FILE, card.encode())
        return to

    def _name(self, run: Run) -> str:
        """Name under which `saccade.load` finds the weights of a run."""
        if self.name is None:
            return self.training.system
        return self.name(self.training.settings_of(run))

    def _card(self, run: Run, weights: Path, results: Sequence[Path]) -> str:
        config = self.training.settings_of(run)
        facts = {
            "command": "saccade ship RUN",
            "size": f"{(weights / MODEL_FILE).stat().st_size / 1e6:.2f} MB",
            "training": _training(
                run,
                self.training.command_of(config, run.seed),
                self.training.not_in_command(config, run.seed),
            ),
            "evaluation": self._evaluation(results),
            **self.facts(run, config, weights),
        }
        return Template(self.card.read_text(encoding="utf-8")).substitute(facts)

    def _evaluation(self, results: Sequence[Path]) -> str:
        """The tables of some evaluations, each below its command."""
        system, parts = self.training.system, []
        for path in results:
            file = path / RESULTS_FILE if path.is_dir() else path
            command, made = read_evaluation(file, system, self.table, self.results, self.told)
            parts += [f"    {command}", to_markdown(made).strip()]
        return "\n\n".join(parts) or NOT_MEASURED.format(system=system)


def _list(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        print(f"{path}  {path.stat().st_size / 1e6:.3f} MB")


def _training(run: Run, command: str, hidden: Sequence[str]) -> str:
    """How the weights came about: command, machine, versions, time, revision.

    Args:
        run: Run of the weights.
        command: Command that trains with the run's settings.
        hidden: Names of the settings that the command cannot give.
    """
    surroundings = read_json(run.folder / RUN_FILE)
    machine = surroundings.get("machine") or {}
    versions = surroundings.get("versions") or {}
    git, minutes = surroundings.get("git"), training_minutes(run.folder)
    listed = ", ".join(f"{name} {v}" for name, v in versions.items() if v)
    lines = [
        f"    {command}\n",
        *([f"Further settings, which are no options: {', '.join(hidden)}.\n"] if hidden else []),
        f"Machine: {machine.get('cpu') or 'unknown'}, {machine.get('cores', '?')} cores. "
        f"Versions: {listed}.",
    ]
    if minutes is not None:
        lines.append(f"Time: {minutes:.0f} minutes, making the data included.")
    if git:
        lines.append(f"Revision: {git.get('revision', 'unknown')}.")
    return "\n".join(lines)
