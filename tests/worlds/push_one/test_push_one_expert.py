"""The scripted expert, and how it fails when it should."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.worlds.push_one import PushOneConfig, PushOneEnv
from saccade.worlds.push_one.expert import Expert, draw_temper

SEEDS = range(25)


def ends(ending: str, **settings) -> list[tuple[str, float]]:
    """Status and progress at the end of an episode of each seed."""
    env = PushOneEnv(PushOneConfig(**settings))
    found = []
    for seed in SEEDS:
        env.reset(seed=seed)
        rng = np.random.default_rng([seed, 1])
        expert = Expert(draw_temper(rng, ending), env.world.state(), rng)
        ended = False
        while not ended:
            _, _, terminated, truncated, info = env.step(expert.act(env.world.state()))
            ended = terminated or truncated
        found.append((info["status"], info["progress"]))
    return found


def test_it_succeeds() -> None:
    assert [status for status, _ in ends("success")].count("box") >= 24


@pytest.mark.parametrize("shape", ["plate", "cylinder"])
def test_it_succeeds_with_other_shapes(shape: str) -> None:
    assert [status for status, _ in ends("success", shapes=(shape,))].count("box") >= 24


def test_one_that_stops_leaves_the_object_on_the_table() -> None:
    found = ends("stops")
    assert [status for status, _ in found].count("table") >= 23
    assert 0.2 < np.mean([progress for _, progress in found]) < 0.8


def test_one_that_pushes_past_the_box_misses_it() -> None:
    assert [status for status, _ in ends("past")].count("ground") >= 22


def test_one_that_pushes_away_makes_it_worse() -> None:
    found = ends("away")
    assert all(status == "ground" for status, _ in found)
    assert np.mean([progress for _, progress in found]) < 0
