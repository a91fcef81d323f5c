"""`saccade table hart`: train every row with one budget, and evaluate it on the same sequences.

Each row is a folder under OUT/rows whose training goes on where it was and whose result, once
there, is kept. Rows run in parallel processes, each alone in its process with one thread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from saccade import systems
from saccade.errors import UserInputError
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.evaluate import evaluate, results
from saccade.systems.hart.evaluation.baselines import GET_TRACKERS
from saccade.systems.hart.evaluation.named_trackers import tracker_maker
from saccade.systems.hart.evaluation.sources import SequenceSource
from saccade.systems.hart.tables.rows import (
    HART,
    Budget,
    Row,
    TablePreset,
    held_out,
    seen_in_training,
)
from saccade.systems.hart.train import start_run, train
from saccade.systems.hart.weights import RUN_WEIGHTS, SYSTEM, find, load_network
from saccade.training.checkpoint import MODEL_FILE
from saccade.training.fit import Stopped
from saccade.training.interrupt import GracefulStop
from saccade.training.plain import from_plain
from saccade.training.progress import progress
from saccade.training.run import CONFIG_FILE, Run, is_run
from saccade.training.storage import read_json
from saccade.training.workers import map_episodes
from saccade.viewing.images import write_whole

GENERATED, REAL, SEEN = "generated", "real", "seen in training"
RESULT_FILE = "result.json"


@dataclass(frozen=True)
class Plan:
    """What a table is made from.

    Attributes:
        out: Its folder.
        preset: Whose networks and losses the rows have.
        budget: What each row gets.
        seed: Of the trainings.
        runs: Folder of runs, one a trained row under its key, instead of training them here.
        weights: Of the row "shipped"; the shipped ones if not given.
        real: Real sequences, on which every row is evaluated as well.
    """

    out: Path
    preset: TablePreset
    budget: Budget
    seed: int = 0
    runs: Path | None = None
    weights: str = ""
    real: SequenceSource | None = None

    def sources(self, row: Row) -> dict[str, SequenceSource]:
        """What a row is evaluated on, by name."""
        sources = {GENERATED: held_out(self.preset, self.budget)}
        if row.key == HART:
            sources[SEEN] = seen_in_training(self.preset, self.budget, self.seed)
        if self.real is not None:
            sources[REAL] = self.real
        return sources

    def folder(self, row: Row) -> Path:
        """Where a row's run and result lie."""
        return self.out / "rows" / row.key

    def run_folder(self, row: Row) -> Path:
        """Where a trained row's run lies: its own, or one of `runs`."""
        if self.runs is None:
            return self.folder(row) / "run"
        own, table = self.runs / row.key, self.runs / "rows" / row.key
        folders = (own, own / "run", table / "run")
        return next((folder for folder in folders if is_run(folder)), folders[0])

    def tracker(self, row: Row) -> str:
        """What `tracker_maker` is given as weights."""
        if row.config is not None:
            return str(self.run_folder(row))
        return self.weights if row.tracker == "hart" else ""


def run_rows(plan: Plan, rows: Sequence[Row], workers: int, stop: GracefulStop) -> bool:
    """Train and evaluate what is missing; returns whether all of it was done.

    Args:
        plan: What is made.
        rows: What to run; rows that cannot be had (`missing`) are left out.
        workers: Rows at a time.
        stop: Ends early; a training keeps its last checkpoint.

    Raises:
        UserInputError: A run was started with other settings.
    """
    possible = [row for row in rows if not missing(plan, row)]
    for row in possible:
        _check_run(plan, row)
    todo = [row for row in possible if _open_sources(plan, row)]
    job = partial(_run_row, rows=todo, plan=plan)
    with progress(total=len(possible), description="table rows") as bar:
        bar.update(len(possible) - len(todo))
        for key in map_episodes(job, len(todo), workers, stop=stop.is_requested):
            if not key:
                return False
            bar.update(1, row=key)
    return not any(_open_sources(plan, row) for row in possible)


def missing(plan: Plan, row: Row) -> str:
    """Why a row cannot be had here: a tracker that is not installed, no such run; "" if it can."""
    if row.config is not None:
        absent = plan.runs is not None and not is_run(plan.run_folder(row))
        return f"no run in {plan.runs}" if absent else ""
    if row.tracker == "hart":
        shipped = plan.weights or systems.find_weights(SYSTEM).is_dir()
        return "" if shipped else "no shipped weights"
    try:
        tracker_maker(row.tracker)
    except UserInputError:
        return GET_TRACKERS
    return ""


def load_result(plan: Plan, row: Row) -> dict[str, Any]:
    """Everything noted about a row; empty where nothing is."""
    path = plan.folder(row) / RESULT_FILE
    return read_json(path) if path.exists() else {}


def measured(plan: Plan, row: Row, name: str) -> dict[str, Any] | None:
    """`evaluate.results` of a row on the source of that name; None where it was not evaluated."""
    source = plan.sources(row).get(name)
    found = load_result(plan, row).get("measured", {}).get(name)
    if source is None or found is None or found["made_of"] != _made_of(plan, row, source):
        return None
    return found


def _open_sources(plan: Plan, row: Row) -> list[str]:
    """What the row is still to be evaluated on."""
    return [name for name in plan.sources(row) if measured(plan, row, name) is None]


def _made_of(plan: Plan, row: Row, source: SequenceSource) -> dict[str, Any]:
    """What a kept result must agree with."""
    return {
        "source": source.describe() | {"sequences": source.sequences},
        "weights": _digest(plan, row) if row.tracker == "hart" else "",
    }


def _digest(plan: Plan, row: Row) -> str:
    """Tells one training's weights from another's; "" where there are none yet."""
    if row.config is not None and not (plan.run_folder(row) / RUN_WEIGHTS).is_dir():
        return ""
    path = find(systems.weights_folder(plan.tracker(row), SYSTEM))
    return hashlib.sha256((path / MODEL_FILE).read_bytes()).hexdigest()


def _run_row(context: None, index: int, rows: Sequence[Row], plan: Plan) -> str:
    """Train (where there is something to train) and evaluate one row; "" if it was stopped."""
    row = rows[index]
    plan.folder(row).mkdir(parents=True, exist_ok=True)
    try:
        if row.config is not None and plan.runs is None:
            _train_row(plan, row, row.config)
    except Stopped:
        return ""
    document = load_result(plan, row) or {"system": SYSTEM, "key": row.key, "measured": {}}
    document |= {"label": row.label, "budget": asdict(plan.budget), "seed": plan.seed}
    document |= _facts(plan, row)
    make = tracker_maker(row.tracker, plan.tracker(row))
    for name in _open_sources(plan, row):
        source = plan.sources(row)[name]
        followed = list(evaluate(make, source.open()))
        document["measured"][name] = {"made_of": _made_of(plan, row, source), **results(followed)}
        content = json.dumps(document, indent=1, allow_nan=False) + "\n"
        write_whole(plan.folder(row) / RESULT_FILE, content.encode())
    return row.key


def _train_row(plan: Plan, row: Row, config: HartConfig) -> None:
    folder = plan.run_folder(row)
    if (folder / RUN_WEIGHTS).is_dir():
        return
    run = Run.open(folder) if is_run(folder) else start_run(folder, config, plan.seed)
    train(run, config, workers=1, device="cpu")


def _check_run(plan: Plan, row: Row) -> None:
    folder = plan.run_folder(row)
    if row.config is None or plan.runs is not None or not is_run(folder):
        return
    run = Run.open(folder)
    started = from_plain(HartConfig, run.config.get("config", {}), str(folder / CONFIG_FILE))
    if started != row.config or run.seed != plan.seed:
        raise UserInputError(
            f"{folder} was started with other settings; expected the same --preset, --seed and "
            "--budget, or another --out"
        )


def _facts(plan: Plan, row: Row) -> dict[str, Any]:
    """How large the network of a row is and what it learnt from."""
    if row.tracker != "hart":
        return {}
    path = systems.weights_folder(plan.tracker(row), SYSTEM)
    network = load_network(path)
    config = network.config
    steps = config.fit.steps + config.finetune.steps
    learnt = {"steps": steps, "batch": config.fit.batch, "clips": config.data.clips}
    return {"numbers": sum(p.numel() for p in network.parameters()), "learnt_from": learnt}
