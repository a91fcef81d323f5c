"""Clips of a dataset that the user has: KITTI and KTH, by their published protocols.

Nothing is copied: a step reads the frames that it draws. Where a protocol speaks of passes over all
clips, clips are drawn at random here, and as many of them as there are make an epoch: so a stopped
run needs to know no more than its generator to go on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from saccade.data.tracking import kitti_protocol
from saccade.data.tracking.kitti import scan_kitti_videos
from saccade.data.tracking.kitti_protocol import chunks, split_frames
from saccade.data.tracking.kth import scan_kth
from saccade.data.tracking.kth_protocol import (
    MIN_LENGTH,
    leave_one_subject_out,
    random_clip,
)
from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence, runs
from saccade.data.tracking.transforms import augment, resize
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, attempt, divide, nothing_left
from saccade.systems.hart.config import DataConfig, FitConfig
from saccade.systems.hart.learning.clips import ClipBatch, Drawn, stack_batch

T = TypeVar("T")
EXPECTED = {
    "kitti": "the KITTI tracking set (image_02 and label_02, or training with both in it), "
    "published at https://www.cvlibs.net/datasets/kitti/eval_tracking.php",
    "kth": "the KTH actions (jogging, running and walking as folders of videos, or frames), "
    "published at https://www.csc.kth.se/cvap/actions, with KTHBoundingBoxInfo.txt beside them, "
    "published at http://www.umiacs.umd.edu/~zhuolin/PrototypeTree/KTHBoundingBoxInfo.txt",
}


def check_folder(config: DataConfig) -> None:
    """Refuse a source of clips that is not there.

    Raises:
        UserInputError: There is no such folder; the message says what is expected and where it is
            published.
    """
    if config.source == "synthetic":
        if config.folder:
            raise UserInputError(
                f"data.folder is {config.folder} with data.source synthetic, which is generated; "
                f"expected data.source {' or '.join(EXPECTED)}"
            )
    elif not config.folder or not Path(config.folder).is_dir():
        given = f"{config.folder}, which is no folder" if config.folder else "not given"
        raise UserInputError(
            f"data.folder is {given}; expected --data.folder DIR with {EXPECTED[config.source]} "
            "(--data.source synthetic generates clips instead)"
        )


class FolderClips(ABC):
    """Clips of one object each, drawn from the sequences of a folder.

    A context as `ClipPools` is; here there is nothing to give up at its end.

    Args:
        config: Settings that say the size of the frames.
        longest: Number of frames of the longest clips that will be asked for.
        left_out: Sequences of the folder that cannot be used.

    Raises:
        UserInputError: No clip is that long.
    """

    def __init__(self, config: DataConfig, longest: int, left_out: Sequence[LeftOut] = ()) -> None:
        self._config, self.left_out = config, left_out
        self._known: tuple[int, list[TrackingSequence]] | None = None
        if not self._candidates(longest):
            raise UserInputError(
                f"{config.folder} holds no object for {longest} frames on end to learn from; "
                "expected a longer video, or a smaller fit.length-end"
            )

    def draw(
        self, settings: FitConfig, step: int, length: int, rng: np.random.Generator
    ) -> ClipBatch:
        """A batch for a stage of the curriculum whose sequences have `length` frames.

        Raises:
            DamagedFileError: A frame cannot be read.
        """
        frames = self._length(length, rng)
        numbers = rng.integers(len(self.candidates(frames)), size=settings.batch)
        return stack_batch([self._read(int(number), frames, rng) for number in numbers])

    def epoch(self, length: int) -> int:
        """Clips that make an epoch of sequences of `length` frames."""
        return len(self.candidates(self._shortest(length)))

    def candidates(self, frames: int) -> list[TrackingSequence]:
        """What clips of that many frames are drawn from."""
        if self._known is None or self._known[0] != frames:
            self._known = frames, self._candidates(frames)
        return self._known[1]

    @abstractmethod
    def _candidates(self, frames: int) -> list[TrackingSequence]:
        """See `candidates`."""

    @abstractmethod
    def _clip(
        self, candidate: TrackingSequence, frames: int, rng: np.random.Generator
    ) -> TrackingSequence:
        """A clip of one of the candidates, as the protocol has it."""

    def _shortest(self, length: int) -> int:
        """Frames of the shortest clips of a stage of the curriculum."""
        return length

    def _length(self, length: int, rng: np.random.Generator) -> int:
        """Frames of the clips of one batch in that stage."""
        return int(rng.integers(self._shortest(length), length, endpoint=True))

    def _read(self, number: int, frames: int, rng: np.random.Generator) -> Drawn:
        clip = self._clip(self.candidates(frames)[number], frames, rng)
        pixels = np.stack([clip.frame(index).transpose(2, 0, 1) for index in range(frames)])
        return Drawn(number, pixels, clip.boxes[:, None], np.ones((frames, 1), np.float32))

    def _sized(self, clip: TrackingSequence) -> TrackingSequence:
        size = (self._config.width, self._config.height)
        return clip if clip.size == size else resize(clip, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return


class KittiClips(FolderClips):
    """The first 80 % of each video, cut to chunks of T frames that overlap by half, each mirrored
    and each reversed in time with probability 1/2.

    Args:
        videos: Videos as `read_kitti_videos` filters them.
        config: See `FolderClips`.
        longest: See `FolderClips`.
        left_out: See `FolderClips`; a video that is too short to be split is left out as well.
    """

    def __init__(
        self,
        videos: Iterable[MultiObjectSequence],
        config: DataConfig,
        longest: int,
        left_out: Sequence[LeftOut] = (),
    ) -> None:
        parts, short = divide(attempt(one.name, partial(split_frames, one)) for one in videos)
        self._parts = [train for train, _ in parts]
        super().__init__(config, longest, [*left_out, *short])

    def _candidates(self, frames: int) -> list[TrackingSequence]:
        return [chunk for part in self._parts for chunk in chunks(part, frames)]

    def _clip(
        self, candidate: TrackingSequence, frames: int, rng: np.random.Generator
    ) -> TrackingSequence:
        return augment(self._sized(candidate), rng)

    def _sized(self, clip: TrackingSequence) -> TrackingSequence:
        published = (self._config.width, self._config.height) == kitti_protocol.IMAGE_SIZE
        return kitti_protocol.downscale(clip) if published else super()._sized(clip)


class KthClips(FolderClips):
    """Clips of 5 to T frames of all subjects but two: one is the test, another, drawn by chance,
    would choose the model. All clips of a batch have the same length.

    Args:
        sequences: Sequences as `read_kth` reads them.
        config: Settings that say whose sequences are the test; see also `FolderClips`.
        longest: See `FolderClips`.
        seed: Seed that draws the subject for validation.
        left_out: See `FolderClips`.
    """

    def __init__(
        self,
        sequences: Sequence[TrackingSequence],
        config: DataConfig,
        longest: int,
        seed: int,
        left_out: Sequence[LeftOut] = (),
    ) -> None:
        rng = np.random.default_rng(seed)
        split = leave_one_subject_out(sequences, config.test_subject, rng)
        self._runs = [one.clip(*run) for one in split.train for run in runs(one.present)]
        super().__init__(config, longest, left_out)

    def _candidates(self, frames: int) -> list[TrackingSequence]:
        return [run for run in self._runs if len(run) >= frames]

    def _clip(
        self, candidate: TrackingSequence, frames: int, rng: np.random.Generator
    ) -> TrackingSequence:
        return self._sized(random_clip(candidate, frames, rng, frames))

    def _shortest(self, length: int) -> int:
        return min(MIN_LENGTH, length)


def read_clips(config: DataConfig, longest: int, seed: int) -> FolderClips:
    """The clips of `config.folder`, which is in the format `config.source`.

    Raises:
        UserInputError: There is no such folder, or it holds nothing of the kind.
        DamagedFileError: The folder's content is incomplete or malformed.
    """
    check_folder(config)
    folder = Path(config.folder)
    if config.source == "kitti":
        videos, left_out = _usable(scan_kitti_videos(folder), "video")
        return KittiClips(videos, config, longest, left_out)
    sequences, left_out = _usable(scan_kth(folder), "sequence")
    return KthClips(sequences, config, longest, seed, left_out)


def _usable(found: Iterable[T | LeftOut], noun: str) -> tuple[list[T], list[LeftOut]]:
    used, left_out = divide(found)
    if left_out and not used:
        raise nothing_left(left_out, noun)
    return used, left_out
