"""Recording pouring: sequence i depends on the settings, the seed and i, not on the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from saccade.data.multi_view.dataset import Format, write_sequence
from saccade.data.multi_view.recording import SequenceFolder
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.errors import UserInputError
from saccade.storage.folders import in_use
from saccade.systems.smak.source import pouring_sequence
from saccade.training.workers import Workers, map_episodes
from saccade.worlds.pouring import PouringConfig

WORLD = "pouring"


def record(
    folder: Path,
    config: PouringConfig,
    episodes: int,
    seed: int,
    layout: Format = "records",
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[MultiViewSequence]:
    """Record sequences into a folder, going on where an earlier recording stopped.

    Args:
        folder: Folder of the dataset.
        config: Settings of the world.
        episodes: Sequences that the dataset shall hold in the end.
        seed: Seed of the dataset: sequence i is drawn from (seed, i).
        layout: Layout that sequences are written in.
        workers: Workers, or a number of processes.
        stop: Function that is asked between sequences; once true, recording ends early.

    Yields:
        Each new sequence, once it is safely on disk.

    Raises:
        UserInputError: The folder holds other files, or there is no GL to render with.
        FolderInUseError: Another process records there.
        DamagedFileError: The folder holds a dataset of other facts.
        StorageError: The disk refuses; the sequences before are intact.
    """
    with in_use(folder):
        _refuse_foreign(folder)
        facts = {"world": WORLD, "seed": seed, "config": asdict(config)}
        dataset = SequenceFolder.start(folder, layout, facts)
        missing = dataset.missing(episodes)
        make = partial(_one_sequence, config=config, seed=seed)
        found = map_episodes(make, missing, workers, stop=stop)
        for index, sequence in zip(missing, found, strict=False):
            named = replace(sequence, name=dataset.name(index))
            write_sequence(folder, named, layout, config.fps)
            yield named


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder with files in it that is no dataset: they would be taken for sequences."""
    if (folder / "dataset.json").exists():
        return
    files = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if files:
        raise UserInputError(
            f"{folder} holds {files[0]} and no dataset.json; expected an empty folder, a new one, "
            "or a recording to go on with"
        )


def _one_sequence(context: None, index: int, config: PouringConfig, seed: int) -> MultiViewSequence:
    return pouring_sequence(config, seed, index)
