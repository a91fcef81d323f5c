"""How the rows of `saccade table hart` are made: trainings, evaluations on the same sequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from saccade.data.tracking.sources import SequenceSource
from saccade.errors import UserInputError
from saccade.left_out import divide, nothing_left
from saccade.systems.hart.evaluate import evaluate, results
from saccade.systems.hart.evaluation.baselines import GET_TRACKERS
from saccade.systems.hart.evaluation.named_trackers import tracker_maker
from saccade.systems.hart.paper.rows import (
    HART,
    Budget,
    Row,
    TablePreset,
    held_out,
    seen_in_training,
)
from saccade.systems.hart.train import start_run, train
from saccade.systems.hart.weights import SYSTEM, load_network
from saccade.training.run import Run, is_run
from saccade.verbs.evaluate import left_out_fields
from saccade.verbs.lookup import weights_folder
from saccade.verbs.rows import ROWS_FOLDER, RUN_FOLDER, Making
from saccade.verbs.weights import has_weights

GENERATED, REAL, SEEN = "generated", "real", "seen in training"
"""Names of the sources that rows are measured on."""


@dataclass(frozen=True)
class TrackerTable:
    """What a table is made from.

    Attributes:
        out: Folder of the table.
        preset: Preset whose networks and losses the rows have.
        budget: Budget that each row gets.
        seed: Seed of the trainings.
        runs: Folder of runs, one a trained row under its key, instead of training them here.
        weights: Weights of the row "shipped"; the shipped ones if not given.
        real: Real sequences, on which every row is evaluated as well.
    """

    out: Path
    preset: TablePreset
    budget: Budget
    seed: int = 0
    runs: Path | None = None
    weights: str = ""
    real: SequenceSource | None = None

    def making(self) -> Making[Row]:
        """How its rows are made."""
        return Making(
            SYSTEM, self.out, self.seed, self.run,
            None if self.runs else self.train, self.sources, self.measure, self.facts, self.missing,
        )  # fmt: skip

    def open(self, row: Row) -> dict[str, SequenceSource]:
        """What a row is evaluated on, by name."""
        sources = {GENERATED: held_out(self.preset, self.budget)}
        if row.key == HART:
            sources[SEEN] = seen_in_training(self.preset, self.budget, self.seed)
        if self.real is not None:
            sources[REAL] = self.real
        return sources

    def sources(self, row: Row) -> Mapping[str, Mapping[str, Any]]:
        """What tells a row's sources from all others."""
        return {
            name: source.describe() | {"sequences": source.sequences}
            for name, source in self.open(row).items()
        }

    def run(self, row: Row) -> Path | None:
        """Folder of the run, or of the weights, that a row follows with."""
        if row.config is not None:
            return self.run_folder(row)
        return weights_folder(self.weights, SYSTEM) if row.tracker == "hart" else None

    def run_folder(self, row: Row) -> Path:
        """Where a trained row's run lies: its own, or one of `runs`."""
        if self.runs is None:
            return self.out / ROWS_FOLDER / row.key / RUN_FOLDER
        own, table = self.runs / row.key, self.runs / ROWS_FOLDER / row.key
        places = (own, own / RUN_FOLDER, table / RUN_FOLDER)
        return next((place for place in places if is_run(place)), places[0])

    def train(self, row: Row) -> None:
        """Train a row, or go on with it."""
        folder, config = self.run_folder(row), row.config
        if config is None or has_weights(folder):
            return
        run = Run.open(folder) if is_run(folder) else start_run(folder, config, self.seed)
        train(run, config, workers=1, device="cpu")

    def missing(self, row: Row) -> str:
        """Why a row cannot be had here: no such tracker, no such run; "" if it can."""
        if row.config is not None:
            absent = self.runs is not None and not is_run(self.run_folder(row))
            return f"no run in {self.runs}" if absent else ""
        if row.tracker == "hart":
            return ""
        try:
            tracker_maker(row.tracker)
        except UserInputError:
            return GET_TRACKERS
        return ""

    def measure(self, row: Row, name: str) -> dict[str, Any]:
        """Follow the sequences of a source."""
        run = self.run(row)
        make = tracker_maker(row.tracker, str(run or ""))
        sequences, before = self.open(row)[name].open()
        followed, meanwhile = divide(evaluate(make, sequences))
        if not followed:
            raise nothing_left([*before, *meanwhile], "sequence")
        return {**results(followed), "left_out": left_out_fields([*before, *meanwhile])}

    def facts(self, row: Row) -> dict[str, Any]:
        """How large the network of a row is and what it learnt from."""
        run, budget = self.run(row), {"budget": asdict(self.budget)}
        if run is None:
            return budget
        network = load_network(run)
        config = network.config
        steps = config.fit.steps + config.finetune.steps
        learnt = {"steps": steps, "batch": config.fit.batch, "clips": config.data.clips}
        count = sum(p.numel() for p in network.parameters())
        return budget | {"numbers": count, "learnt_from": learnt}
