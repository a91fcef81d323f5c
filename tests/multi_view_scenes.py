"""Small multi-view sequences: a square that moves over a textured ground, seen from all sides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import ArrayFrames, Frames

FRAMES, SIDE = 6, 32
ATTRIBUTES = ("contact", "within_distance", "liquid_flowing", "has_liquid", "container_angle")


def pictures(n: int = FRAMES, view: int = 0, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """A bright square of 8 pixels that moves right, or down where the view is odd."""
    rows, cols = np.mgrid[:height, :width]
    images = np.empty((n, height, width, 3), np.uint8)
    images[:] = np.stack([80 + rows, 60 + cols, np.full_like(rows, 40 * view)], axis=-1) % 128
    for t in range(n):
        row, col = (t, 4) if view % 2 else (4, t)
        images[t, row : row + 8, col : col + 8] = (250, 200 - 30 * view, 10 * t % 256)
    return images


def a_sequence(name: str = "pour_0", n: int = FRAMES, views: int = 2) -> MultiViewSequence:
    attributes = {key: (np.arange(n) + k) % 2 for k, key in enumerate(ATTRIBUTES)}
    frames: tuple[Frames, ...] = tuple(ArrayFrames(pictures(n, view)) for view in range(views))
    return MultiViewSequence(name, frames, np.arange(n) // 2, attributes)


def with_view(sequence: MultiViewSequence, view: int, images: np.ndarray) -> MultiViewSequence:
    """The sequence with other pictures in a view."""
    views = list(sequence.views)
    views[view] = ArrayFrames(images)
    return replace(sequence, views=tuple(views))


def assert_same(read: MultiViewSequence, made: MultiViewSequence, within: float) -> None:
    """Names and labels are equal, pictures differ by `within` on average."""
    assert (read.name, len(read), len(read.views)) == (made.name, len(made), len(made.views))
    assert read.labels.keys() == made.labels.keys()
    for name, labels in made.labels.items():
        np.testing.assert_array_equal(read.labels[name], labels, err_msg=name)
    for view in range(len(made.views)):
        difference = read.frames(view).astype(float) - made.frames(view)
        assert np.abs(difference).mean() < within


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
