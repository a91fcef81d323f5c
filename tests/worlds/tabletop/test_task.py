"""The protocol of a task: regions, states, names."""

from __future__ import annotations

import pytest

import saccade
from saccade.errors import UserInputError
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.task import Region, State
from saccade.worlds.tabletop.tasks import TASKS, task_named

TURNED = Pose.at(0.5, 0.1, yaw=1.5707963267948966)


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        ((0.5, 0.1, 0.2), True),
        ((0.5, 0.149, 0.2), True),  # 5 cm along the region's x, which is the world's y
        ((0.5, 0.151, 0.2), False),
        ((0.519, 0.1, 0.2), True),
        ((0.521, 0.1, 0.2), False),
        ((0.5, 0.1, 0.24), False),
    ],
)
def test_a_region_turns_with_its_frame(point: tuple, inside: bool) -> None:
    region = Region(size=(0.10, 0.04, 0.06), centre=(0.0, 0.0, 0.2))
    assert region.contains(point, TURNED) is inside


def test_a_region_without_frame_is_the_worlds() -> None:
    assert Region(size=(0.2, 0.2, 0.2), centre=(1.0, 0.0, 0.0)).contains((1.05, 0.0, 0.0))
    assert not Region(size=(0.2, 0.2, 0.2)).contains((1.05, 0.0, 0.0))


def test_an_unknown_object_is_refused() -> None:
    with pytest.raises(UserInputError, match="'cup'; expected one of lid, pan"):
        State(poses={"lid": Pose(), "pan": Pose()}).pose("cup")


def test_an_unknown_task_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(UserInputError, match=r"push_buton'; did you mean push_button\? \(valid: "):
        task_named("push_buton")


def test_every_task_is_a_registered_world() -> None:
    assert tuple(TASKS) == saccade.TABLETOP_TASKS
    for task in TASKS.values():
        assert f"saccade/{task.title}-v0" in saccade.WORLDS
        assert task.says.endswith(".")
