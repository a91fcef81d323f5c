"""What `saccade show` says of weights: where they look, and what they take for alike."""

from __future__ import annotations

from pathlib import Path

from saccade.systems.smak.evaluate import Embedded, TestSource, embed_sequence
from saccade.systems.smak.pictures.sheets import attention_of, neighbours_of
from saccade.systems.smak.pictures.trajectories import trajectory_figure
from saccade.systems.smak.weights import load
from saccade.viewing.images import save_png
from saccade.viewing.plots import figure_png

SHOWN = 3
"""Sequences that are shown."""


def show_weights(folder: Path, out: Path, data: str, seed: int) -> list[Path]:
    """Write attention maps, nearest neighbours and paths of some unseen sequences.

    Raises:
        DamagedFileError: The weights are damaged.
        UserInputError: There is nothing to show them.
    """
    embedder = load(folder)
    source = TestSource(data or "pouring", SHOWN, seed, embedder.config.pouring)
    sequences = list(source.sequences(1, lambda: False))
    embedded: list[Embedded] = [embed_sequence(embedder, one, True) for one in sequences]
    for one in embedded:
        print(f"{one.name}: alignment error {one.alignment_error:.1%}")
    written = []
    for number, one in enumerate(embedded):
        path = out / f"attention_{number}.png"
        save_png(path, attention_of(embedder, one))
        written.append(path)
    pictures = {
        "neighbours.png": neighbours_of(embedded[0], embedded[1:]),
        "trajectories.png": figure_png(trajectory_figure(embedded)),
    }
    for name, picture in pictures.items():
        save_png(out / name, picture)
        written.append(out / name)
    return written
