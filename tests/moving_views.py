"""Demonstrations seen from two sides that need no renderer: a square goes right, a bar fills."""

from __future__ import annotations

import numpy as np

from saccade.data.multi_view.cache import FrameStore
from saccade.data.multi_view.dataset import MultiViewDataset
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import ArrayFrames

SIDE = 24


def moving_sequence(index: int, length: int = 20, views: int = 2) -> MultiViewSequence:
    """Sequence `index`: its colours and its background are its own, its course is that of all."""
    rng = np.random.default_rng(index)
    done = np.linspace(0, 1, length) ** rng.uniform(0.7, 1.4)
    sides = []
    for view in range(views):
        ground = rng.integers(60, 120, 3, dtype=np.uint8)
        frames = np.tile(ground, (length, SIDE, SIDE, 1))
        square, bar = rng.integers(160, 256, (2, 3), dtype=np.uint8)
        for frame, share in zip(frames, done, strict=True):
            x = round(share * (SIDE - 6))
            frame[4:10, x : x + 6] = square
            height = round(share * 10)
            frame[SIDE - 2 - height : SIDE - 2, 3 * view + 2 : 3 * view + 6] = bar
        sides.append(ArrayFrames(frames))
    phases = np.minimum((done * 3).astype(np.int64), 2)
    attributes = {"moving": (done > 0.5).astype(np.int64)}
    return MultiViewSequence(f"moving_{index}", tuple(sides), phases, attributes)


def moving_store(count: int, length: int = 20, views: int = 2) -> FrameStore:
    """The frames of the first sequences."""
    sequences = tuple(moving_sequence(i, length, views) for i in range(count))
    return FrameStore.open(MultiViewDataset(sequences), SIDE)
