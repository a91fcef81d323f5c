"""`saccade record pouring`: demonstrations from several sides, stopped and continued."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from saccade.checks import MOST_EPISODES, check_least, check_most
from saccade.data.multi_view.dataset import Format
from saccade.data.multi_view.recording import SequenceFolder
from saccade.errors import StorageError
from saccade.systems.smak.record import WORLD, record
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions
from saccade.wording import counted
from saccade.worlds.pouring import PouringConfig


@dataclass(frozen=True)
class RecordOptions(WorkerOptions):
    """Record demonstrations of pouring. Ctrl-C keeps what was recorded; the same command goes on.

    Attributes:
        out: Folder of the dataset, new or one to go on with.
        episodes: Demonstrations that the dataset shall hold in the end.
        seed: Seed of the dataset: demonstration i is drawn from (seed, i).
        format: "records": a TFRecord file each; "labelled": the same, with a labelled record a
            frame; "videos": an MP4 file each view, and a table of labels.
        config: Settings of the world.
    """

    out: Path
    episodes: int = 100
    seed: int = 0
    format: Format = "records"
    config: Annotated[PouringConfig, tyro.conf.arg(name="")] = field(default_factory=PouringConfig)


def run_record(options: RecordOptions) -> int:
    """Record what is missing and say what there is."""
    check_least(options, {"episodes": 1, "seed": 0, "workers": 0}, "--")
    check_most(options, {"episodes": MOST_EPISODES}, "--")
    made, frames = 0, 0
    with GracefulStop() as stop:
        new = record(
            options.out, options.config, options.episodes, options.seed, options.format,
            options.as_workers(), stop.is_requested,
        )  # fmt: skip
        with progress(total=options.episodes, description="recording") as bar:
            bar.update(_there(options))
            try:
                for sequence in new:
                    made, frames = made + 1, frames + len(sequence)
                    bar.update(1, frames=frames)
            except StorageError as error:
                raise StorageError(
                    f"{error}; once there is room, go on: {_again(options)}"
                ) from error
    kept = _there(options)
    now = f"{made} recorded now, {counted(frames, 'frame')} of {options.config.views} views"
    print(f"{counted(kept, 'demonstration')} in {options.out} ({now})")
    if kept < options.episodes:
        print(f"stopped; go on with: {_again(options)}")
        return STOPPED
    print(f"next    saccade train smak --data {options.out}")
    print(f"        saccade show {options.out}")
    return 0


def _there(options: RecordOptions) -> int:
    """Demonstrations of this recording that are on disk."""
    if not (options.out / "dataset.json").exists():
        return 0
    return options.episodes - len(SequenceFolder(options.out).missing(options.episodes))


def _again(options: RecordOptions) -> str:
    return command_line(f"saccade record {WORLD}", options, RecordOptions(Path()))


COMMAND = Command(RecordOptions, run_record)
