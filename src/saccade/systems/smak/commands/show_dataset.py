"""What `saccade show` says of a dataset: how many sequences, how long, and how they look."""

from __future__ import annotations

from pathlib import Path

from saccade.data.multi_view.dataset import open_multi_view
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.left_out import LISTED
from saccade.systems.smak.pictures.attention import Rgb, grid, scaled
from saccade.systems.smak.pictures.neighbours import TILE, even_moments
from saccade.viewing.images import save_png
from saccade.wording import counted

SHOWN, MOMENTS = 4, 8
"""Sequences that are drawn, and frames of each."""


def show_dataset(folder: Path, out: Path) -> list[Path]:
    """Print what a dataset holds, write the frames of its first sequences.

    Raises:
        UserInputError: It has nothing that can be used.
    """
    dataset = open_multi_view(folder)
    sequences = dataset.sequences
    lengths = [len(sequence) for sequence in sequences]
    views = len(sequences[0].views)
    print(f"dataset {folder}: {counted(len(sequences), 'sequence')}, {counted(views, 'view')}")
    print(f"{min(lengths)} to {max(lengths)} frames each, {sum(lengths):,} in all")
    labels = sorted(set.intersection(*(set(one.labels) for one in sequences)))
    print(f"labels: {', '.join(labels) or 'none'}")
    for one in dataset.skipped[:LISTED]:
        print(f"left out: {one.name}: {one.reason}")
    written = []
    for sequence in sequences[:SHOWN]:
        path = out / f"{sequence.name.replace('/', '_')}.png"
        save_png(path, sequence_sheet(sequence))
        written.append(path)
    return written


def sequence_sheet(sequence: MultiViewSequence) -> Rgb:
    """Frames of a sequence at even times, a row a view."""
    moments = even_moments(len(sequence), MOMENTS)
    rows = [[scaled(view.read(int(t)), TILE) for t in moments] for view in sequence.views]
    phases = sequence.phases
    captions = [
        f"frame {t}" + (f", phase {phases[t]}" if phases is not None else "") for t in moments
    ]
    return grid(rows, [f"view {number}" for number in range(len(rows))], captions)
