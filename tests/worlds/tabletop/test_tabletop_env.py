"""The tasks as Gymnasium environments: conformance, ends of episodes, what is seen."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.tabletop.env import TabletopEnv
from saccade.worlds.tabletop.expert import action_of
from saccade.worlds.tabletop.pose import top_down
from saccade.worlds.tabletop.task import Waypoint
from saccade.worlds.tabletop.world import WorldConfig

ID = "saccade/TakeLidOffSaucepan-v0"


def go(x: float, y: float, z: float, gripper_open: bool = True) -> np.ndarray:
    return action_of(Waypoint(top_down(x, y, z), gripper_open))


@pytest.fixture(name="env")
def env_fixture() -> Iterator[TabletopEnv]:
    env = TabletopEnv("take_lid_off_saucepan", max_actions=3)
    try:
        env.reset(seed=0)
    except UserInputError as error:
        pytest.skip(str(error))
    yield env
    env.close()


@pytest.mark.filterwarnings("ignore:.*symmetric and normalized space")  # poses are in the world
def test_it_conforms() -> None:
    env = gymnasium.make(ID)
    check_env(env.unwrapped)
    env.close()


def test_pictures_conform_too() -> None:
    env = gymnasium.make(ID, render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert picture.shape == (480, 640, 3) and picture.std() > 10
    env.close()


def test_a_film_shows_every_second_frame_and_the_last(env: TabletopEnv) -> None:
    env.step(go(0.5, 0.1, 0.3))
    count = len(env.world.frames)
    pictures = list(env.film(every=2))
    assert len(pictures) == -(-(count - 1) // 2) + 1
    assert pictures[-1].shape == (360, 480, 3)
    assert (pictures[0] != pictures[-1]).any()


def test_an_observation_is_of_its_space_and_of_the_moment(env: TabletopEnv) -> None:
    seen, info = env.reset(seed=1)
    assert env.observation_space.contains(seen)
    assert seen["gripper_open"] == pytest.approx(1.0, abs=0.01)
    assert info["success"] is False and info["failure"] is None and info["held"] == []
    lid = info["poses"]["lid"][:3]
    column, row = np.rint(env.observation.view.project(lid[None])[0]).astype(int)
    red, green, _ = seen["rgb"][row - 3, column + 6]
    assert red > 3 * green  # the lid, beside its knob
    assert np.linalg.norm(seen["points"][row, column] - lid) < 0.04
    seen, *_ = env.step(go(0.5, 0.1, 0.3, gripper_open=False))
    assert seen["tip_pose"][:3] == pytest.approx([0.5, 0.1, 0.3], abs=2e-3)
    assert seen["gripper_open"] == pytest.approx(0.0, abs=0.02)


def test_a_pose_out_of_reach_ends_the_episode_and_says_why(env: TabletopEnv) -> None:
    before = env.observation.proprioception.tip_pose
    _, reward, terminated, truncated, info = env.step(go(0.9, 0.6, 0.1))
    assert (reward, terminated, truncated) == (-1.0, True, False)
    assert info["failure"] == "out_of_reach" and not info["success"]
    assert env.observation.proprioception.tip_pose == pytest.approx(before, abs=1e-3)


def test_too_many_actions_truncate(env: TabletopEnv) -> None:
    ends = [env.step(go(0.4, 0.0, z))[2:4] for z in (0.30, 0.35, 0.40)]
    assert ends == [(False, False), (False, False), (False, True)]
    assert env.step(go(0.4, 0.0, 0.3))[4]["failure"] == "time_out"


def test_a_grasp_that_slips_off_is_named(env: TabletopEnv) -> None:
    lid = env.world.state().pose("lid")
    grasp = go(lid.x, lid.y, lid.z + 0.018, gripper_open=False)
    above = go(lid.x, lid.y, lid.z + 0.098)
    env.step(above)
    assert env.step(grasp)[4]["held"] == ["lid"]
    env.world.data.qpos[env.world.scene.qpos["lid"]] = [0.4, 0.2, 0.0, 1, 0, 0, 0]  # taken away
    info = env.step(go(0.5, 0.0, 0.3, gripper_open=False))[4]
    assert info["failure"] == "grasp_lost"


def test_the_same_seed_gives_the_same_episode(env: TabletopEnv) -> None:
    def episode(seed: int) -> list[bytes]:
        first, _ = env.reset(seed=seed)
        after, *_ = env.step(go(0.5, 0.0, 0.2))
        return [part.tobytes() for seen in (first, after) for part in seen.values()]

    once = episode(4)
    assert once == episode(4)
    assert once != episode(5)


def test_a_copy_goes_on_alone(env: TabletopEnv) -> None:
    other = copy.deepcopy(env)
    here = env.step(go(0.5, 0.0, 0.2))[0]["tip_pose"]
    there = other.step(go(0.5, 0.0, 0.2))[0]["tip_pose"]
    assert here.tobytes() == there.tobytes()
    other.close()


def test_nothing_is_seen_before_the_reset() -> None:
    with pytest.raises(SaccadeError, match="nothing has been seen yet"):
        _ = TabletopEnv("reach_target").observation


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"task": "stack_whine"}, "unknown task 'stack_whine'"),
        ({"max_actions": 0}, "max_actions is 0"),
        ({"render_mode": "human"}, "'human'; expected None or 'rgb_array'"),
    ],
)
def test_unknown_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        TabletopEnv(**{"task": "reach_target"} | settings)


def test_a_timestep_that_bursts_is_refused() -> None:
    with pytest.raises(UserInputError, match=r"timestep is 0.02; expected 0.01 s divided by"):
        WorldConfig(timestep=0.02)
