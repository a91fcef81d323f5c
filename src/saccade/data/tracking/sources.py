"""What a tracker is evaluated on: generated clips, or a dataset in one of the known formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from saccade.data.tracking.formats import scan_sequences
from saccade.data.tracking.kitti import scan_kitti_videos
from saccade.data.tracking.kitti_protocol import TEST_LENGTH, chunks, downscale, split_frames
from saccade.data.tracking.kth import scan_kth
from saccade.data.tracking.kth_protocol import sequences_of
from saccade.data.tracking.sequence import MultiObjectSequence, TrackingSequence, require_truth
from saccade.data.tracking.synthetic.config import Split, SyntheticConfig
from saccade.data.tracking.synthetic.sequences import SyntheticSequences
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, attempt, divide, nothing_left

RealFormat = Literal[
    "otb", "kitti", "kitti-test", "got10k", "mot", "vot", "tld", "kth", "kth-test", "uav123"
]
Format = Literal["synthetic"] | RealFormat
SEQUENCES, FRAMES = 200, 60
"""Number of clips in the generated test set, and of frames in each, by default."""


class Opened(NamedTuple):
    """The sequences of an evaluation, and those that cannot be used."""

    sequences: Sequence[TrackingSequence]
    left_out: list[LeftOut]


@dataclass(frozen=True)
class SequenceSource:
    """The sequences of an evaluation.

    Attributes:
        format: Format of `data`, or "synthetic" without it; "kitti-test" is the paper's test: the
            last fifth of each video, chunks of 60 frames, pictures of 621 x 187; "kth-test" has the
            sequences of one subject, whom training left out.
        data: Folder of the dataset; None for generated clips.
        seed: Seed of generated clips.
        sequences: Number of sequences, from the first on; None: all, or 200 generated ones.
        frames: Frames of each that are followed, from the object's first one; None: all, or 60 of
            generated ones.
        height: Height of generated frames [pixels].
        width: Width of generated frames [pixels].
        split: Split whose photographs generated clips show.
        subject: Subject of format "kth-test", as `data.test_subject` of a training; "": the last
            one.

    Raises:
        UserInputError: A value is out of its range, or `data` is missing or of no use.
    """

    format: Format = "synthetic"
    data: Path | None = None
    seed: int = 0
    sequences: int | None = None
    frames: int | None = None
    height: int = 120
    width: int = 160
    split: Split = "test"
    subject: str = ""

    def __post_init__(self) -> None:
        for name, least in {"sequences": 1, "frames": 2, "seed": 0}.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise UserInputError(f"--{name} is {value}; expected {least} or more")
        if self.subject and self.format != "kth-test":
            raise UserInputError(
                f"--subject {self.subject} was given with --format {self.format}; expected kth-test"
            )
        if self.format == "synthetic" and self.data is not None:
            raise UserInputError(
                f"--data {self.data} was given with --format synthetic, which is generated; "
                "expected the format that it is in"
            )
        if self.format != "synthetic" and self.data is None:
            raise UserInputError(f"--data is missing; expected the folder of {self.format} data")

    def open(self) -> Opened:
        """The sequences; frames are read, and clips generated, when they are asked for.

        Left out is what cannot be read, and what has no box but the one that a tracker is given.

        Raises:
            UserInputError: The folder holds nothing in this format.
            DamagedFileError: All that it holds is incomplete or malformed.
        """
        opened = self._open()
        if not opened.sequences:
            raise nothing_left(opened.left_out, "sequence")
        return opened

    def _open(self) -> Opened:
        """The sequences as `open` gives them, though all may be left out.

        Raises:
            UserInputError: The folder holds nothing in this format.
        """
        if self.data is None:
            generated = SyntheticSequences(self.seed, self.sequences or SEQUENCES, self.synthetic)
            return Opened(generated, [])
        found = _scan(self.format, self.data, self.subject)
        opened = Opened(*divide(_first(self.sequences, (self._usable(one) for one in found))))
        if not (opened.sequences or opened.left_out):
            raise _nothing(self)
        return opened

    def _usable(self, one: TrackingSequence | LeftOut) -> TrackingSequence | LeftOut:
        return one if isinstance(one, LeftOut) else attempt(one.name, partial(self._cut, one))

    def _cut(self, sequence: TrackingSequence) -> TrackingSequence:
        """The frames of a sequence that are followed."""
        require_truth(sequence)
        if self.frames is None:
            return sequence
        stop = min(sequence.start + self.frames, len(sequence))
        cut = replace(sequence.clip(sequence.start, stop), name=sequence.name)
        require_truth(cut)
        return cut

    def describe(self) -> dict[str, Any]:
        """The facts of the source that results carry."""
        if self.data is None:
            facts = {"seed": self.seed, "split": self.split, "frames": self.frames or FRAMES}
            return {"format": self.format, **facts, "height": self.height, "width": self.width}
        facts = {"format": self.format, "data": str(self.data), "frames": self.frames}
        return facts | ({"subject": self.subject} if self.subject else {})

    @property
    def synthetic(self) -> SyntheticConfig:
        """The settings of generated clips."""
        frames = self.frames or FRAMES
        return SyntheticConfig(
            height=self.height, width=self.width, frames=frames, split=self.split
        )


def _scan(form: Format, folder: Path, subject: str) -> Iterator[TrackingSequence | LeftOut]:
    if form == "kth-test":
        used, left_out = divide(scan_kth(folder))
        if not used:
            raise nothing_left(left_out, "sequence")
        yield from [*left_out, *sequences_of(used, subject)]
    elif form == "kitti-test":
        for video in scan_kitti_videos(folder):
            pieces = (
                video if isinstance(video, LeftOut) else attempt(video.name, partial(_test, video))
            )
            yield from [pieces] if isinstance(pieces, LeftOut) else pieces
    else:
        yield from scan_sequences(form, folder)


def _test(video: MultiObjectSequence) -> list[TrackingSequence]:
    """The paper's test on a KITTI video."""
    pieces = chunks(split_frames(video)[1], TEST_LENGTH, complete=False)
    return [downscale(piece) for piece in pieces]


def _first(
    count: int | None, found: Iterator[TrackingSequence | LeftOut]
) -> Iterator[TrackingSequence | LeftOut]:
    """The first `count` sequences, and what was left out until then; all, if None."""
    used = 0
    for one in found:
        yield one
        used += not isinstance(one, LeftOut)
        if used == count:
            return


def _nothing(source: SequenceSource) -> UserInputError:
    if source.format == "kitti-test":
        return UserInputError(
            f"the last fifth of each video in {source.data} shows no object in two frames on end; "
            "expected KITTI's tracking set"
        )
    return UserInputError(f"{source.data} has no object; expected {source.format} data with boxes")


def open_together(sources: Sequence[SequenceSource]) -> Opened:
    """The sequences of some sources as one; names that two have get their folder's in front.

    Raises:
        UserInputError: A folder is named twice, or holds nothing in its format.
        DamagedFileError: All that they hold is incomplete or malformed.
    """
    if len(sources) == 1:
        return sources[0].open()
    folders = [source.data for source in sources]
    twice = next((folder for folder in folders if folders.count(folder) > 1), None)
    if twice is not None:
        raise UserInputError(f"--data names {twice} twice; expected every folder once")
    opened = [(source.data, source._open()) for source in sources]
    count = Counter(one.name for _, each in opened for part in each for one in part)
    sequences: list[TrackingSequence] = []
    left_out: list[LeftOut] = []
    for folder, each in opened:
        names = {name: name if n == 1 else f"{folder}/{name}" for name, n in count.items()}
        sequences += [replace(one, name=names[one.name]) for one in each.sequences]
        left_out += [replace(one, name=names[one.name]) for one in each.left_out]
    if not sequences:
        raise nothing_left(left_out, "sequence")
    return Opened(sequences, left_out)


def describe_together(sources: Sequence[SequenceSource]) -> dict[str, Any]:
    """The facts of some sources that results carry: of several, "data" and "format" are lists."""
    if len(sources) == 1:
        return sources[0].describe()
    lists = {"format": [one.format for one in sources], "data": [str(one.data) for one in sources]}
    return sources[0].describe() | lists
