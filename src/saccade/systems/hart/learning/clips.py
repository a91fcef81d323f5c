"""What is learnt from: batches of generated clips, in another draw every step.

Of several objects a clip, each is a sequence of its own with the same frames.

Clips are generated a pool at a time, in parallel, and kept on disk as bytes; every step draws
sub-sequences of the current pool, mirrored and reversed in time. Clip i of a run depends on the
run's seed and i alone: neither on the number of processes nor on where a run was stopped.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from saccade.data.tracking.synthetic.sequences import LEAST_SEEN
from saccade.errors import UserInputError
from saccade.storage.folders import existing_folder
from saccade.systems.hart.boxes import to_model
from saccade.systems.hart.config import FitConfig, HartConfig
from saccade.systems.hart.learning.pool import Pool, generate_pool, load_pool
from saccade.training.workers import Workers, as_workers

SEEN_AT_FIRST = 0.5
"""Least share in sight of an object that a sequence starts with: a tracker must be shown it."""


@dataclass(frozen=True)
class ClipBatch:
    """N sequences of T frames.

    Attributes:
        frames: Frames, RGB.
        boxes: Boxes (y, x, h, w) as the model has them; NaN where the target is absent.
        present: Whether the target is in sight, for each frame.
        clips: Indices of the clips in the pool.
        videos: Numbers of the videos; objects of the same number are in the same video; None: each
            in its own.
        gaps: Whether time has passed between the first two frames of each sequence; None: of none.
    """

    frames: UInt8[np.ndarray, "t n 3 h w"]
    boxes: Float32[np.ndarray, "t n 4"]
    present: Bool[np.ndarray, "t n"]
    clips: tuple[int, ...]
    videos: Int64[np.ndarray, " n"] | None = None
    gaps: Bool[np.ndarray, " n"] | None = None


class Drawn(NamedTuple):
    """A sub-sequence of T frames.

    Attributes:
        clip: Index of the clip that it was drawn from.
        frames: Frames, RGB.
        boxes: Boxes of K objects (x, y, w, h) [pixels]; anything where one is absent.
        seen: Share of each object that is in sight.
        has_gap: Whether time has passed between the first two frames.
    """

    clip: int
    frames: UInt8[np.ndarray, "t 3 h w"]
    boxes: Float32[np.ndarray, "t k 4"]
    seen: Float32[np.ndarray, "t k"]
    has_gap: bool = False


def draw_batch(
    pool: Pool, batch: int, length: int, rng: np.random.Generator, gap_share: float = 0.0
) -> ClipBatch:
    """Sub-sequences of random clips, each mirrored and each reversed with probability 1/2.

    Args:
        pool: Pool whose clips are drawn.
        batch: Number of sub-sequences; each gives a sequence for every object that is in sight at
            its start.
        length: Number of frames T of a sequence.
        rng: Generator that chooses.
        gap_share: Share of sequences whose first frame is from any time before the others.

    Raises:
        UserInputError: The clips are shorter than `length`.
    """
    if length > pool.length:
        raise UserInputError(
            f"sequences of {length} frames from clips of {pool.length}; expected at most as many"
        )
    clips = rng.integers(len(pool), size=batch)
    return stack_batch([_sub_sequence(pool, int(clip), length, rng, gap_share) for clip in clips])


def stack_batch(drawn: Sequence[Drawn]) -> ClipBatch:
    """The objects of some sub-sequences: the target of each, and who else is in sight at first.

    Where there is a gap they must be in sight in the second frame as well, to be put there.
    """
    rows = [
        (video, k)
        for video, one in enumerate(drawn)
        for k in range(one.boxes.shape[1])
        if k == 0 or (one.seen[: 1 + one.has_gap, k] >= SEEN_AT_FIRST).all()
    ]
    frames = np.stack([drawn[video].frames for video, _ in rows], axis=1)
    boxes = np.stack([drawn[video].boxes[:, k] for video, k in rows], axis=1)
    seen = np.stack([drawn[video].seen[:, k] for video, k in rows], axis=1)
    present = (seen > LEAST_SEEN) & np.isfinite(boxes).all(axis=-1)
    boxes = np.where(present[..., None], to_model(boxes), np.float32(np.nan))
    clips = tuple(drawn[video].clip for video, _ in rows)
    videos = np.array([video for video, _ in rows])
    gaps = np.array([drawn[video].has_gap for video, _ in rows])
    return ClipBatch(frames, boxes, present, clips, videos, gaps)


def _sub_sequence(
    pool: Pool, clip: int, length: int, rng: np.random.Generator, gap_share: float
) -> Drawn:
    """A sequence in whose first frame the target is, and in the second too if time has passed."""
    backwards, mirrored, has_gap = rng.random(3) < (0.5, 0.5, gap_share)
    order = np.arange(pool.length)
    all_seen = pool.seen[clip].reshape(pool.length, -1)
    clear = all_seen[:, 0] >= SEEN_AT_FIRST
    if backwards and clear[length - 1 :].any():
        order, clear = order[::-1], clear[::-1]
    # A generated clip starts with the whole target in sight.
    starts = np.flatnonzero(clear[: pool.length - length + 1])
    start = int(rng.choice(starts)) if len(starts) else 0
    indices = start + np.arange(length)
    if has_gap:
        before = np.flatnonzero(clear[:start])
        has_gap = len(before) > 0
        indices = np.append(rng.choice(before), indices[:-1]) if has_gap else indices
    indices = order[indices]
    frames = pool.frames[clip, indices]
    boxes = pool.boxes[clip, indices].reshape(length, -1, 4)
    if mirrored:
        frames = frames[..., ::-1]
        boxes[..., 0] = frames.shape[-1] - boxes[..., 0] - boxes[..., 2]
    return Drawn(clip, frames, boxes, all_seen[indices], bool(has_gap))


class ClipPools:
    """The pools of a training, one after the other.

    With two or more workers the next pool is generated while the current one is learnt from.
    Used as a context: at its end, what is still being generated is given up.

    Args:
        folder: Folder that they are kept in: the last two, and the next one while it is made.
        config: The system's settings.
        seed: Seed of the clips.
        workers: Workers, or a number of processes.
        stop: Callback that is asked while clips are generated; once it is true, `pool` raises
            `Stopped`.
    """

    def __init__(
        self,
        folder: Path,
        config: HartConfig,
        seed: int,
        workers: Workers | int,
        stop: Callable[[], bool],
    ) -> None:
        self._folder, self._seed, self._workers = folder, seed, as_workers(workers)
        self._config, self._scene = config.data, config.scene
        self._steps = config.fit.steps + config.finetune.steps
        self._stop, self._closed = stop, False
        self._current: tuple[int, Pool] | None = None
        self._ahead: dict[int, Future[None]] = {}
        self._thread = ThreadPoolExecutor(1, "clips")

    def pool(self, step: int) -> Pool:
        """The pool that gradient step `step` of both stages learns from.

        Raises:
            Stopped: The user asked to while it was generated.
        """
        number = step // self._config.pool_steps
        if self._current is None or self._current[0] != number:
            self._make(number)
            self._current = (number, load_pool(self._pool_folder(number)))
            self._forget(number - 2)
            if self._workers.count > 1 and (number + 1) * self._config.pool_steps < self._steps:
                self._ahead[number + 1] = self._thread.submit(self._generate, number + 1)
        return self._current[1]

    def draw(
        self, settings: FitConfig, step: int, length: int, rng: np.random.Generator
    ) -> ClipBatch:
        """The batch of `length` frames that gradient step `step` learns from; see `pool`."""
        return draw_batch(self.pool(step), settings.batch, length, rng, settings.gap_share)

    def epoch(self, length: int) -> int:
        """Clips that make an epoch of sequences of `length` frames: those of a pool."""
        return self._config.clips

    def _make(self, number: int) -> None:
        ahead = self._ahead.pop(number, None)
        if ahead is not None:
            ahead.result()
        else:
            self._generate(number)

    def _generate(self, number: int) -> None:
        if existing_folder(self._pool_folder(number)).is_dir():
            return
        count = self._config.clips
        clips = range(number * count, (number + 1) * count)
        stop = self._asked
        folder, objects = self._pool_folder(number), self._config.objects
        generate_pool(folder, self._scene, clips, self._seed, self._workers, stop, objects)

    def _asked(self) -> bool:
        return self._closed or self._stop()

    def _forget(self, number: int) -> None:
        """A run that is resumed may need the pool before; older ones are of no more use."""
        shutil.rmtree(self._pool_folder(number), ignore_errors=True)

    def _pool_folder(self, number: int) -> Path:
        return self._folder / f"clips-{number:03d}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed = True
        self._thread.shutdown(wait=True, cancel_futures=True)
