"""Random scenes for the attention tests: rotated blocks on a table, seen from above."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
import pytest

BLOCK_SIDES = ((25, 25), (50, 25), (25, 12), (50, 50), (46, 25))
"""Footprints in pixels of 2 mm."""


def random_blocks(seed: int, n_blocks: int, size: int, margin: int = 0) -> np.ndarray:
    """Heightmap, float32 (size, size) metres, of blocks 25 to 100 mm high; they may overlap."""
    rng = np.random.default_rng(seed)
    heightmap = np.zeros((size, size), np.float32)
    for _ in range(n_blocks):
        x, y = rng.uniform(margin, size - margin, 2)
        sides = BLOCK_SIDES[rng.integers(len(BLOCK_SIDES))]
        corners = cv2.boxPoints(((x, y), sides, rng.uniform(0.0, 180.0)))
        footprint = np.zeros((size, size), np.uint8)
        cv2.fillPoly(footprint, [np.rint(corners).astype(np.int32)], (1,))
        heightmap = np.maximum(heightmap, footprint * np.float32(rng.uniform(0.025, 0.1)))
    return heightmap


class BlocksFactory(Protocol):
    """Draws `random_blocks`."""

    def __call__(self, seed: int, n_blocks: int, size: int, margin: int = 0) -> np.ndarray: ...


@pytest.fixture(name="random_blocks")
def random_blocks_fixture() -> BlocksFactory:
    return random_blocks
