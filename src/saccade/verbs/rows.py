"""Rows of a table: trained with one budget and measured alike, and kept with what made them.

A row is a folder under OUT/rows. Its training goes on where it was; its result is kept together
with what it was made of, and believed only while the same would be made again and nobody has edited
it: a table never prints a figure under a heading that did not make it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from saccade.errors import UserInputError
from saccade.storage.files import write_whole
from saccade.storage.json_files import plain_json, read_json
from saccade.training.checkpoint import MODEL_FILE
from saccade.training.fit import Stopped
from saccade.training.interrupt import GracefulStop
from saccade.training.plain import from_plain, to_plain
from saccade.training.progress import progress
from saccade.training.run import Run, is_run
from saccade.training.workers import Workers, map_episodes
from saccade.verbs.weights import RUN_WEIGHTS, has_weights

ROWS_FOLDER, RUN_FOLDER, RESULT_FILE = "rows", "run", "result.json"
SEAL = "sha256"
"""Name of the digest in a row's result."""

RowT = TypeVar("RowT", bound="Row")


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        key: Name of the row's folder.
        label: Name of the row in the paper.
        config: Settings that it is trained with; None where nothing is trained.
        base: Key of the row whose run it starts from or shares; it is made first.
        repeat: Number of the training of the same settings, by which its seed is larger.
    """

    key: str
    label: str
    config: Any = None
    base: str = ""
    repeat: int = 0


def nothing_missing(row: Row) -> str:
    """Say that a row can be had."""
    return ""


def as_they_are(settings: Any) -> Any:
    """Return the settings."""
    return settings


@dataclass(frozen=True)
class Making(Generic[RowT]):
    """How the rows of a table are made. It travels to worker processes: no lambdas, but functions
    of a module or methods of a frozen dataclass.

    Attributes:
        system: Name of the system.
        out: Folder of the table.
        seed: Seed of the trainings; see `Row.repeat`.
        run: Folder of the run whose weights a row is measured with, OUT/rows/KEY/run where the
            table trains it (`ROWS_FOLDER`, `RUN_FOLDER`); None where it needs none.
        train: Function that trains a row that has settings, or goes on with it; None where all
            weights come from elsewhere.
        sources: Sources that a row is measured on, by name: JSON that tells each from all else.
        measure: Function that measures a row on the source of a name.
        facts: Further facts that the result says of a row.
        missing: Reason why a row cannot be had here; "" if it can.
        comparable: Settings of a run as a row's `config` has them: without the folders that the
            run learns from, say, which may have moved.
    """

    system: str
    out: Path
    seed: int
    run: Callable[[RowT], Path | None]
    train: Callable[[RowT], object] | None
    sources: Callable[[RowT], Mapping[str, Mapping[str, Any]]]
    measure: Callable[[RowT, str], Mapping[str, Any]]
    facts: Callable[[RowT], Mapping[str, Any]]
    missing: Callable[[RowT], str] = nothing_missing
    comparable: Callable[[Any], Any] = as_they_are

    def make(self, rows: Sequence[RowT], workers: Workers, stop: GracefulStop) -> bool:
        """Train and measure what is missing; returns whether all of it was done.

        Args:
            rows: Rows to make; rows that cannot be had are left out.
            workers: Workers that make them, one a row, each alone in its process with one thread.
            stop: Request to end early; a training keeps its last checkpoint.

        Raises:
            UserInputError: A run was started with other settings, or a base is missing.
            DamagedFileError: The description of a run or a result cannot be read.
        """
        possible = self.check(rows)
        todo = [row for row in possible if self._unmeasured(row)]
        with progress(total=len(possible), description="table rows") as bar:
            bar.update(len(possible) - len(todo))
            for wave in _waves(todo):
                job = partial(_make_row, rows=wave, making=self)
                for key in map_episodes(job, len(wave), workers, stop=stop.is_requested):
                    if not key:
                        return False
                    bar.update(1, row=key)
        return not any(self._unmeasured(row) for row in possible)

    def check(self, rows: Sequence[RowT]) -> list[RowT]:
        """The rows that can be had, after a look for mistakes that would show late.

        Raises:
            UserInputError: A run was started with other settings, or a base is missing.
            DamagedFileError: The description of a run or a result cannot be read.
        """
        possible = [row for row in rows if not self.missing(row)]
        for row in possible:
            self.result(row)
            self._check_run(row)
            self._check_base(row, possible)
        return possible

    def folder(self, row: RowT) -> Path:
        """Where a row's own run and its result lie."""
        return self.out / ROWS_FOLDER / row.key

    def seed_of(self, row: RowT) -> int:
        """Seed of a row's training."""
        return self.seed + row.repeat

    def result(self, row: RowT) -> dict[str, Any]:
        """Everything noted about a row; empty where nothing is, or where it was edited.

        Raises:
            DamagedFileError: The file is no JSON.
        """
        path = self.folder(row) / RESULT_FILE
        found = read_json(path) if path.exists() else None
        return found if isinstance(found, dict) and found == sealed(found) else {}

    def kept(self, row: RowT) -> dict[str, Any]:
        """What is noted about a row, without the figures that this table would not make again."""
        found = {name: self.measured(row, name) for name in self.sources(row)}
        measured = {name: one for name, one in found.items() if one is not None}
        return self.result(row) | {"measured": measured}

    def measured(self, row: RowT, name: str) -> dict[str, Any] | None:
        """What was measured of a row on the source of that name; None where nothing is believed."""
        every = self.result(row).get("measured")
        found = every.get(name) if isinstance(every, dict) else None
        if name not in self.sources(row) or not isinstance(found, dict):
            return None
        return found if found.get("made_of") == self.made_of(row, name) else None

    def made_of(self, row: RowT, name: str) -> dict[str, Any]:
        """What a result must have been made of: settings, seed, weights and source."""
        trained: dict[str, Any] = {}
        if self.train is not None and row.config is not None:
            trained = {"config": to_plain(row.config), "seed": self.seed_of(row)}
        source = dict(self.sources(row)[name])
        made = {"source": source, "weights": self._digest(row), **trained}
        return plain_json(made, "description of a row")

    def shows(self, row: RowT, chosen: Sequence[RowT]) -> bool:
        """Whether the table has a row: it has figures, or was asked for and cannot be had."""
        measured = any(self.measured(row, name) for name in self.sources(row))
        return measured or (row in chosen and bool(self.missing(row)))

    def _unmeasured(self, row: RowT) -> list[str]:
        return [name for name in self.sources(row) if self.measured(row, name) is None]

    def _digest(self, row: RowT) -> str:
        """Tells one training's weights from another's; "" where there are none (yet)."""
        run = self.run(row)
        if run is None:
            return ""
        file = (run / RUN_WEIGHTS if has_weights(run) else run) / MODEL_FILE
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""

    def _check_run(self, row: RowT) -> None:
        """Refuse to go on with a training of other settings.

        Raises:
            UserInputError: The row's run has other settings or another seed.
        """
        folder = self.folder(row) / RUN_FOLDER
        if row.config is None or self.train is None or not is_run(folder):
            return
        run = Run.open(folder)
        kept = from_plain(type(row.config), run.config.get("config", {}), str(folder))
        if self.comparable(kept) != row.config or run.seed != self.seed_of(row):
            raise UserInputError(
                f"{folder} was started with other settings; expected the same --preset, --seed "
                "and --budget, or another --out"
            )

    def _check_base(self, row: RowT, rows: Sequence[RowT]) -> None:
        """Refuse a row that would start from nothing.

        Raises:
            UserInputError: A row's base is neither trained nor among the rows.
        """
        run = self.out / ROWS_FOLDER / row.base / RUN_FOLDER
        if row.base and row.base not in {other.key for other in rows} and not has_weights(run):
            raise UserInputError(
                f"row '{row.key}' starts from '{row.base}', which is not trained yet; "
                f"expected --only {row.base} {row.key}"
            )


def _waves(rows: Sequence[RowT]) -> list[list[RowT]]:
    """Rows that need no other of them, then those that start from these, and so on."""
    waves: list[list[RowT]] = []
    left = list(rows)
    while left:
        waiting = {row.key for row in left}
        wave = [row for row in left if row.base not in waiting]
        waves.append(wave)
        left = [row for row in left if row.base in waiting]
    return waves


def _make_row(context: None, index: int, rows: Sequence[RowT], making: Making[RowT]) -> str:
    """Train (where there is something to train) and measure one row; "" if it was stopped."""
    row = rows[index]
    making.folder(row).mkdir(parents=True, exist_ok=True)
    try:
        if row.config is not None and making.train is not None:
            making.train(row)
    except Stopped:
        return ""
    names = making._unmeasured(row)
    document = {"system": making.system, "key": row.key, "measured": {}, **making.result(row)}
    document |= {"label": row.label, "seed": making.seed_of(row), **making.facts(row)}
    for name in names:
        measures = making.measure(row, name)
        document["measured"][name] = {"made_of": making.made_of(row, name), **measures}
        content = json.dumps(sealed(document), indent=1, allow_nan=False) + "\n"
        write_whole(making.folder(row) / RESULT_FILE, content.encode())
    return row.key


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A row's result with the digest of all else in it, by which an edited one is told."""
    content = plain_json({k: v for k, v in document.items() if k != SEAL}, "result of a row")
    return content | {
        SEAL: hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    }
