"""The scripted experts of all tasks, and the demonstrations that they give."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.data.keyframes import discover_keyframes
from saccade.errors import UserInputError
from saccade.worlds.tabletop.env import MAX_ACTIONS, TabletopEnv
from saccade.worlds.tabletop.expert import action_of, play
from saccade.worlds.tabletop.recording import Recorder
from saccade.worlds.tabletop.tasks import TASKS
from saccade.worlds.tabletop.world import WorldConfig


@pytest.mark.parametrize("name", TASKS)
def test_the_expert_succeeds_with_as_many_keyframes_as_waypoints(name: str) -> None:
    with Recorder(name) as recorder:
        env = recorder.env
        for seed in range(2):
            assert play(env, seed).info["success"], f"seed {seed}"
        waypoints = env.task.expert(env.world.state())
        assert 1 <= len(waypoints) <= MAX_ACTIONS
        try:
            demonstration = recorder.record(seed=0)
        except UserInputError as error:
            pytest.skip(str(error))
    keyframes = discover_keyframes(
        demonstration.joint_velocities, demonstration.gripper_open, demonstration.tip_poses
    )
    assert len(keyframes) == len(waypoints)
    assert set(keyframes) <= set(demonstration.image_frames)
    assert demonstration.success


def test_the_seed_decides_the_whole_demonstration() -> None:
    with Recorder("take_lid_off_saucepan") as recorder:
        try:
            once, other, again = (recorder.record(seed) for seed in (3, 4, 3))
        except UserInputError as error:
            pytest.skip(str(error))
    for name in ("rgb", "depth", "tip_poses", "joint_velocities", "image_frames", "times"):
        assert getattr(once, name).tobytes() == getattr(again, name).tobytes()
    assert once.rgb[0].tobytes() != other.rgb[0].tobytes()


def test_looking_changes_nothing() -> None:
    env = TabletopEnv("take_lid_off_saucepan")
    play(env, seed=2)
    blind = env.world.frames[-1].qpos
    try:
        env.reset(seed=2)
        for waypoint in env.task.expert(env.world.state()):
            env.step(action_of(waypoint))
    except UserInputError as error:
        pytest.skip(str(error))
    assert env.world.frames[-1].qpos.tobytes() == blind.tobytes()


def test_frames_are_20_a_second_and_every_fifth_is_seen() -> None:
    with Recorder("reach_target", every=5) as recorder:
        try:
            demonstration = recorder.record(seed=0)
        except UserInputError as error:
            pytest.skip(str(error))
    assert np.diff(demonstration.times) == pytest.approx(0.05, abs=5e-3)
    expected = {*range(0, len(demonstration), 5), len(demonstration) - 1}
    assert expected <= set(demonstration.image_frames)
    target = recorder.env.world.state().pose("target")
    assert demonstration.tip_poses[-1, :3] == pytest.approx(target.position, abs=3e-3)


def test_a_grasped_lid_does_not_slip() -> None:
    env = TabletopEnv("take_lid_off_saucepan")
    play(env, seed=0)
    state = env.world.state()
    offset = state.tip.locate(state.pose("lid").position)
    for _ in range(100):  # a second of holding
        env.world.tick(env.world.data.ctrl.copy())
    state = env.world.state()
    assert state.tip.locate(state.pose("lid").position) == pytest.approx(offset, abs=2e-4)


def test_attaching_holds_what_friction_would_not() -> None:
    held = []
    for attach in (False, True):
        env = TabletopEnv("take_lid_off_saucepan", WorldConfig(attach=attach))
        env.begin(0)
        env.world.model.geom_friction[:] = 0.01
        for waypoint in env.task.expert(env.world.state()):
            outcome = env.execute(np.append(waypoint.tip.array(), waypoint.open))
        held.append(outcome.info["success"])
        assert outcome.info["attach"] is attach
    assert held == [False, True]
