"""When the phone is on its base, and that its expert turns one way."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.phone_on_base import BASE_HEIGHT, expert, place, success

BASE = Pose.at(0.5, 0.1, yaw=1.0)


@pytest.mark.parametrize(
    ("handset", "held", "done"),
    [
        (Pose.at(z=BASE_HEIGHT), "", True),
        (Pose.at(z=BASE_HEIGHT), "handset", False),  # not let go of
        (Pose.at(z=BASE_HEIGHT), "base", False),
        (Pose.at(z=BASE_HEIGHT + 0.03), "", False),  # thrown
        (Pose.at(x=0.07, z=BASE_HEIGHT), "", True),
        (Pose.at(y=0.03, z=BASE_HEIGHT), "", False),  # off the rails
        (Pose.at(y=-0.155), "", False),  # where it began
    ],
)
def test_the_handset_lies_on_the_base(handset: Pose, held: str, done: bool) -> None:
    state = State(
        poses={"base": BASE, "handset": BASE @ handset}, held=frozenset({held} if held else ())
    )
    assert success(state) is done


@pytest.mark.parametrize("seed", range(20))
def test_the_hand_lays_the_handset_down_as_it_took_it(seed: int) -> None:
    start = State(poses=place(np.random.default_rng(seed)))
    turns = {waypoint.tip.quaternion for waypoint in expert(start)}
    assert len(turns) == 1
    assert not success(start)
