from __future__ import annotations

import numpy as np
import pytest

import tiny_push
from saccade.systems.push.baselines import PrivilegedPolicy, ScriptedPolicy
from saccade.systems.push.targets import object_costs
from saccade.worlds.push_box import PushWorld
from saccade.worlds.workspace import Push
from tiny_push import block_map, cube_at


def scripted() -> ScriptedPolicy:
    world = PushWorld(tiny_push.WORLD)
    world.reset(cube_at((-0.5, 0.0)))
    policy = ScriptedPolicy()
    policy.reset(0, world)
    return policy


def test_the_script_pushes_an_object_straight_at_the_box() -> None:
    """The block lies on the box's row: pushing along -column from behind is the answer."""
    push = scripted().decide(block_map(row=156, col=80, side=25)).push
    assert push.direction == 8
    assert push.col > 105 and abs(push.row - 168) <= 4


def test_the_script_takes_the_candidate_with_the_least_angle_to_the_box() -> None:
    policy, heightmap = scripted(), block_map(row=30, col=150)
    decision = policy.decide(heightmap)
    assert decision.mask is not None
    k, row, col = np.nonzero(decision.mask)
    towards = np.arctan2(168 - row, 0 - col)
    miss = np.abs(np.angle(np.exp(1j * (towards - 2 * np.pi * k / 16))))
    push = decision.push
    mine = np.arctan2(168 - push.row, 0 - push.col) - push.angle
    assert abs(np.angle(np.exp(1j * mine))) <= miss.min() + np.deg2rad(2)


def test_of_two_equally_good_objects_the_one_nearer_to_the_box_goes_first() -> None:
    near, far = block_map(row=156, col=40), block_map(row=156, col=150)
    push = scripted().decide(np.maximum(near, far)).push
    assert push.direction == 8 and 65 < push.col < 90


def test_the_script_does_not_repeat_a_useless_push() -> None:
    policy, heightmap = scripted(), block_map(row=156, col=80)
    first = policy.decide(heightmap).push
    second = policy.decide(heightmap, [first]).push
    apart = max(abs(first.row - second.row), abs(first.col - second.col))
    assert apart > 5 or first.direction != second.direction


def cost_on_table(world: PushWorld) -> float:
    on_table = np.array([s == "table" for s in world.status])
    return float(object_costs(world.object_poses()[on_table, :2], world.config.scene).sum())


def test_the_privileged_policy_only_ever_improves_when_it_can() -> None:
    """Two cubes: what it chooses among candidates that help truly lowers the cost to go."""
    world = PushWorld(tiny_push.WORLD)
    world.reset(cube_at((-0.6, 0.1), (-0.42, -0.05)))
    policy = PrivilegedPolicy(candidates=16)
    policy.reset(3, world)
    for _ in range(2):
        before = cost_on_table(world)
        heightmap = world.observe()
        world.execute(policy.decide(heightmap).push, heightmap)
        assert world.count("ground") == 0
        assert cost_on_table(world) < before


def test_losing_a_far_object_is_no_way_to_save_pushes() -> None:
    """At the edge away from the box an object costs six pushes, more than the price of a loss."""
    world = PushWorld(tiny_push.WORLD)
    world.reset(cube_at((-0.31, 0.0)))
    policy = PrivilegedPolicy(candidates=24, ground_cost=1.0)
    policy.reset(1, world)
    heightmap = world.observe()
    outcome = world.execute(policy.decide(heightmap).push, heightmap)
    assert cost_on_table(world) > 0 and outcome.grounded == 0


def test_the_value_of_a_push_by_hand() -> None:
    world = PushWorld(tiny_push.WORLD)
    world.reset(cube_at((-0.31, 0.0), (-0.62, 0.112)))
    policy = PrivilegedPolicy(ground_cost=4.0)
    policy.reset(0, world)
    heightmap = world.observe()
    off_the_table, nothing = Push(112, 180, 0), Push(20, 20, 0)
    towards_the_box = Push(168, 80, 8)
    assert policy._try(nothing, heightmap) == pytest.approx(0, abs=1e-6)
    assert policy._try(off_the_table, heightmap) == pytest.approx(-4.0, abs=1e-6)
    assert 0.3 < policy._try(towards_the_box, heightmap) < 2.0
    assert world.status == ["table", "table"]
