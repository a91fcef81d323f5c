"""A pool: generated clips on disk, as bytes, frames read when they are drawn."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32, UInt8

from saccade.data.tracking.synthetic import SyntheticConfig
from saccade.errors import DamagedFileError
from saccade.storage.array_files import ArraySpec, read_npy
from saccade.storage.folders import atomic_folder, existing_folder
from saccade.systems.hart.config import MOST_POOL_BYTES
from saccade.systems.hart.learning.clip_job import make_clip
from saccade.training.fit import Stopped
from saccade.training.progress import progress
from saccade.training.workers import Workers, map_episodes


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
    workers: Workers | int,
    stop: Callable[[], bool],
    objects: int = 1,
) -> None:
    """Write clips with the first of their objects to a folder, which appears when it is complete.

    Raises:
        Stopped: `stop` said so; nothing is left.
        StorageError: The disk refuses, mostly before the first clip; nothing is left.
    """
    shape = (len(clips), config.frames, 3, config.height, config.width)
    make = partial(make_clip, seed=seed, config=config)
    seen = np.zeros((*shape[:2], objects), np.float32)
    boxes = np.zeros((*seen.shape, 4), np.float32)
    with atomic_folder(folder) as temporary:
        done = 0
        with (
            _array_file(temporary / "frames.npy", shape) as file,
            progress(total=len(clips), description="generating clips") as bar,
        ):
            for clip in map_episodes(make, clips, workers, stop=stop):
                file.write(clip.frames.transpose(0, 3, 1, 2).tobytes())
                boxes[done], seen[done] = clip.boxes[:, :objects], clip.visible[:, :objects]
                done += 1
                bar.update(1)
        if done < len(clips):
            raise Stopped
        # The target alone has no axis of objects.
        np.save(temporary / "boxes.npy", boxes if objects > 1 else boxes[:, :, 0])
        np.save(temporary / "seen.npy", seen if objects > 1 else seen[:, :, 0])


def load_pool(folder: Path) -> Pool:
    """Clips that were written by `generate_pool`; frames are read when they are drawn.

    Raises:
        DamagedFileError: A file is missing or no array.
    """
    path, sizes = existing_folder(folder), {}
    try:
        boxes = read_npy(path / "boxes.npy")
        objects = "k " * (boxes.ndim == 4)
        found = []
        for name, spec in _specs(objects).items():
            array = read_npy(
                path / f"{name}.npy", MOST_POOL_BYTES, "r" if name == "frames" else None
            )
            spec.check_header(array.shape, array.dtype, sizes)
            if name != "frames":
                spec.check_values(array)
            found.append(array)
        return Pool(*found)
    except (DamagedFileError, ValueError) as error:
        raise DamagedFileError(
            f"{path} is damaged ({error}); remove it and it is generated again"
        ) from error


def _specs(objects: str) -> dict[str, ArraySpec]:
    """What a pool's files hold."""
    most = 1e6
    return {
        "frames": ArraySpec("uint8", "n l 3 h w"),
        "boxes": ArraySpec("float32", f"n l {objects}4", -most, most, may_be_nan=True),
        "seen": ArraySpec("float32", f"n l {objects}".strip(), 0, 1),
    }


@contextmanager
def _array_file(path: Path, shape: tuple[int, ...]) -> Iterator[BinaryIO]:
    """A .npy file of bytes whose header is written and whose blocks on the disk are its own.

    A memory map would die of SIGBUS where the disk is full.
    """
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.flush()
        os.posix_fallocate(file.fileno(), 0, file.tell() + math.prod(shape))
        yield file
