"""The frames of a dataset, decoded once and resized, so that a batch is a slice of an array.

store = FrameStore.open(open_multi_view("pouring"), side=96, folder=Path("run/frames"))
first, last = store.starts[3], store.starts[4]
anchors, positives = store.views[0][first:last], store.views[1][first:last]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from saccade.checks import MOST_UNITS
from saccade.data.multi_view.dataset import MultiViewDataset
from saccade.data.multi_view.decoded import Decoded, Progress, decode, read_decoded, write_decoded
from saccade.data.multi_view.sequence import Labels, MultiViewSequence
from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, nothing_left


@dataclass(frozen=True, eq=False)
class FrameStore:
    """N frames of S sequences, one sequence after the other, seen from V sides.

    Attributes:
        names: Names of the sequences (S).
        views: Pictures of each view, uint8 RGB (N, side, side, 3); in memory, or in a file that is
            mapped to memory and cannot be written to.
        starts: Frames that the sequences begin with, and N at the end (S + 1).
        phases: Phase of each frame (N,), where all sequences have them.
        attributes: Class of each frame (N,) by name, of the attributes that all sequences have.
        skipped: What is not in the store: of the dataset, and sequences that showed to be damaged
            when they were decoded.
    """

    names: tuple[str, ...]
    views: tuple[UInt8[np.ndarray, "n side side 3"], ...]
    starts: Int[np.ndarray, " starts"]
    phases: Labels | None
    attributes: Mapping[str, Labels]
    skipped: tuple[LeftOut, ...] = ()

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.names)

    def frames(self, sequence: int, view: int) -> UInt8[np.ndarray, "n side side 3"]:
        """Pictures of a view of a sequence."""
        return self.views[view][self.starts[sequence] : self.starts[sequence + 1]]

    @classmethod
    def open(
        cls,
        dataset: MultiViewDataset,
        side: int,
        folder: Path | None = None,
        progress: Progress = iter,
    ) -> FrameStore:
        """Decode a dataset, or take what `folder` holds of it from before.

        Args:
            dataset: The sequences.
            side: Rows and columns of the pictures.
            folder: Folder for the decoded pictures, made if need be and replaced where it holds
                those of other files or another size; None keeps them in memory.
            progress: Shows how far decoding is; it is given the sequences and yields them.

        Raises:
            UserInputError: No sequence can be decoded, or the folder holds something else.
            StorageError: The disk refuses.
        """
        if not 1 <= side <= MOST_UNITS:
            raise UserInputError(f"side is {side}; expected 1 to {MOST_UNITS:,} pixels")
        sequences = dataset.sequences
        if not sequences:
            raise nothing_left(dataset.skipped, "sequence")
        if folder is None:
            decoded = decode(sequences, side, progress)
        else:
            decoded = _kept(folder, dataset, side, progress)
        skipped = (*dataset.skipped, *decoded.skipped)
        if not decoded.kept:
            raise nothing_left(skipped, "sequence")
        return cls._of([sequences[number] for number in decoded.kept], decoded, skipped)

    @classmethod
    def _of(
        cls, sequences: Sequence[MultiViewSequence], decoded: Decoded, skipped: tuple[LeftOut, ...]
    ) -> FrameStore:
        shared = set.intersection(*(set(sequence.labels) for sequence in sequences))
        labels = {
            name: np.concatenate([sequence.labels[name] for sequence in sequences])
            for name in sequences[0].labels
            if name in shared
        }
        names = tuple(sequence.name for sequence in sequences)
        starts = np.cumsum([0, *map(len, sequences)])
        return cls(names, decoded.views, starts, labels.pop("phase", None), labels, skipped)


def _kept(folder: Path, dataset: MultiViewDataset, side: int, progress: Progress) -> Decoded:
    """What the folder holds, after it was made to hold the frames of the dataset."""
    sequences, digest = dataset.sequences, _digest(dataset, side)
    lengths = [len(sequence) for sequence in sequences]
    if digest and folder.is_dir():
        try:
            found = read_decoded(folder, digest, lengths, side)
        except DamagedFileError:  # they are made anew
            found = None
        if found is not None and len(found.views) == len(sequences[0].views):
            return found
    write_decoded(folder, digest, sequences, side, progress)
    written = read_decoded(folder, digest, lengths, side)
    assert written is not None
    return written


def _digest(dataset: MultiViewDataset, side: int) -> str:
    """What the frames depend on; "" where that cannot be told."""
    if not dataset.fingerprint:
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for line in _facts(dataset, side):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def _facts(dataset: MultiViewDataset, side: int) -> Iterator[str]:
    yield dataset.fingerprint
    yield str(side)
    for sequence in dataset.sequences:
        yield f"{sequence.name}\0{len(sequence)}\0{len(sequence.views)}"
