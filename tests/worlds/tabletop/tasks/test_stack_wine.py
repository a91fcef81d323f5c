"""When the bottle is stacked, and how the expert's hand holds it on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.stack_wine import AXIS, DROP, GRASP, expert, place, success

RACK = Pose.at(0.5, 0.1, yaw=-1.0)
LYING = Pose.at(pitch=math.pi / 2) @ Pose.at(z=-GRASP)
"""A bottle whose middle is at the origin and whose neck points along x."""


@pytest.mark.parametrize(
    ("bottle", "held", "done"),
    [
        (Pose.at(z=AXIS) @ LYING, "", True),
        (Pose.at(x=0.04, z=AXIS) @ LYING, "", True),  # pushed in further
        (Pose.at(z=AXIS) @ LYING, "bottle", False),  # not let go of
        (Pose.at(z=AXIS + 0.03) @ LYING, "", False),  # across the boards
        (Pose.at(y=0.08, z=0.03) @ LYING, "", False),  # on the table
        (Pose.at(z=0.03), "", False),  # upright in the rack
    ],
)
def test_the_bottle_lies_in_the_slot(bottle: Pose, held: str, done: bool) -> None:
    state = State(
        poses={"rack": RACK, "bottle": RACK @ bottle}, held=frozenset({held} if held else ())
    )
    assert success(state) is done


@pytest.mark.parametrize("seed", range(20))
def test_the_hand_is_level_at_the_bottle_and_lays_its_neck_along_the_rack(seed: int) -> None:
    start = State(poses=place(np.random.default_rng(seed)))
    before, grasp, lift, *_, put = expert(start)
    out = np.subtract(grasp.tip.apply((0.0, 0.0, 1.0)), grasp.tip.position)
    assert out[2] == pytest.approx(0.0, abs=1e-9)
    assert np.subtract(grasp.tip.position, before.tip.position) == pytest.approx(0.09 * out)
    assert lift.tip.position == pytest.approx(np.add(grasp.tip.position, (0.0, 0.0, 0.10)))
    held = grasp.tip.inverse() @ start.pose("bottle")
    laid = start.pose("rack").inverse() @ put.tip @ held
    neck = np.subtract(laid.apply((0.0, 0.0, 1.0)), laid.position)
    assert neck == pytest.approx((1.0, 0.0, 0.0), abs=1e-9)
    assert laid.apply((0.0, 0.0, GRASP)) == pytest.approx((0.0, 0.0, AXIS + DROP), abs=1e-9)
    assert not success(start)
