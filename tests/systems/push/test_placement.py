"""A push is in the world of its heightmap, wherever that stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import saccade
import tiny_push
from saccade.errors import UserInputError
from saccade.systems.push.policy import PushPolicy
from saccade.worlds.cameras import Camera, heightmap_from_depth
from saccade.worlds.heightmap import Heightmap
from saccade.worlds.push_box import BoxPlacement, PushWorld, SceneConfig, WorldConfig
from saccade.worlds.push_box.gripper import push_waypoints
from saccade.worlds.workspace import Workspace
from tiny_push import block_map, cube_at, fixed_policy, tiny_policy

HERE = Workspace(x_min=0.30, y_min=-0.10, table_height=0.02)
THERE = replace(HERE, x_min=0.31)
MOTION = WorldConfig().motion
GUIDE = Path(__file__).parents[3] / "docs" / "bring-your-own.md"


def policy_of(row: int, col: int, direction: int) -> PushPolicy:
    """A policy that always wants one push."""
    q = np.zeros((16, 224, 224), np.float32)
    q[direction, row, col] = 1.0
    return fixed_policy(q, np.full(q.shape, 0.9))


def test_a_cameras_heightmap_brings_its_world_along() -> None:
    # A camera 0.8 m straight above the square's centre (0.524, 0.124), 0.05 m block beneath it.
    down = np.array([[1, 0, 0, 0.524], [0, -1, 0, 0.124], [0, 0, -1, 0.82], [0, 0, 0, 1]], float)
    depth = np.full((480, 640), 0.8, np.float32)
    depth[220:260, 300:340] = 0.75
    heightmap = heightmap_from_depth(depth, Camera().intrinsics, down, HERE)
    push = policy_of(100, 137, 0).act(heightmap)
    # x = 0.30 + 0.002 * 137, y = -0.10 + 0.002 * 100; direction 0 is along +x.
    assert push.start == pytest.approx((0.574, 0.10))
    assert push.end == pytest.approx((0.674, 0.10))
    waypoints = push_waypoints(push, heightmap, MOTION)
    # Nothing stands within 5 pixels: 1 cm above the table at 0.02 m, hovering 0.10 m higher.
    assert waypoints[0].position == pytest.approx((0.574, 0.10, 0.13))
    assert min(w.position[2] for w in waypoints) == pytest.approx(0.03)
    assert waypoints[-1].position == pytest.approx((0.674, 0.10, 0.13))


def test_the_example_of_the_guide_gives_the_simulators_push_in_the_readers_world() -> None:
    """The guide's camera sees the simulator's table, moved to (0.30, -0.224) and down to 0.02 m."""
    world = PushWorld(WorldConfig(use_gl=False))
    world.reset(cube_at((-0.5, 0.05)))
    camera = Camera()
    moved = np.array([0.30 + 0.724, 0.0, 0.02 - 0.70])
    pose = camera.T_world_camera.copy()
    pose[:3, 3] += moved
    depth = world.sensor.depth(world.data, np.random.default_rng(0))
    names: dict[str, Any] = {"depth": depth, "T_world_camera": pose}
    exec(GUIDE.read_text().split("From Python:\n\n```python\n")[1].split("```")[0], names)
    policy = saccade.load("push")
    policy.reset(0, world)
    expected = policy.decide(world.observe()).push
    assert (names["push"].row, names["push"].direction) == (expected.row, expected.direction)
    assert np.subtract(names["push"].start, expected.start) == pytest.approx(moved[:2])
    assert (names["x"], names["y"]) == names["workspace"].to_world(expected.row, expected.col)
    in_simulator = push_waypoints(expected, world.observe(), MOTION)
    for here, there in zip(names["waypoints"], in_simulator, strict=True):
        assert np.subtract(here.position, there.position) == pytest.approx(moved, abs=1e-4)


def test_a_plain_array_lies_where_the_policy_was_told() -> None:
    policy = policy_of(100, 137, 0)
    placed = policy.at(HERE)
    assert placed.act(block_map()).start == pytest.approx((0.574, 0.10))
    assert policy.act(block_map()).start == pytest.approx((-0.724 + 0.274, -0.224 + 0.2))
    assert (policy.workspace, placed.workspace) == (Workspace(), HERE)


@pytest.mark.parametrize("network", ["glimpse", "hourglass"])
def test_the_choice_does_not_depend_on_where_the_table_stands(network: str) -> None:
    policy = tiny_policy("glimpse" if network == "glimpse" else "hourglass")
    here, far = policy.act(block_map()), policy.at(replace(HERE, x_min=5e3)).act(block_map())
    assert (here.row, here.col, here.direction, here.value) == (
        far.row, far.col, far.direction, far.value
    )  # fmt: skip


def test_a_heightmap_of_another_world_is_refused() -> None:
    heightmap = Heightmap(block_map(), THERE)
    for choose in (policy_of(100, 137, 0).at(HERE).act, policy_of(100, 137, 0).at(HERE).decide):
        with pytest.raises(UserInputError, match=r"x_min=0.31.*was given.*x_min=0.3,") as caught:
            choose(heightmap)
        assert "\n" not in str(caught.value)
    push = policy_of(100, 137, 0).at(THERE).act(heightmap)
    assert push.workspace == THERE
    with pytest.raises(UserInputError, match="one workspace for both"):
        push_waypoints(push, Heightmap(block_map(), HERE), MOTION)


def test_another_size_than_the_training_had_is_refused() -> None:
    for wrong in (replace(HERE, size=0.5), replace(HERE, pixel=0.001, size=0.224)):
        with pytest.raises(UserInputError, match=r"expected 0.448 and 0.002 m, as the networks"):
            tiny_policy("glimpse").at(wrong)
    heightmap = Heightmap(block_map(), replace(HERE, pixel=0.001, size=0.224))
    with pytest.raises(UserInputError, match=r"expected 0.448 and 0.002 m"):
        tiny_policy("glimpse").act(heightmap)


def test_an_episode_is_played_in_the_world_it_is_given() -> None:
    there = Workspace(x_min=-0.8, table_height=0.6)
    config = WorldConfig(scene=SceneConfig(arm=False, workspace=there), use_gl=False)
    world = PushWorld(config)
    world.reset(cube_at((-0.5, 0.1)))
    policy = tiny_policy("glimpse")
    policy.reset(0, world)
    assert policy.workspace == there
    assert policy.decide(world.observe()).push.workspace == there
    assert policy.decide(block_map()).push.workspace == there


def test_a_box_is_told_to_the_policy_too() -> None:
    right = BoxPlacement("right")
    policy = tiny_policy("glimpse")
    moved = policy.at(box=right)
    assert (policy.box, moved.box) == (BoxPlacement(), right)
    q, there = policy.decide(block_map()).q, moved.decide(block_map()).q
    assert q is not None and there is not None and (q != there).any()
    with pytest.raises(UserInputError, match="'hourglass' knows only the box"):
        tiny_policy("hourglass").at(box=right)


def test_a_policy_is_not_changed_from_outside() -> None:
    policy = tiny_policy("glimpse")
    for name, value in (("workspace", HERE), ("box", None), ("config", tiny_push.tiny_config())):
        with pytest.raises(AttributeError):
            setattr(policy, name, value)
    few = replace(policy.config.policy, candidates=1, refine=0)
    q = policy.with_settings(few).decide(block_map()).q
    assert q is not None and np.count_nonzero(q) == 1
    assert policy.config.policy.candidates == 12


def test_copies_explore_on_their_own() -> None:
    policy = tiny_policy("glimpse", explore=0.5)
    one, other = policy.at(HERE), policy.at(HERE)
    choices = [[p.decide(block_map()).push for _ in range(6)] for p in (one, other)]
    assert choices[0] == choices[1]


def test_a_masked_array_is_refused() -> None:
    heights = block_map()
    heights[:40] = np.nan
    policy = tiny_policy("glimpse")
    for choose in (policy.act, policy.decide):
        with pytest.raises(UserInputError, match="masked array, which may hide NaN") as caught:
            choose(np.ma.masked_invalid(heights))
        assert "\n" not in str(caught.value)
