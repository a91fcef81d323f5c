"""`saccade record TASK`: demonstrations of the scripted expert, stopped and continued."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from saccade.checks import check_counts, check_least
from saccade.data.demonstrations import DemonstrationDataset
from saccade.errors import StorageError
from saccade.systems.arm.record import record
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions


@dataclass(frozen=True)
class RecordOptions(WorkerOptions):
    """Record demonstrations. Ctrl-C keeps what was recorded; the same command goes on.

    Attributes:
        task: Name of the task.
        out: Folder of the dataset, new or one to go on with.
        episodes: Episodes that the dataset shall hold in the end.
        seed: Seed of the dataset: episode i is drawn from (seed, i).
        every: Every so many-th frame has an image, besides the keyframes.
    """

    task: Annotated[str, tyro.conf.Positional]
    out: Path
    episodes: int = 100
    seed: int = 0
    every: int = 5


def run_record(options: RecordOptions) -> int:
    """Record what is missing and say what there is."""
    check_counts(options, "episodes", "every")
    check_least(options, {"seed": 0, "workers": 0}, "--")
    done, made = 0, 0
    with GracefulStop() as stop:
        new = record(
            options.out, options.task, options.episodes, options.seed, options.every,
            options.as_workers(), stop.is_requested,
        )  # fmt: skip
        with progress(total=options.episodes, description="recording") as bar:
            bar.update(_there(options))
            try:
                for demonstration in new:
                    made, done = made + 1, done + demonstration.success
                    bar.update(1, success=done / made)
            except StorageError as error:
                raise StorageError(
                    f"{error}; once there is room, go on: {_again(options)}"
                ) from error
    kept = _there(options)
    print(f"{kept} episodes in {options.out} ({made} recorded now, {done} of them did the task)")
    if kept < options.episodes:
        print(f"stopped; go on with: {_again(options)}")
        return STOPPED
    print(f"next    saccade train arm --task {options.task} --demonstrations {options.out}")
    print(f"        saccade show {options.out}")
    return 0


def _there(options: RecordOptions) -> int:
    """Episodes of this recording that are on disk."""
    if not (options.out / "dataset.json").exists():
        return 0
    dataset = DemonstrationDataset(options.out)
    return options.episodes - len(dataset.missing(options.episodes))


def _again(options: RecordOptions) -> str:
    default = RecordOptions(options.task, Path())
    return command_line(f"saccade record {options.task}", options, default)


COMMAND = Command(RecordOptions, run_record)
