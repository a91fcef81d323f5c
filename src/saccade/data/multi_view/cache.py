"""The frames of a dataset, decoded once and resized, so that a batch is a slice of an array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from saccade.data.multi_view.dataset import MultiViewDataset, Skipped
from saccade.data.multi_view.sequence import Labels


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
    starts: Int[np.ndarray, " s+1"]
    phases: Labels | None
    attributes: Mapping[str, Labels]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.names)

    def frames(self, sequence: int, view: int) -> UInt8[np.ndarray, "n side side 3"]:
        """Pictures of a view of a sequence."""
        return self.views[view][self.starts[sequence] : self.starts[sequence + 1]]

    @classmethod
    def open(cls, dataset: MultiViewDataset, side: int, folder: Path | None = None) -> FrameStore:
        """Decode a dataset, or take what `folder` holds of it from before.

        Args:
            dataset: The sequences.
            side: Rows and columns of the pictures.
            folder: Folder for the decoded pictures, made if need be and replaced where it holds
                those of other files or another size; None keeps them in memory.

        Raises:
            UserInputError: No sequence can be decoded.
            StorageError: The disk refuses.
        """
        sequences = dataset.sequences
        lengths = [len(sequence) for sequence in sequences]
        views = tuple(
            np.concatenate([sequence.frames(view, side) for sequence in sequences])
            for view in range(len(sequences[0].views))
        )
        names = set.intersection(*(set(sequence.labels) for sequence in sequences))
        labels = {
            name: np.concatenate([sequence.labels[name] for sequence in sequences])
            for name in sorted(names)
        }
        return cls(
            tuple(sequence.name for sequence in sequences),
            views,
            np.cumsum([0, *lengths]),
            labels.pop("phase", None),
            labels,
            dataset.skipped,
        )
