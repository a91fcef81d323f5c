"""Pushes by the arm: where the tool goes, what it moves, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from push_scenes import FLYING, TOP, block, scenario
from saccade.errors import SaccadeError
from saccade.worlds.push_box import PushWorld, SceneConfig, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario
from saccade.worlds.push_box.gripper import push_waypoints
from saccade.worlds.robots.ur5e import TOOL_SITE
from saccade.worlds.workspace import Push

ARM = WorldConfig(use_gl=False)
FLAT = np.zeros((224, 224), np.float32)


@pytest.fixture(scope="module", name="arm_world")
def arm_world_fixture() -> PushWorld:
    return PushWorld(ARM)


@pytest.fixture(scope="module", name="flying_world")
def flying_world_fixture() -> PushWorld:
    return PushWorld(replace(ARM, scene=FLYING))


def test_waypoints_hover_descend_push_and_lift() -> None:
    heightmap = FLAT.copy()
    heightmap[105, 107] = 0.05  # within 5 pixels of the start
    heightmap[106, 120] = 0.20  # 10 away
    points = push_waypoints(Push(110, 110, 0), heightmap, ARM.motion)
    heights = [p.position[2] for p in points]
    low = TOP + 0.05 + 0.01
    assert heights == pytest.approx([low + 0.1, low + 0.05, *[low] * 5, low + 0.05, low + 0.1])
    start, end = np.array(points[2].position), np.array(points[6].position)
    assert end - start == pytest.approx((0.1, 0.0, 0.0))
    assert [p.speed for p in points] == [0.5] * 3 + [0.3] * 4 + [0.5] * 2


def moved(world: PushWorld, direction: int) -> np.ndarray:
    """(along, aside) [mm] by which a push moves a cube that waits 6 cm ahead, squarely."""
    a = math.pi * direction / 8
    world.reset(scenario(block("cube", -0.5, 0.0, 0.025, yaw=a)))
    row, col = 112 - 30 * math.sin(a), 112 - 30 * math.cos(a)
    before = world.object_poses()[0, :2]
    outcome = world.execute(Push(round(row), round(col), direction), FLAT)
    assert outcome.executed
    dx, dy = 1000 * (world.object_poses()[0, :2] - before)
    return np.array([dx * math.cos(a) + dy * math.sin(a), dy * math.cos(a) - dx * math.sin(a)])


# 100 mm of travel, less the 23 mm of air between the finger's face and the cube's.
EXPECTED = 100 - (60 - 25 - 12)
# A cube that is let go at 0.3 m/s slides on: v^2 / (2 mu g).
SLIDE = 1000 * 0.3**2 / (2 * 0.71 * 9.81)


@pytest.mark.parametrize("direction", range(16))
def test_the_flying_gripper_pushes_as_far_as_expected(
    flying_world: PushWorld, direction: int
) -> None:
    along, aside = moved(flying_world, direction)
    assert EXPECTED < along < EXPECTED + SLIDE
    assert abs(aside) < 2


@pytest.mark.parametrize("direction", range(16))
def test_the_arm_pushes_about_as_far_in_every_direction(
    arm_world: PushWorld, direction: int
) -> None:
    along, aside = moved(arm_world, direction)
    # Outstretched, the arm swings forward a little as it starts to lift.
    assert EXPECTED < along < EXPECTED + SLIDE + 10
    assert abs(aside) < 5


@pytest.mark.parametrize("direction", range(0, 16, 3))
def test_the_fingertips_follow_the_planned_line(arm_world: PushWorld, direction: int) -> None:
    arm_world.reset(scenario(block("cube", -0.30, 0.20, 0.025)))  # out of the way
    push, places = Push(112, 100, direction), []
    site = arm_world.data.site(TOOL_SITE)
    arm_world.execute(push, FLAT, lambda: places.append(site.xpos.copy()))
    along = np.array([math.cos(push.angle), math.sin(push.angle)])
    way = np.array(places)
    ahead = (way[:, :2] - push.start) @ along
    aside = (way[:, :2] - push.start) @ np.array([-along[1], along[0]])
    low = way[:, 2] < TOP + 0.02
    assert ahead[low].max() == pytest.approx(push.length, abs=0.004)
    pushing = low & (ahead > 0.01) & (ahead < 0.09)
    assert np.abs(aside[pushing]).max() < 0.004
    assert np.abs(way[pushing, 2] - (TOP + 0.01)).max() < 0.006


def test_the_arm_stays_above_the_table_and_within_its_limits() -> None:
    world = PushWorld(ARM)
    world.reset(draw_scenario(5, 10))
    model, data = world.scene.model, world.data
    joints = [model.joint(i) for i in range(model.njnt) if model.jnt_limited[i]]
    links = [g for g in range(model.ngeom) if model.geom_type[g] == mujoco.mjtGeom.mjGEOM_CAPSULE]
    assert (len(joints), len(links)) == (6, 8)
    table, links = model.geom("table").id, [model.geom("fingers").id, *links]
    gaps = []

    def watch() -> None:
        gaps.append(min(mujoco.mj_geomDistance(model, data, g, table, 0.3, None) for g in links))
        for joint in joints:
            low, high = joint.range
            assert low < data.qpos[joint.qposadr[0]] < high

    for push in (Push(112, 190, 8), Push(40, 40, 2), Push(215, 215, 12), Push(5, 100, 4)):
        assert world.execute(push, world.observe(), watch).executed
    assert len(gaps) > 1000
    assert 0.002 < min(gaps) < 0.02


def test_travelling_above_the_objects_moves_none_of_them() -> None:
    # A tower on the straight way from one push to the next.
    world = PushWorld(ARM)
    tower = [block("pillar", -0.5, 0.0, 0.05), block("cube", -0.5, 0.0, 0.125)]
    world.reset(scenario(*tower))
    before = world.object_poses()
    world.execute(Push(112, 190, 0), FLAT, lambda: None)
    world.execute(Push(112, 30, 8), FLAT, lambda: None)
    assert np.abs(world.object_poses() - before)[:, :3].max() < 1e-3


def test_watching_a_push_changes_little_of_it(arm_world: PushWorld) -> None:
    ends = []
    for animate in (None, lambda: None):
        arm_world.reset(scenario(block("cube", -0.5, 0.0, 0.025)))
        arm_world.execute(Push(112, 140, 8), FLAT, animate)
        ends.append(arm_world.object_poses()[0, :2])
    assert ends[0] == pytest.approx(ends[1], abs=3e-3)


def test_the_scene_has_settled_when_it_is_judged(arm_world: PushWorld) -> None:
    arm_world.reset(draw_scenario(9, 10))
    arm_world.execute(Push(100, 150, 8), arm_world.observe())
    before = arm_world.object_poses()[:, :3]
    for _ in range(125):
        mujoco.mj_step(arm_world.scene.model, arm_world.data)
    on_table = [s == "table" for s in arm_world.status]
    assert np.abs(arm_world.object_poses()[:, :3] - before)[on_table].max() < 1.5e-3


def test_out_of_reach_is_refused_with_a_reason_and_changes_nothing(arm_world: PushWorld) -> None:
    arm_world.reset(scenario(block("cube", -0.5, 0.0, 0.025)))
    before, time = arm_world.object_poses(), arm_world.data.time
    high = np.full((224, 224), 0.34, np.float32)
    outcome = arm_world.execute(Push(223, 0, 10), high)
    assert not outcome.executed
    assert "the arm stays" in outcome.refusal and "\n" not in outcome.refusal
    assert outcome.exits == () and outcome.boxed == outcome.grounded == 0
    assert (arm_world.object_poses() == before).all() and arm_world.data.time == time


def test_a_push_in_the_air_changes_nothing(arm_world: PushWorld) -> None:
    arm_world.reset(scenario(block("cube", -0.5, 0.0, 0.025)))
    before = arm_world.object_poses()
    arm_world.execute(Push(20, 20, 4), arm_world.observe())
    assert np.abs(arm_world.object_poses() - before).max() < 1e-3
    assert arm_world.data.site(TOOL_SITE).xpos[2] == pytest.approx(TOP + 0.11, abs=0.01)


def test_before_reset_and_after_close_it_says_so() -> None:
    world = PushWorld(ARM)
    with pytest.raises(SaccadeError, match="call reset"):
        world.observe()
    world.reset(draw_scenario(0, 1))
    world.close()
    with pytest.raises(SaccadeError, match="call reset"):
        world.observe()


def test_the_arms_presence_is_a_setting() -> None:
    for arm, dofs in ((True, 6), (False, 4)):
        world = PushWorld(WorldConfig(scene=SceneConfig(arm=arm), use_gl=False))
        world.reset(draw_scenario(0, 1))
        assert world.scene.model.nv == 6 + dofs
        world.close()
