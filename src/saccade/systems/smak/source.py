"""Where the frames of a training come from: recorded in the pouring world, or the user's folder."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from saccade.data.multi_view.cache import FrameStore
from saccade.data.multi_view.dataset import open_multi_view, sequence_file, write_sequence
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import ArrayFrames
from saccade.errors import UserInputError
from saccade.left_out import listed
from saccade.systems.smak.batches import PairSource
from saccade.systems.smak.config import SmakConfig
from saccade.training.fit import Stopped
from saccade.training.progress import progress
from saccade.training.run import Run
from saccade.training.workers import Workers, map_episodes
from saccade.worlds.pouring import PouringConfig, record_sequence

DATA_FOLDER = "data"


@dataclass(frozen=True)
class Split:
    """Sequences of a training.

    Attributes:
        store: Their frames.
        learnt: Numbers of those that are learned from.
        held_out: Numbers of those that judge.
    """

    store: FrameStore
    learnt: np.ndarray
    held_out: np.ndarray

    def pairs(self, config: SmakConfig) -> PairSource:
        """What pairs are drawn from."""
        model = config.model
        return PairSource(
            self.store.views, self.store.starts, self.learnt, model.frames, model.frame_step
        )


def check_data(config: SmakConfig) -> None:
    """Refuse a folder that a training would refuse, before there is a run.

    Raises:
        UserInputError: It is not there, or has nothing that can be used.
    """
    if not config.records:
        open_multi_view(Path(config.data))


def open_split(
    run: Run, config: SmakConfig, workers: Workers | int, stop: Callable[[], bool]
) -> Split:
    """The frames of a run, decoded; what is recorded or decoded already is not again.

    Args:
        run: Run whose folder keeps them until the training is over, and whose seed draws them.
        config: The system's settings.
        workers: Workers, or a number of processes.
        stop: Callback that is asked while they are recorded; once it is true, `Stopped` is raised.

    Raises:
        UserInputError: There are too few sequences, or none.
        DamagedFileError: No sequence can be read.
    """
    folder = Path(config.data)
    if config.records:
        folder = run.folder / DATA_FOLDER / "sequences"
        record(folder, config.pouring, config.sequences, run.seed, workers, stop)
    dataset = open_multi_view(folder)
    if config.sequences:
        dataset = replace(dataset, sequences=dataset.sequences[: config.sequences])
    store = FrameStore.open(
        dataset,
        config.side,
        run.folder / DATA_FOLDER / "frames",
        partial(progress, description="decoding"),
    )
    for line in listed(store.skipped):
        print(f"saccade: note: {line}", file=sys.stderr)
    return divided(store, config)


def divided(store: FrameStore, config: SmakConfig) -> Split:
    """The sequences that are learned from, and the last ones, which are held out.

    Raises:
        UserInputError: There are too few sequences of enough frames.
    """
    count, moments = len(store), config.batch.moments
    held_out = np.arange(max(0, count - config.fit.held_out), count)
    lengths = np.diff(store.starts)
    learnt = np.flatnonzero(lengths[: count - len(held_out)] >= moments)
    if not len(learnt):
        raise UserInputError(
            f"{config.data} has {count} sequences, of which {len(held_out)} are held out "
            f"(fit.held-out), and the others have fewer than {moments} frames (batch.pairs of each "
            "of batch.sequences); expected one or more to learn from"
        )
    short = count - len(held_out) - len(learnt)
    if short:
        print(
            f"saccade: note: {short} sequences of fewer than {moments} frames are not learned from",
            file=sys.stderr,
        )
    return Split(store, learnt, held_out)


def delete_data(run: Run) -> None:
    """Delete what was made for a training that has come to its end: gigabytes, of no more use.

    It depends on the run's seed and settings alone; there would be the same again.
    """
    shutil.rmtree(run.folder / DATA_FOLDER, ignore_errors=True)


def record(
    folder: Path,
    config: PouringConfig,
    count: int,
    seed: int,
    workers: Workers | int,
    stop: Callable[[], bool],
) -> None:
    """Record the sequences that are missing.

    Raises:
        Stopped: `stop` said so; what was recorded is kept.
        StorageError: The disk refuses.
    """
    missing = [i for i in range(count) if not sequence_file(folder, pouring_name(i)).exists()]
    make = partial(_record_one, config=config, seed=seed)
    found = map_episodes(make, missing, workers, stop=stop)
    done = 0
    with progress(total=count, description="recording") as bar:
        bar.update(count - len(missing))
        for sequence in found:
            write_sequence(folder, sequence)
            done += 1
            bar.update(1)
    if done < len(missing):
        raise Stopped


def pouring_name(index: int) -> str:
    """Name of a recorded sequence."""
    return f"pouring_{index:06d}"


def pouring_sequence(config: PouringConfig, seed: int, index: int) -> MultiViewSequence:
    """Sequence `index` of the pouring world."""
    drawn = int(np.random.SeedSequence([seed, index]).generate_state(1, np.uint64)[0])
    made = record_sequence(config, drawn)
    views = tuple(ArrayFrames(frames) for frames in made.frames)
    return MultiViewSequence(pouring_name(index), views, made.phases, made.attributes)


def _record_one(context: None, index: int, config: PouringConfig, seed: int) -> MultiViewSequence:
    return pouring_sequence(config, seed, index)
