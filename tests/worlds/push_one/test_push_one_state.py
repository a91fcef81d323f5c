"""Distances, rewards and progress, computed by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from saccade.worlds.push_one.state import State, dense_reward, progress

START = State((0.3, 0.0), (0.0, 0.0), math.pi / 6, (-0.3, 0.4), (-0.2, 0.4), "table")
"""The finger is 0.3 m from the object, the object 0.5 m from the box."""


def test_the_dense_reward_is_minus_both_distances_in_table_sides() -> None:
    assert dense_reward(START) == pytest.approx(-0.8 / 0.448)
    assert dense_reward(replace(START, status="ground")) == pytest.approx(-0.8 / 0.448)
    assert dense_reward(replace(START, status="box")) == 0.0


def test_progress_is_the_share_of_the_way() -> None:
    half = replace(START, finger=(0.0, 0.0), block=(0.0, 0.0))
    assert progress(START, START) == 0.0
    assert progress(half, START) == pytest.approx(1 - 0.5 / 0.8)
    assert progress(replace(START, finger=(0.7, 0.0)), START) == pytest.approx(-0.5)
    assert progress(replace(START, status="box"), START) == 1.0


def test_the_observation() -> None:
    seen = replace(START, block=(-7.0, 0.1)).observation()
    assert seen.dtype == np.float32
    assert seen == pytest.approx([0.3, 0.0, -1.0, 0.1, 0.5, math.sqrt(3) / 2])
