"""When the rubbish is in the bin, and that it may lie anywhere in the row."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.put_rubbish_in_bin import BIN_WALL, expert, place, success

BIN = Pose.at(0.5, 0.1, yaw=0.7)


@pytest.mark.parametrize(
    ("paper", "held", "done"),
    [
        (Pose.at(z=BIN_WALL), "", True),
        (Pose.at(x=0.055, y=-0.055, z=BIN_WALL), "", True),  # in a corner
        (Pose.at(x=0.01, z=BIN_WALL + 0.03, pitch=2.0), "", True),  # rolled over
        (Pose.at(z=BIN_WALL), "rubbish", False),  # still in the hand
        (Pose.at(z=0.08), "", False),  # above the bin
        (Pose.at(x=0.10), "", False),  # beside it
    ],
)
def test_the_paper_lies_in_the_bin(paper: Pose, held: str, done: bool) -> None:
    state = State(
        poses={"bin": BIN, "rubbish": BIN @ paper}, held=frozenset({held} if held else ())
    )
    assert success(state) is done


def test_a_tomato_is_no_rubbish() -> None:
    poses = place(np.random.default_rng(0))
    inside = poses["bin"] @ Pose.at(z=BIN_WALL)
    assert not success(State(poses=poses | {"tomato": inside}))
    assert success(State(poses=poses | {"rubbish": inside}))


def test_the_paper_takes_each_place_of_the_row_and_is_what_is_grasped() -> None:
    found = set()
    for seed in range(30):
        start = State(poses=place(np.random.default_rng(seed)))
        paper, others = start.pose("rubbish"), [start.pose(n) for n in ("tomato", "other_tomato")]
        found.add(round(start.pose("bin").locate(paper.position)[0], 3))
        assert min(paper.distance(other) for other in others) == pytest.approx(0.10)
        hover, grasp, *_ = expert(start)
        assert grasp.tip.position[:2] == hover.tip.position[:2] == paper.position[:2]
    assert found == {-0.1, 0.0, 0.1}
