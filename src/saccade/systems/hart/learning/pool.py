"""A pool: generated clips on disk, as bytes, frames read when they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from saccade.data.tracking.synthetic import SyntheticConfig
from saccade.systems.hart.learning.clip_job import make_clip
from saccade.training.fit import Stopped
from saccade.training.progress import progress
from saccade.training.storage import atomic_folder, existing_folder
from saccade.training.workers import map_episodes


@dataclass(frozen=True)
class Pool:
    """N clips of L frames.

    Attributes:
        frames: Frames, RGB.
        boxes: Boxes of the target (x, y, w, h) [pixels], anything where it is absent; of K
            objects, the target first.
        seen: Share of each object that is in sight.
    """

    frames: UInt8[np.ndarray, "n l 3 h w"]
    boxes: Float32[np.ndarray, "n l *k 4"]
    seen: Float32[np.ndarray, "n l *k"]

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def length(self) -> int:
        """L."""
        return self.frames.shape[1]


def generate_pool(
    folder: Path,
    config: SyntheticConfig,
    clips: range,
    seed: int,
    workers: int,
    stop: Callable[[], bool],
    objects: int = 1,
) -> None:
    """Write clips with the first of their objects to a folder, which appears when it is complete.

    Raises:
        Stopped: `stop` said so; nothing is left.
    """
    shape = (len(clips), config.frames, 3, config.height, config.width)
    make = partial(make_clip, seed=seed, config=config)
    seen = np.zeros((*shape[:2], objects), np.float32)
    boxes = np.zeros((*seen.shape, 4), np.float32)
    with atomic_folder(folder) as temporary:
        frames = np.lib.format.open_memmap(temporary / "frames.npy", "w+", np.uint8, shape)
        done = 0
        with progress(total=len(clips), description="generating clips") as bar:
            for clip in map_episodes(make, clips, workers, stop=stop):
                frames[done] = clip.frames.transpose(0, 3, 1, 2)
                boxes[done], seen[done] = clip.boxes[:, :objects], clip.visible[:, :objects]
                done += 1
                bar.update(1)
        if done < len(clips):
            raise Stopped
        frames.flush()
        # The target alone has no axis of objects.
        np.save(temporary / "boxes.npy", boxes if objects > 1 else boxes[:, :, 0])
        np.save(temporary / "seen.npy", seen if objects > 1 else seen[:, :, 0])


def load_pool(folder: Path) -> Pool:
    """Clips that were written by `generate_pool`; frames are read when they are drawn."""
    path = existing_folder(folder)
    frames = np.load(path / "frames.npy", mmap_mode="r")
    return Pool(frames, np.load(path / "boxes.npy"), np.load(path / "seen.npy"))
