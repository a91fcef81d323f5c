"""Pictures of primitives on disk, a file a scene, drawn by workers and read as memory maps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor

from saccade.storage.array_files import ArraySpec, read_npz
from saccade.storage.files import make_folder, whole_file
from saccade.systems.smak.pretext.config import PretextConfig
from saccade.training.fit import Stopped
from saccade.training.progress import progress
from saccade.training.workers import Workers, map_episodes
from saccade.worlds.primitives.bodies import KINDS
from saccade.worlds.primitives.pictures import (
    PICTURES_A_SCENE,
    Labelled,
    PrimitivesConfig,
    draw_scene,
)


class Targets(NamedTuple):
    """Labels of a batch as tensors; see `Labelled`."""

    kinds: Int64[Tensor, "n h w"]
    depths: Float32[Tensor, "n h w"]
    axes: Float32[Tensor, "n h w 6"]
    offsets: Float32[Tensor, "n h w 2"]
    colours: Float32[Tensor, "n h w 3"]


class PicturePool:
    """All pictures of a pretext, in memory.

    Args:
        scenes: Their scenes.
    """

    def __init__(self, scenes: list[Labelled]) -> None:
        self._pictures = np.concatenate([scene.pictures for scene in scenes])
        self._labels = {
            name: np.concatenate([getattr(scene, name) for scene in scenes])
            for name in Targets._fields
        }

    def __len__(self) -> int:
        return len(self._pictures)

    def take(self, rows: Int64[np.ndarray, " n"]) -> tuple[UInt8[np.ndarray, "n s s 3"], Targets]:
        """Some pictures and their labels."""
        kinds = torch.from_numpy(self._labels["kinds"][rows].astype(np.int64))
        others = (
            torch.from_numpy(self._labels[name][rows].astype(np.float32))
            for name in Targets._fields[1:]
        )
        return self._pictures[rows], Targets(kinds, *others)


def open_pictures(
    folder: Path,
    config: PretextConfig,
    primitives: PrimitivesConfig,
    seed: int,
    workers: Workers | int,
    stop: Callable[[], bool],
) -> PicturePool:
    """Draw what is not there yet, then read all.

    Args:
        folder: Folder of the scenes, a file each.
        config: Number of pictures.
        primitives: What they are of, and their size.
        seed: Seed of the scenes.
        workers: Who draws them; the pictures are the same whatever their number.
        stop: Callback that is asked while they are drawn; once it is true, `Stopped` is raised.

    Raises:
        Stopped: The user asked to; the scenes that are done are kept.
        StorageError: The disk refuses.
    """
    files = [folder / f"scene_{number:05d}.npz" for number in range(config.scenes)]
    missing = [number for number, file in enumerate(files) if not file.exists()]
    draw = partial(_draw, primitives, seed)
    with progress(total=len(files), description="pictures of primitives") as bar:
        bar.update(len(files) - len(missing))
        drawn = map_episodes(draw, missing, workers, stop=stop)
        for number, scene in zip(missing, drawn, strict=False):
            _write(files[number], scene)
            bar.update(1)
    if stop():
        raise Stopped
    return PicturePool([_read(file, primitives) for file in files])


def _draw(primitives: PrimitivesConfig, seed: int, _: None, number: int) -> Labelled:
    return draw_scene(primitives, seed, number)


def _write(file: Path, scene: Labelled) -> None:
    make_folder(file.parent)
    with whole_file(file) as written:
        np.savez(written, **{name: getattr(scene, name) for name in _NAMES})


def _read(file: Path, primitives: PrimitivesConfig) -> Labelled:
    n, side = PICTURES_A_SCENE, primitives.size
    cells = side // primitives.cell
    specs = {
        "pictures": ArraySpec("uint8", f"{n} {side} {side} 3"),
        "kinds": ArraySpec("uint8", f"{n} {cells} {cells}", high=len(KINDS) - 1),
        "depths": ArraySpec("float16", f"{n} {cells} {cells}"),
        "axes": ArraySpec("float16", f"{n} {cells} {cells} 6"),
        "offsets": ArraySpec("float16", f"{n} {cells} {cells} 2"),
        "colours": ArraySpec("float16", f"{n} {cells} {cells} 3"),
    }
    return Labelled(**read_npz(file, specs, {}))


_NAMES = ("pictures", *Targets._fields)
