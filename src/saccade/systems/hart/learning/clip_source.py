"""Where a training's clips come from: generated, or read from the user's folder."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from saccade.left_out import listed
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.learning.clips import ClipPools
from saccade.systems.hart.learning.folder_clips import FolderClips, check_folder, read_clips
from saccade.training.run import Run
from saccade.training.workers import Workers


def check_clips(config: HartConfig, seed: int) -> None:
    """Refuse clips that a training would refuse, before there is a run.

    Raises:
        UserInputError: The folder of `config.data` is not there or holds nothing of the kind, or
            generated clips cannot have that size.
        DamagedFileError: The folder's content is incomplete or malformed.
    """
    check_folder(config.data)
    if config.data.source == "synthetic":
        _ = config.scene
    else:
        read_clips(config.data, config.fit.length_end, seed)


def open_clips(
    run: Run, config: HartConfig, workers: Workers | int, stop: Callable[[], bool]
) -> ClipPools | FolderClips:
    """The clips of a run; see `ClipPools` and `FolderClips`.

    Args:
        run: Run whose folder keeps generated clips, and whose seed draws them.
        config: The system's settings.
        workers: Workers, or a number of processes.
        stop: Callback that is asked while they are generated; once it is true, `Stopped` is raised.

    Raises:
        UserInputError: The folder of `config.data` is not there or holds nothing of the kind.
        DamagedFileError: The folder's content is incomplete or malformed.
    """
    if config.data.source == "synthetic":
        return ClipPools(_clips_folder(run), config, run.seed, workers, stop)
    clips = read_clips(config.data, config.fit.length_end, run.seed)
    for line in listed(clips.left_out):
        print(f"saccade: note: {line}", file=sys.stderr)
    return clips


def delete_clips(run: Run) -> None:
    """Delete what was generated for a training that has come to its end: gigabytes, of no more use.

    They depend on the run's seed alone; there would be the same again.
    """
    shutil.rmtree(_clips_folder(run), ignore_errors=True)


def _clips_folder(run: Run) -> Path:
    """Where generated clips are kept."""
    return run.folder / "data"
