"""How the rows of `saccade table arm` are made: demonstrations, trainings, episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from saccade.errors import UserInputError
from saccade.systems.arm.config import LOOK_AND_VOTE, ArmConfig
from saccade.systems.arm.episodes import EpisodeResult
from saccade.systems.arm.evaluate import Evaluation, play_episodes, summarise
from saccade.systems.arm.given import check_demonstrations
from saccade.systems.arm.paper.budget import Budget
from saccade.systems.arm.paper.players import play_untrained
from saccade.systems.arm.paper.rows import Row
from saccade.systems.arm.record import evaluation_seed, record_successes
from saccade.systems.arm.train import round_mark, round_snapshot, start_run, train
from saccade.systems.arm.weights import SYSTEM, load, read_policy, snapshot_folder
from saccade.training.clock import read_clock
from saccade.training.interrupt import GracefulStop
from saccade.training.run import Run, is_run
from saccade.training.workers import Workers
from saccade.verbs.rows import ROWS_FOLDER, RUN_FOLDER, Making
from saccade.verbs.weights import RUN_WEIGHTS

TEST_SEED = 2021
"""Seed of the placements of all tables; no training uses it."""
DATA_SEED = 71
"""Seed of the demonstrations that all rows of a task share."""
END = "end"
"""Name of the source that every row is measured on; "point i" are those of the curves."""


class Moment(NamedTuple):
    """Weights of a training at some moment.

    Attributes:
        folder: Folder of the weights.
        mark: Name of the moment in the run's clock.
    """

    folder: Path
    mark: str


@dataclass(frozen=True)
class ArmTable:
    """What a table is made from.

    Attributes:
        out: Folder of the table.
        budget: Budget that each trained row gets.
        seed: Seed of the trainings.
        demonstrations: Folder of recorded demonstrations, one folder a task; recorded here if not
            given.
    """

    out: Path
    budget: Budget
    seed: int = 0
    demonstrations: Path | None = None

    def making(self) -> Making[Row]:
        """How its rows are made."""
        return Making(
            SYSTEM, self.out, self.seed, self.run, self.train, self.sources, self.measure,
            self.facts, comparable=_without_folder,
        )  # fmt: skip

    def recording(self, task: str) -> Path:
        """The demonstrations of a task."""
        return (self.demonstrations or self.out / "demonstrations") / task

    def run(self, row: Row) -> Path | None:
        """Folder of the run that a row plays with."""
        return None if row.config is None else self.out / ROWS_FOLDER / row.key / RUN_FOLDER

    def train(self, row: Row) -> None:
        """Train a row, or go on with it."""
        folder = self.run(row)
        assert folder is not None and row.config is not None
        if is_run(folder) and self.moments(row)[-1].mark in read_clock(folder)[1]:
            return
        config = replace(row.config, demonstrations=str(self.recording(row.task)))
        seed = self.seed + row.repeat
        run = Run.open(folder) if is_run(folder) else start_run(folder, config, seed)
        train(run, config, workers=1, device="cpu")

    def moments(self, row: Row) -> list[Moment]:
        """Weights of a row along its training; the last are those of its end."""
        run, config = self.run(row), row.config
        if run is None or config is None:
            return []
        if config.method == LOOK_AND_VOTE:
            rounds = range(config.own.rounds)
            before = [Moment(round_snapshot(run, i), round_mark(i)) for i in rounds]
            return [*before, Moment(run / RUN_WEIGHTS, round_mark(config.own.rounds))]
        names = [f"{updates:06d}" for updates in config.replay.snapshots_at]
        before = [Moment(snapshot_folder(run, name), name) for name in names]
        return [*before, Moment(run / RUN_WEIGHTS, RUN_WEIGHTS)]

    def sources(self, row: Row) -> dict[str, dict[str, Any]]:
        """Placements that a row plays: in the end, and at points of its training."""
        if row.config is None:
            return {END: asdict(self.evaluation(row, END)) | {"player": row.player}}
        points = [f"point {number}" for number in range(len(self.moments(row)) - 1)]
        return {name: asdict(self.evaluation(row, name)) for name in (END, *points)}

    def evaluation(self, row: Row, name: str) -> Evaluation:
        """What a row plays."""
        episodes = self.budget.episodes if name == END else self.budget.point_episodes
        return Evaluation(row.task, episodes, TEST_SEED)

    def measure(self, row: Row, name: str) -> dict[str, Any]:
        """Play; the summary and every episode."""
        evaluation = self.evaluation(row, name)
        if row.config is None:
            results = play_untrained(row.player, evaluation)
        else:
            moments = self.moments(row)
            chosen = moments[-1 if name == END else int(name.removeprefix("point "))]
            make = partial(load, chosen.folder)
            played = play_episodes(make, evaluation, range(evaluation.episodes))
            results = [each.result for each in played]
        return summarise(results) | {"played": _as_rows(results, evaluation)}

    def facts(self, row: Row) -> dict[str, Any]:
        """What a training cost, and how far it was at each of its moments."""
        run = self.run(row)
        if run is None:
            return {}
        seconds, marks = read_clock(run)
        moments = []
        for folder, mark in self.moments(row):
            told = read_policy(folder)
            actions, episodes = told.facts["own_actions"], told.facts["own_episodes"]
            minutes = marks.get(mark, seconds) / 60
            moments.append({"minutes": minutes, "actions": actions, "episodes": episodes})
        numbers = sum(t.numel() for t in read_policy(run).state.values())
        return {"numbers": numbers, "training_minutes": seconds / 60, "moments": moments}


def _without_folder(config: ArmConfig) -> ArmConfig:
    """The settings of a run without the folder that it learns from, which may have moved."""
    return replace(config, demonstrations="")


def _as_rows(results: Sequence[EpisodeResult], evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {"episode": index, "seed": evaluation_seed(evaluation.seed, index)} | asdict(result)
        for index, result in enumerate(results)
    ]


def share_demonstrations(
    table: ArmTable, workers: Workers | int, rows: Sequence[Row], stop: GracefulStop
) -> None:
    """Record what the rows of each task learn from; given demonstrations are only looked at.

    Raises:
        UserInputError: There are too few given ones, or of another task.
    """
    wanted: dict[str, ArmConfig] = {}
    for row in rows:
        config = row.config
        if config and config.episodes > wanted.get(row.task, config).episodes - 1:
            wanted[row.task] = config
    for task, config in wanted.items():
        folder = table.recording(task)
        if table.demonstrations is None and not record_successes(
            folder, task, config.episodes, DATA_SEED, config.every, workers, stop.is_requested
        ):
            if stop.requested:
                return
            raise UserInputError(f"too few of the expert's episodes of '{task}' did the task")
        check_demonstrations(folder, config)
