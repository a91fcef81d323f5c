"""When the red cup is picked up, and how far the blue one is from it."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.pick_up_cup import place, success

START = Pose.at(0.5, 0.1)


@pytest.mark.parametrize(
    ("lift", "held", "done"),
    [
        (0.12, "red_cup", True),
        (0.12, "", False),
        (0.12, "blue_cup", False),
        (0.07, "red_cup", False),
    ],
)
def test_the_red_cup_is_held_away_from_its_place(lift: float, held: str, done: bool) -> None:
    poses = {"red_cup": START.shifted(z=lift), "blue_cup": Pose.at(0.4, -0.1, lift)}
    state = State(poses=poses, start={"red_cup": START}, held=frozenset({held} if held else ()))
    assert success(state) is done


def test_the_walls_of_the_cups_are_ten_centimetres_apart() -> None:
    drawn = [place(np.random.default_rng(seed)) for seed in range(50)]
    gaps = np.array([poses["red_cup"].distance(poses["blue_cup"]) for poses in drawn]) - 2 * 0.042
    assert gaps.min() >= 0.10 - 1e-9
    assert all(success(State(poses=poses, start=poses)) is False for poses in drawn)
