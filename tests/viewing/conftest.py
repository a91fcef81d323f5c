"""One block on a table, with a mask and Q values whose best action is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest


@dataclass(frozen=True)
class Scene:
    heightmap: np.ndarray
    """(60, 80) metres: a block 50 mm high in rows 20-39, columns 30-49."""
    mask: np.ndarray
    """(16, 60, 80) bool: direction 0 left of the block, direction 4 above it."""
    q: np.ndarray
    """(16, 60, 80): largest in `mask` at direction 4, row 14, column 40."""


@pytest.fixture
def scene() -> Scene:
    heightmap = np.zeros((60, 80), np.float32)
    heightmap[20:40, 30:50] = 0.05
    mask = np.zeros((16, 60, 80), bool)
    mask[0, 20:40, 20:28] = True
    mask[4, 10:18, 30:50] = True
    q = np.random.default_rng(0).uniform(0, 1, mask.shape).astype(np.float32)
    q[4, 14, 40] = 3.0
    q[8, 50, 70] = 9.0  # forbidden by the mask
    return Scene(heightmap, mask, q)
