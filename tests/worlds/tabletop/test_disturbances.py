"""Disturbances: each changes what it says, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.rgbd import Observation
from saccade.worlds.tabletop.disturbances import NAMED, NONE, Disturbances
from saccade.worlds.tabletop.tasks import TASKS
from saccade.worlds.tabletop.world import TabletopWorld, WorldConfig


def seen(disturbances: Disturbances, seed: int = 0) -> tuple[TabletopWorld, Observation]:
    world = TabletopWorld(TASKS["pick_and_lift"], WorldConfig(disturbances=disturbances))
    world.reset(seed)
    try:
        return world, world.observe()
    except UserInputError as error:
        pytest.skip(str(error))


def test_a_moved_camera_sees_otherwise_and_its_matrix_is_known() -> None:
    world, here = seen(NAMED["camera"])
    _, there = seen(NONE)
    block = np.array([world.state().pose("block").position])
    ((column, row),) = np.rint(here.view.project(block)).astype(int)
    assert np.linalg.norm(here.view.points[row, column] - block) < 0.06
    assert (here.view.T_world_camera != there.view.T_world_camera).any()


def test_another_look_changes_colours_alone() -> None:
    _, here = seen(Disturbances(look=True))
    _, there = seen(NONE)
    assert here.view.depth.tobytes() == there.view.depth.tobytes()
    assert np.abs(here.view.rgb.astype(int) - there.view.rgb).mean() > 5


def test_a_look_is_drawn_from_the_scenes_own_colours() -> None:
    world, first = seen(Disturbances(look=True))
    for seed in (1, 2, 0):
        world.reset(seed)
    assert world.observe().view.rgb.tobytes() == first.view.rgb.tobytes()


def test_distractors_are_seen_and_are_no_objects_of_the_task() -> None:
    world, _ = seen(Disturbances(distractors=2))
    undisturbed, _ = seen(NONE)
    state, other = world.state(), undisturbed.state()
    assert set(state.poses) == {"block", "blue_block", "yellow_block"}
    for name, pose in state.poses.items():
        assert pose.distance(other.pose(name)) < 1e-6  # the same seed, the same places
    for name in world.scene.distractors:
        x, y, _ = world.data.qpos[world.scene.qpos[name]][:3]
        assert 0.3 < x < 0.7 and -0.3 < y < 0.3


def test_depth_noise_has_its_deviation() -> None:
    _, here = seen(Disturbances(depth_noise=0.005))
    _, there = seen(NONE)
    assert here.view.rgb.tobytes() == there.view.rgb.tobytes()
    assert (here.view.depth - there.view.depth).std() == pytest.approx(0.005, rel=0.05)


@pytest.mark.parametrize("given", [{"camera_shift": -0.1}, {"distractors": 9}])
def test_impossible_disturbances_are_refused(given: dict) -> None:
    with pytest.raises(UserInputError, match=next(iter(given))):
        Disturbances(**given)
