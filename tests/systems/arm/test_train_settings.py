"""Settings that a training takes from its task."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.train import look_and_vote_settings


@pytest.mark.parametrize(
    ("task", "wanted", "mirror"),
    [
        ("take_lid_off_saucepan", True, True),
        ("take_lid_off_saucepan", False, False),
        ("stack_wine", True, False),  # the rack always lies on the bottle's same side
        ("a task of somebody's without a world", True, True),
    ],
)
def test_scenes_are_mirrored_where_the_task_allows_it(
    task: str, wanted: bool, mirror: bool
) -> None:
    config = ArmConfig(task=task)
    config = replace(config, augment=replace(config.augment, mirror=wanted))
    assert look_and_vote_settings(config).augment.mirror is mirror
