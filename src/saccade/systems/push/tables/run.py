"""`saccade table push`: train every row of the papers' tables with one budget, and evaluate it.

Each row is a folder under OUT/rows that is finished or missing, so a stopped table goes on where
it was. Rows run in parallel processes, each alone in its process.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from saccade.data.push_episodes import PushDataset
from saccade.systems import WEIGHTS
from saccade.systems.push.baselines import (
    EdgeRandomPolicy,
    PrivilegedPolicy,
    RandomPolicy,
    ScriptedPolicy,
)
from saccade.systems.push.config import NEAR_EDGE, MaskConfig, PushConfig
from saccade.systems.push.decision import Policy
from saccade.systems.push.evaluate import Evaluation, as_rows, evaluate, summarise
from saccade.systems.push.record import Mix, RecordConfig, record
from saccade.systems.push.rollout import EpisodeResult
from saccade.systems.push.tables.rows import Budget, Row
from saccade.systems.push.train import start_run, train
from saccade.systems.push.weights import RUN_WEIGHTS, SYSTEM, load_policy, with_mask
from saccade.training.fit import Stopped
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.run import Run, is_run
from saccade.training.storage import write_json
from saccade.training.workers import map_episodes

SCENARIO_SEED = 2021
"""The scenarios of all tables; no training uses this seed."""
DATA_SEED = 71


def run_rows(
    out: Path, rows: Sequence[Row], budget: Budget, workers: int, seed: int, stop: GracefulStop
) -> list[Row]:
    """Train and evaluate what is missing; returns the rows that are done.

    Args:
        out: The table's folder.
        rows: What to run.
        budget: What each trained row gets.
        workers: Rows at a time.
        seed: Of the trainings.
        stop: Ends early between rows.
    """
    _share_recording(out, rows, budget, workers, stop)
    waves = [
        [r for r in rows if not r.base],
        [r for r in rows if r.base and not r.evaluate_only],
        [r for r in rows if r.evaluate_only],
    ]
    job = partial(_run_row, out=out, budget=budget, seed=seed)
    with progress(total=len(rows), description="table rows") as bar:
        for wave in waves:
            missing = [r for r in wave if not _result_file(out, r).exists()]
            bar.update(len(wave) - len(missing))
            todo = partial(_numbered, rows=missing, job=job)
            for key in map_episodes(todo, len(missing), workers, stop=stop.is_requested):
                bar.update(1, row=key)
    return [r for r in rows if _result_file(out, r).exists()]


def load_results(out: Path, row: Row) -> list[EpisodeResult]:
    """The evaluated episodes of a finished row."""
    document = json.loads(_result_file(out, row).read_text())
    return [EpisodeResult(**r) for r in document["episodes"]]


def load_facts(out: Path, row: Row) -> dict:
    """Everything noted about a finished row."""
    return json.loads(_result_file(out, row).read_text())


def row_folder(out: Path, row: Row) -> Path:
    """Where a row's run and result lie."""
    return out / "rows" / row.key


def _result_file(out: Path, row: Row) -> Path:
    return row_folder(out, row) / "result.json"


def _numbered(context: None, index: int, rows: Sequence[Row], job: Callable[[Row], str]) -> str:
    return job(rows[index])


def _share_recording(
    out: Path, rows: Sequence[Row], budget: Budget, workers: int, stop: GracefulStop
) -> None:
    """One recording that all offline rows learn from: half uniform, half edge mask pushes."""
    if not any(row.config is not None for row in rows):
        return
    recording = RecordConfig(mix=Mix(uniform=0.5, near=0.0, edge=0.5))
    new = record(
        out / "recording", recording, budget.episodes, DATA_SEED, workers, None, stop.is_requested
    )
    with progress(total=budget.episodes, description="recording") as bar:
        for _ in new:
            bar.update(1)


def _run_row(row: Row, out: Path, budget: Budget, seed: int) -> str:
    """Train (where there is something to train) and evaluate one row."""
    folder = row_folder(out, row)
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if row.config is not None and not row.evaluate_only:
        _train_row(row, out, budget, seed)
    trained = time.monotonic() - started
    evaluation = Evaluation(
        objects=row.objects,
        episodes=budget.scenarios,
        seed=SCENARIO_SEED,
        protocol=row.protocol,
        world=row.world,
    )
    results = evaluate(partial(make_policy, row, out, budget), evaluation)
    document = {
        "system": SYSTEM,
        "key": row.key,
        "label": row.label,
        "section": row.section,
        "budget": asdict(budget),
        "seed": seed,
        "scenario_seed": SCENARIO_SEED,
        "training_seconds": trained,
        "evaluation_seconds": time.monotonic() - started - trained,
        "pushes_learned_from": _pushes(folder / "run", row, out),
        "summary": summarise(results),
        "episodes": as_rows(results),
    }
    temporary = folder / f".result.{os.getpid()}"
    write_json(temporary, document)
    os.replace(temporary, _result_file(out, row))
    return row.key


def _train_row(row: Row, out: Path, budget: Budget, seed: int) -> None:
    config, run_folder = row.config, row_folder(out, row) / "run"
    assert config is not None
    config = replace(config, data=replace(config.data, reuse=(str(out / "recording"),)))
    if row.base:
        config = replace(config, start=str(out / "rows" / row.base / "run"))
    run = Run.open(run_folder) if is_run(run_folder) else start_run(run_folder, config, seed)
    try:
        train(run, config, workers=1)
    except Stopped as stopped:
        raise KeyboardInterrupt from stopped


def _pushes(run: Path, row: Row, out: Path) -> int:
    """How many pushes a row's training has seen, its base's included."""
    own = [PushDataset(p.parent) for p in run.glob("data/**/dataset.json")]
    count = sum(len(e) for dataset in own for e in dataset)
    if row.config is not None and row.config.data.episodes:
        shared = PushDataset(out / "recording")
        count += sum(len(e) for e in shared)
    return count


def make_policy(row: Row, out: Path, budget: Budget) -> Policy:
    """The policy of a row, ready to play."""
    shipped = WEIGHTS / SYSTEM
    named: dict[str, Callable[[], Policy]] = {
        "random": RandomPolicy,
        "edge": partial(EdgeRandomPolicy, NEAR_EDGE),
        "scripted": partial(ScriptedPolicy, NEAR_EDGE),
        "privileged": partial(PrivilegedPolicy, budget.privileged_candidates, config=NEAR_EDGE),
        "shipped": load_policy,
        "shipped-unmasked": partial(with_mask, shipped, MaskConfig(kind="none")),
        "shipped-pushmask": partial(with_mask, shipped, MaskConfig(kind="learned")),
    }
    if row.policy:
        return named[row.policy]()
    key = row.base if row.evaluate_only else row.key
    weights = out / "rows" / key / "run" / RUN_WEIGHTS
    config: PushConfig | None = row.config
    assert config is not None
    return with_mask(weights, config.mask)
