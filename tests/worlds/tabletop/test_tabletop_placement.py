"""Placements: inside the workspace, apart, within reach, drawn from the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.tabletop.blocks import RED, box
from saccade.worlds.tabletop.placement import X_RANGE, Y_RANGE, Placer, extent, overlaps, somewhere
from saccade.worlds.tabletop.pose import ORIGIN, Pose
from saccade.worlds.tabletop.task import Task
from saccade.worlds.tabletop.tasks import TASKS
from saccade.worlds.tabletop.world import TabletopWorld

CUBES = Task(
    "cubes",
    "Two cubes.",
    objects=lambda scene: [
        box(scene.loose(name, 0.1), (0.1, 0.1, 0.1), RED, Pose.at(z=0.05)) for name in "ab"
    ],
    place=lambda rng: {"a": somewhere(rng), "b": somewhere(rng)},
    success=lambda state: False,
    expert=lambda state: [],
)


def test_somewhere_covers_the_workspace_but_its_margin() -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([somewhere(rng, margin=0.05).position for _ in range(2000)])
    assert drawn[:, 0].min() == pytest.approx(X_RANGE[0] + 0.05, abs=2e-3)
    assert drawn[:, 0].max() == pytest.approx(X_RANGE[1] - 0.05, abs=2e-3)
    assert drawn[:, 1].min() == pytest.approx(Y_RANGE[0] + 0.05, abs=2e-3)
    assert drawn[:, 1].max() == pytest.approx(Y_RANGE[1] - 0.05, abs=2e-3)


def test_what_overlaps_or_stands_out_is_redrawn() -> None:
    world = TabletopWorld(CUBES)
    redraws = 0
    for seed in range(20):
        world.reset(seed)
        redraws += world.redraws
        a, b = (world.state().pose(name) for name in "ab")
        assert not overlaps(world.data)
        assert max(abs(a.x - b.x), abs(a.y - b.y)) > 0.05  # two cubes of 10 cm, however turned
    assert redraws > 5


def test_extent_is_that_of_a_turned_box() -> None:
    world = TabletopWorld(CUBES)
    poses = {"a": Pose.at(0.4, 0.0, yaw=np.pi / 4), "b": Pose.at(0.6, 0.2)}
    Placer(CUBES, world.scene).put(world.data, poses)
    low, high = extent(world.model, world.data, world.scene.geoms("a"))
    half = 0.1 / np.sqrt(2)
    assert high - low == pytest.approx([2 * half, 2 * half, 0.1], abs=1e-3)


def test_a_task_that_never_fits_says_so() -> None:
    task = Task("far", "Far away.", CUBES.objects, lambda rng: {"a": ORIGIN, "b": ORIGIN},
                CUBES.success, CUBES.expert)  # fmt: skip
    with pytest.raises(SaccadeError, match="no placement of far fits, of 500"):
        TabletopWorld(task).reset(0)


def test_a_placement_that_forgets_an_object_is_refused() -> None:
    task = Task("half", "Half.", CUBES.objects, lambda rng: {"a": ORIGIN},
                CUBES.success, CUBES.expert)  # fmt: skip
    with pytest.raises(UserInputError, match="place.. of half gave poses of a; expected of a, b"):
        TabletopWorld(task).reset(0)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_stand_at_rest_inside_the_workspace(name: str) -> None:
    world = TabletopWorld(TASKS[name])
    for seed in range(5):
        world.reset(seed)
        for thing in world.scene.names:
            low, high = extent(world.model, world.data, world.scene.geoms(thing))
            assert low[0] >= X_RANGE[0] - 2e-3 and high[0] <= X_RANGE[1] + 2e-3
            assert low[1] >= Y_RANGE[0] - 2e-3 and high[1] <= Y_RANGE[1] + 2e-3
            assert low[2] >= -2e-3
        assert np.abs(world.data.qvel).max() < 0.05
        assert not world.success()
        assert world.state().held == frozenset()
