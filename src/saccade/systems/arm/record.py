"""Recording demonstrations: episode i depends on the seed and i alone, not on the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from saccade.data.demonstrations import (
    Demonstration,
    DemonstrationDataset,
    save_demonstration,
)
from saccade.storage.folders import in_use
from saccade.training.progress import progress
from saccade.training.workers import Workers, episode_generator, map_episodes
from saccade.worlds.tabletop.recording import Recorder
from saccade.worlds.tabletop.tasks import task_named

MOST_SEED = 2**31
"""Number above all seeds of episodes."""
SPARE = 1.25
"""Episodes that are recorded for each demonstration that is asked for, at most: some fail."""


def record(
    folder: Path,
    task: str,
    episodes: int,
    seed: int,
    every: int,
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Demonstration]:
    """Record the expert's episodes into a folder, going on where an earlier recording stopped.

    Args:
        folder: Folder of the dataset.
        task: Name of the task.
        episodes: Episodes that the dataset shall hold in the end.
        seed: Seed of the dataset.
        every: Every so many-th frame has an image, besides the keyframes.
        workers: Workers, or a number of processes.
        stop: Function that is asked between episodes; once true, recording ends early.

    Yields:
        Each new demonstration, once it is safely on disk.

    Raises:
        UserInputError: There is no such task.
        FolderInUseError: Another process records there.
        DamagedFileError: The folder holds a dataset of other facts.
    """
    task_named(task)
    with in_use(folder):
        facts = {"world": task, "seed": seed, "policy": "expert", "every": every}
        dataset = DemonstrationDataset.create(folder, facts)
        missing = dataset.missing(episodes)
        found = map_episodes(
            partial(_one_episode, seed=seed),
            missing,
            workers,
            setup=partial(Recorder, task, None, every),
            stop=stop,
        )
        for index, demonstration in zip(missing, found, strict=False):
            save_demonstration(dataset.path(index), demonstration)
            yield demonstration


def record_successes(
    folder: Path,
    task: str,
    wanted: int,
    seed: int,
    every: int,
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> bool:
    """Record until so many of the expert's episodes did the task; returns whether they did.

    At most a quarter more are recorded. The arguments are those of `record`.
    """
    with progress(total=wanted, description=f"recording {task}") as bar:
        for episodes in range(wanted, round(SPARE * wanted) + 1):
            for _ in record(folder, task, episodes, seed, every, workers, stop):
                bar.update(1)
            if stop is not None and stop():
                return False
            if episodes - len(DemonstrationDataset(folder).failures()) >= wanted:
                return True
    return False


def episode_seed(seed: int, index: int) -> int:
    """The seed of episode `index` of a series."""
    return int(episode_generator(seed, index).integers(MOST_SEED))


def evaluation_seed(seed: int, index: int) -> int:
    """Seed of an evaluation's episode: no recording of the same seed has its placement."""
    return episode_seed(stage_seed(seed, "evaluation"), index)


def stage_seed(seed: int, stage: str) -> int:
    """The seed of a stage's episodes: another for every stage and every run."""
    return int(np.random.SeedSequence([seed, *stage.encode()]).generate_state(1)[0])


def _one_episode(recorder: Recorder, index: int, seed: int) -> Demonstration:
    return recorder.record(episode_seed(seed, index))
