"""A heightmap keeps its workspace as long as it is a map of it."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from saccade.worlds.heightmap import Heightmap, workspace_of
from saccade.worlds.workspace import Workspace

HERE = Workspace(x_min=0.3, table_height=0.02)


@pytest.fixture(name="heightmap")
def heightmap_fixture() -> Heightmap:
    heights = np.random.default_rng(0).random((224, 224))
    return Heightmap(heights, HERE)


def test_copies_pickles_and_arithmetic_keep_the_workspace(heightmap: Heightmap) -> None:
    for same in (
        heightmap.copy(),
        copy.deepcopy(heightmap),
        pickle.loads(pickle.dumps(heightmap)),
        np.maximum(heightmap, 0.0),
        heightmap.astype(np.float64),
        heightmap + np.float32(0),
    ):
        assert workspace_of(same) == HERE
        np.testing.assert_array_equal(same, heightmap)


def test_parts_numbers_and_answers_have_none(heightmap: Heightmap) -> None:
    assert workspace_of(heightmap[:5]) is None
    assert workspace_of(np.asarray(heightmap)) is None
    assert type(heightmap.max()) is np.float32 and type(heightmap[3, 4]) is np.float32
    assert type(heightmap > 0.5) is np.ndarray and type(heightmap.max(axis=0)) is np.ndarray
    assert (heightmap >= 0).all() is np.True_


def test_heights_become_float32_metres(heightmap: Heightmap) -> None:
    assert heightmap.dtype == np.float32 and heightmap.shape == HERE.shape
