"""A run: one folder with everything that it takes to know, resume and judge a training.

run/
  config.json      the settings, as given
  run.json         seed, git revision, versions, machine
  metrics.jsonl    one line a record, append-only
  checkpoints/     STAGE/, one a stage: its newest state, replaced at once or not at all
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.files import is_temporary, storage_errors
from saccade.storage.folders import LOCK_FILE, in_use, new_folder
from saccade.storage.json_files import plain_json, read_json, write_json
from saccade.training.metrics import MetricsWriter, make_sink
from saccade.training.provenance import describe_surroundings

CONFIG_FILE = "config.json"
RUN_FILE = "run.json"
METRICS_FILE = "metrics.jsonl"
CHECKPOINTS_FOLDER = "checkpoints"


@dataclass(frozen=True)
class Run:
    """A run's folder and what is fixed about it. Make one with `Run.create` or `Run.open`."""

    folder: Path
    config: dict[str, Any]
    seed: int

    @classmethod
    def create(cls, folder: Path | str, config: Mapping[str, Any], seed: int) -> Run:
        """Starts a run in a new or empty folder, or in one where a start was killed.

        A new folder appears with all its files.

        Raises:
            UserInputError: The folder holds something already, or `config` is not JSON-able.
            FolderInUseError: A run is being started there.
            StorageError: The disk refused.
        """
        folder = Path(folder)
        _require_free(folder)
        settings = plain_json(config, "configuration")
        facts = {"seed": seed, **describe_surroundings()}
        with storage_errors(folder):
            if folder.is_dir():  # perhaps a mount point or a link, which no rename can replace
                with in_use(folder):
                    _require_free(folder)
                    _write(folder, settings, facts)
            else:
                with new_folder(folder) as temporary:
                    _write(temporary, settings, facts)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """Opens a run that exists.

        Raises:
            UserInputError: There is no run in the folder.
            DamagedFileError: Its `config.json` or `run.json` is damaged.
        """
        folder = Path(folder)
        if not is_run(folder):
            raise UserInputError(f"there is no run in {folder}; expected a folder with {RUN_FILE}")
        config, facts = read_json(folder / CONFIG_FILE), read_json(folder / RUN_FILE)
        if not isinstance(config, dict):
            raise DamagedFileError(f"{folder / CONFIG_FILE} is damaged: expected a JSON object")
        seed = facts.get("seed") if isinstance(facts, dict) else None
        if type(seed) is not int or seed < 0:
            raise DamagedFileError(f"{folder / RUN_FILE} is damaged: it names no seed")
        for name in ("machine", "versions", "git"):
            if not isinstance(facts.get(name) or {}, dict):
                raise DamagedFileError(f"{folder / RUN_FILE} is damaged: {name} is no object")
        return cls(folder, config, seed)

    @property
    def metrics_file(self) -> Path:
        """File that `metrics` writes."""
        return self.folder / METRICS_FILE

    def metrics(self, *, keep_lines: int | None = None, sinks: Sequence[str] = ()) -> MetricsWriter:
        """Opens the metrics for writing.

        Args:
            keep_lines: Number of lines when the last checkpoint was written; what came after them
                is dropped, since it will be written again. None: keep all.
            sinks: Names of adapters: tensorboard, wandb, trackio.
        """
        adapters = [make_sink(name, self.folder, self.folder.name, self.config) for name in sinks]
        return MetricsWriter(self.metrics_file, keep_lines=keep_lines, sinks=adapters)


def is_run(folder: Path | str) -> bool:
    """Whether the folder holds a run."""
    return (Path(folder) / RUN_FILE).is_file()


def _write(folder: Path, settings: dict[str, Any], facts: dict[str, Any]) -> None:
    (folder / CHECKPOINTS_FOLDER).mkdir(exist_ok=True)
    write_json(folder / CONFIG_FILE, settings)
    # Last, because this file is what makes the folder a run.
    write_json(folder / RUN_FILE, facts)


def _require_free(folder: Path) -> None:
    if is_run(folder):
        raise UserInputError(f"{folder} holds a run already; resume it, or choose another folder")
    if folder.exists() and not folder.is_dir():
        raise UserInputError(f"{folder} is a file; expected a new or empty folder for the run")
    if folder.is_dir() and not _is_left_by_a_start(folder):
        raise UserInputError(
            f"{folder} is not empty and holds no run; expected a new or empty folder for the run"
        )


def _is_left_by_a_start(folder: Path) -> bool:
    """Whether an existing folder holds nothing but what a killed `Run.create` may have left."""
    left = {CHECKPOINTS_FOLDER, CONFIG_FILE, LOCK_FILE}
    names = {path.name for path in folder.iterdir() if not is_temporary(path.name)}
    # A configuration without the empty folder that is made before it is somebody else's.
    begun = (folder / CHECKPOINTS_FOLDER).is_dir() or CONFIG_FILE not in names
    return names <= left and begun and not any((folder / CHECKPOINTS_FOLDER).glob("*"))
