"""When the lid is off."""

from __future__ import annotations

import pytest

from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import State
from saccade.worlds.tabletop.tasks.take_lid_off_saucepan import success

PAN = Pose.at(0.5, 0.1, yaw=1.0)
HELD = frozenset({"lid"})


@pytest.mark.parametrize(
    ("lid", "held", "done"),
    [
        (Pose.at(0.5, 0.1, 0.185), HELD, True),
        (Pose.at(0.5, 0.1, 0.185), frozenset(), False),  # thrown
        (Pose.at(0.5, 0.1, 0.075), HELD, False),  # still on the pan
        (Pose.at(0.5, 0.1, 0.22), HELD, False),  # too high
        (Pose.at(0.558, 0.1, 0.185), HELD, True),  # 5.8 cm off, within the turned region
        (Pose.at(0.58, 0.1, 0.185), HELD, False),
    ],
)
def test_the_lid_is_held_above_the_pan(lid: Pose, held: frozenset[str], done: bool) -> None:
    assert success(State(poses={"saucepan": PAN, "lid": lid}, held=held)) is done
