"""What a tracker is evaluated on: generated clips, or a dataset in one of the known formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from saccade.data.tracking.formats import read_sequences
from saccade.data.tracking.kitti import read_kitti_videos
from saccade.data.tracking.kitti_protocol import TEST_LENGTH, chunks, downscale, split_frames
from saccade.data.tracking.kth import read_kth
from saccade.data.tracking.kth_protocol import sequences_of
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.synthetic.config import Split, SyntheticConfig
from saccade.data.tracking.synthetic.sequences import SyntheticSequences
from saccade.errors import UserInputError

RealFormat = Literal["otb", "kitti", "kitti-test", "got10k", "mot", "vot", "tld", "kth", "kth-test"]
Format = Literal["synthetic"] | RealFormat
SEQUENCES, FRAMES = 200, 60
"""Size of the generated test set, where nothing else is said."""


@dataclass(frozen=True)
class SequenceSource:
    """The sequences of an evaluation.

    Attributes:
        format: "synthetic", or how `data` is written; "kitti-test" is the paper's test: the last
            fifth of each video, chunks of 60 frames, pictures of 621 x 187; "kth-test" has the
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

    def open(self) -> Sequence[TrackingSequence]:
        """The sequences; frames are read, and clips generated, when they are asked for.

        Raises:
            UserInputError: The folder holds nothing in this format.
            DamagedFileError: What it holds is incomplete or malformed.
        """
        if self.data is None:
            return SyntheticSequences(self.seed, self.sequences or SEQUENCES, self.synthetic)
        every = _read(self.format, self.data, self.subject)[: self.sequences]
        return [_cut(one, self.frames) for one in every] if self.frames else every

    def describe(self) -> dict[str, Any]:
        """What results say of it."""
        if self.data is None:
            facts = {"seed": self.seed, "split": self.split, "frames": self.frames or FRAMES}
            return {"format": self.format, **facts, "height": self.height, "width": self.width}
        facts = {"format": self.format, "data": str(self.data), "frames": self.frames}
        return facts | ({"subject": self.subject} if self.subject else {})

    @property
    def synthetic(self) -> SyntheticConfig:
        """What generated clips show."""
        frames = self.frames or FRAMES
        return SyntheticConfig(
            height=self.height, width=self.width, frames=frames, split=self.split
        )


def _read(form: Format, folder: Path, subject: str) -> list[TrackingSequence]:
    if form == "kth-test":
        return sequences_of(read_kth(folder), subject)
    if form != "kitti-test":
        return read_sequences(form, folder)
    found = [
        downscale(chunk)
        for video in read_kitti_videos(folder)
        for chunk in chunks(split_frames(video)[1], TEST_LENGTH, complete=False)
    ]
    if not found:
        raise UserInputError(
            f"the last fifth of each video in {folder} shows no object in two frames on end; "
            "expected KITTI's tracking set"
        )
    return found


def _cut(sequence: TrackingSequence, frames: int) -> TrackingSequence:
    stop = min(sequence.start + frames, len(sequence))
    return replace(sequence.clip(sequence.start, stop), name=sequence.name)
