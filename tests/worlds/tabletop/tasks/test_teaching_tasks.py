"""When the three teaching tasks are done."""

from __future__ import annotations

import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks import pick_and_lift, push_button, reach_target


@pytest.mark.parametrize(("z", "done"), [(0.20, True), (0.224, True), (0.226, False)])
def test_the_tip_is_in_the_red_ball(z: float, done: bool) -> None:
    balls = {"target": Pose.at(0.5, 0.0, 0.2), "green_ball": Pose.at(0.5, 0.0, z)}
    assert reach_target.success(State(poses=balls, tip=Pose.at(0.5, 0.0, z))) is done


@pytest.mark.parametrize(
    ("z", "held", "done"),
    [(0.11, "block", True), (0.09, "block", False), (0.11, "blue_block", False)],
)
def test_the_red_block_is_held_high(z: float, held: str, done: bool) -> None:
    state = State(
        poses={"block": Pose.at(0.5, 0.0, z)},
        start={"block": Pose.at(0.4, 0.1, 0.0)},
        held=frozenset({held}),
    )
    assert pick_and_lift.success(state) is done


@pytest.mark.parametrize(("position", "done"), [(0.0, False), (0.008, False), (0.010, True)])
def test_the_button_is_down(position: float, done: bool) -> None:
    assert push_button.success(State(poses={}, joints={"button": position})) is done
