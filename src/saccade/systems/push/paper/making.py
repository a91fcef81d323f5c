"""How the rows of `saccade table push` are made: recorded pushes, trainings, evaluations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from saccade.data.push_episodes import PushDataset
from saccade.systems.push.baselines import (
    EdgeRandomPolicy,
    PrivilegedPolicy,
    RandomPolicy,
    ScriptedPolicy,
)
from saccade.systems.push.config import NEAR_EDGE, MaskConfig, PushConfig
from saccade.systems.push.decision import Policy
from saccade.systems.push.evaluate import Evaluation, as_rows, evaluate, summarise
from saccade.systems.push.paper.rows import Budget, Row
from saccade.systems.push.record import Mix, RecordConfig, record
from saccade.systems.push.rollout import EpisodeResult
from saccade.systems.push.train import start_run, train
from saccade.systems.push.weights import SYSTEM, load_policy, with_mask
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.run import Run, is_run
from saccade.training.workers import Workers
from saccade.verbs.lookup import WEIGHTS
from saccade.verbs.rows import ROWS_FOLDER, RUN_FOLDER, Making
from saccade.verbs.weights import RUN_WEIGHTS, training_minutes

SCENARIO_SEED = 2021
"""Seed of the scenarios of all tables; no training uses it."""
DATA_SEED = 71
PLAYED = "scenarios"
"""Name of the source that every row is measured on."""


@dataclass(frozen=True)
class PushTable:
    """What a table is made from.

    Attributes:
        out: Folder of the table.
        budget: Budget that each trained row gets.
        seed: Seed of the trainings.
    """

    out: Path
    budget: Budget
    seed: int = 0

    def making(self) -> Making[Row]:
        """How its rows are made."""
        return Making(
            SYSTEM, self.out, self.seed, self.run, self.train, self.sources, self.measure,
            self.facts, comparable=_without_folders,
        )  # fmt: skip

    def run(self, row: Row) -> Path | None:
        """Folder of the run, or of the weights, that a row plays with."""
        if row.config is None:
            return WEIGHTS / SYSTEM if row.policy.startswith("shipped") else None
        return self.run_folder(row.base if row.evaluate_only else row.key)

    def run_folder(self, key: str) -> Path:
        """Where the run of the row with this key lies."""
        return self.out / ROWS_FOLDER / key / RUN_FOLDER

    @property
    def recording(self) -> Path:
        """The dataset that all offline rows learn from."""
        return self.out / "recording"

    def settings(self, row: Row) -> PushConfig:
        """The settings of a row's run: its config on the shared recording, from its base."""
        assert row.config is not None
        data = replace(row.config.data, reuse=(str(self.recording),))
        start = str(self.run_folder(row.base)) if row.base else ""
        return replace(row.config, data=data, start=start)

    def train(self, row: Row) -> None:
        """Train a row, or go on with it."""
        folder = self.run_folder(row.key)
        if row.evaluate_only:
            return
        config = self.settings(row)
        run = Run.open(folder) if is_run(folder) else start_run(folder, config, self.seed)
        train(run, config, workers=1, device="cpu")

    def sources(self, row: Row) -> dict[str, dict[str, Any]]:
        """The scenarios that a row plays, and by which rules."""
        source = asdict(self.evaluation(row)) | {"policy": row.policy}
        if row.policy == "privileged":
            source["candidates"] = self.budget.privileged_candidates
        return {PLAYED: source}

    def evaluation(self, row: Row) -> Evaluation:
        """What a row plays."""
        return Evaluation(
            row.objects, self.budget.scenarios, SCENARIO_SEED, row.protocol, row.world
        )

    def measure(self, row: Row, name: str) -> dict[str, Any]:
        """Play; the papers' columns and every episode."""
        results = evaluate(partial(make_policy, row, self), self.evaluation(row))
        return {"summary": summarise(results), "episodes": as_rows(results)}

    def facts(self, row: Row) -> dict[str, Any]:
        """What a trained row cost: pushes that it has seen, minutes of its training."""
        if row.config is None or row.evaluate_only:
            return {}
        folder = self.run_folder(row.key)
        minutes = training_minutes(folder)
        return {"pushes_learned_from": self._pushes(folder, row), "training_minutes": minutes}

    def _pushes(self, run: Path, row: Row) -> int:
        """Pushes that a row's training has seen, the shared recording included."""
        own = [PushDataset(p.parent) for p in run.glob("data/**/dataset.json")]
        count = sum(len(e) for dataset in own for e in dataset)
        if row.config is not None and row.config.data.episodes:
            count += sum(len(e) for e in PushDataset(self.recording))
        return count


def _without_folders(config: PushConfig) -> PushConfig:
    """The settings of a run without the folders that it learns from, which may have moved."""
    return replace(config, data=replace(config.data, reuse=()), start="")


def share_recording(
    table: PushTable, workers: Workers | int, rows: Sequence[Row], stop: GracefulStop
) -> None:
    """One recording that all offline rows learn from: half uniform, half edge mask pushes."""
    if not any(row.config is not None for row in rows):
        return
    recording = RecordConfig(mix=Mix(uniform=0.5, near=0.0, edge=0.5))
    count = table.budget.episodes
    new = record(table.recording, recording, count, DATA_SEED, workers, None, stop.is_requested)
    with progress(total=count, description="recording") as bar:
        for _ in new:
            bar.update(1)


def played(making: Making[Row], row: Row) -> list[EpisodeResult]:
    """The episodes of a row; none where it was not measured."""
    found = making.measured(row, PLAYED)
    return [EpisodeResult(**r) for r in found["episodes"]] if found else []


def make_policy(row: Row, table: PushTable) -> Policy:
    """The policy of a row, ready to play."""
    shipped = WEIGHTS / SYSTEM
    candidates = table.budget.privileged_candidates
    named: dict[str, Callable[[], Policy]] = {
        "random": RandomPolicy,
        "edge": partial(EdgeRandomPolicy, NEAR_EDGE),
        "scripted": partial(ScriptedPolicy, NEAR_EDGE),
        "privileged": partial(PrivilegedPolicy, candidates, config=NEAR_EDGE),
        "shipped": load_policy,
        "shipped-unmasked": partial(with_mask, shipped, MaskConfig(kind="none")),
        "shipped-pushmask": partial(with_mask, shipped, MaskConfig(kind="learned")),
    }
    if row.policy:
        return named[row.policy]()
    run, config = table.run(row), row.config
    assert run is not None and config is not None
    return with_mask(run / RUN_WEIGHTS, config.mask)
