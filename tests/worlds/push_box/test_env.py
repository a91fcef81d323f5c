"""The Gymnasium environment: conformance, ends of episodes, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import saccade
from push_scenes import FLYING, block, scenario
from saccade.errors import UserInputError
from saccade.worlds.push_box import PushBoxEnv, WorldConfig

ID = "saccade/PushBox-v0"
RAYS = WorldConfig(use_gl=False)
CUBE = scenario(block("cube", -0.70, 0.112, 0.025))


@pytest.fixture(name="env")
def env_fixture() -> Iterator[PushBoxEnv]:
    env = PushBoxEnv(scenario=CUBE, config=RAYS, patience=3)
    yield env
    env.close()


def act(row: int, col: int, direction: int) -> np.ndarray:
    return np.array([row, col, direction])


def test_it_is_registered_and_conforms() -> None:
    assert ID in saccade.WORLDS
    env = gymnasium.make(ID, n_objects=2)
    check_env(env.unwrapped)
    env.close()


def test_pictures_conform_too() -> None:
    env = gymnasium.make(ID, n_objects=1, render_mode="rgb_array")
    env.reset(seed=0)
    try:
        picture = env.render()
    except UserInputError:
        pytest.skip("no GL on this machine")
    assert picture.shape == (480, 640, 3) and picture.dtype == np.uint8
    assert picture.std() > 10
    assert (picture[0] > 200).mean() > 0.5  # a light background
    env.close()


def test_it_is_vectorised_through_gymnasium() -> None:
    envs = gymnasium.make_vec(
        ID, num_envs=2, vectorization_mode="sync", n_objects=1, config=RAYS, patience=1
    )
    first, _ = envs.reset(seed=[1, 2])
    assert first.shape == (2, 224, 224) and (first[0] != first[1]).any()
    # A push far from everything ends an episode of patience 1, and the next step starts anew.
    far = [act(5, 5, 0)] * 2
    _, _, terminated, truncated, info = envs.step(np.array(far))
    assert truncated.all() and not terminated.any()
    assert (info["objects_on_table"] == 1).all()
    again, _, _, truncated, info = envs.step(np.array(far))
    assert not truncated.any() and (info["actions"] == 0).all()
    assert (again != first).any()
    envs.close()


def test_the_same_seed_gives_the_same_episode() -> None:
    env = PushBoxEnv(n_objects=3, config=RAYS)
    episodes = []
    for seed in (4, 4, 5):
        first, info = env.reset(seed=seed)
        after, reward, *_ = env.step(act(112, 112, 8))
        episodes.append((first.tobytes(), after.tobytes(), reward, info["scenario"]))
    assert episodes[0] == episodes[1]
    assert episodes[0] != episodes[2]


def test_an_episode_terminates_when_the_table_is_empty(env: PushBoxEnv) -> None:
    heightmap, info = env.reset(seed=0)
    assert env.observation_space.contains(heightmap)
    assert heightmap[168, 12] == pytest.approx(0.05, abs=1e-3)
    assert (info["objects_on_table"], info["objects_in_box"]) == (1, 0)
    heightmap, reward, terminated, truncated, info = env.step(act(168, 32, 8))
    assert terminated and not truncated
    assert (info["objects_in_box"], info["objects_on_ground"], info["boxed"]) == (1, 0, 1)
    assert heightmap.max() < 0.01
    assert reward >= 10


def test_falling_beside_the_box_terminates_without_reward() -> None:
    beside = scenario(block("cube", -0.70, -0.112, 0.025))
    env = PushBoxEnv(scenario=beside, config=RAYS)
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(act(56, 32, 8))
    assert terminated and reward == 0.0
    assert (info["grounded"], info["objects_on_ground"]) == (1, 1)


def test_patience_truncates_and_a_change_restores_it(env: PushBoxEnv) -> None:
    env.reset(seed=0)
    idle, useful = act(10, 200, 0), act(112, 12, 4)
    ends = [env.step(a)[3] for a in (idle, idle, useful, idle, idle, idle)]
    assert ends == [False] * 5 + [True]


def test_sixty_actions_truncate() -> None:
    config = WorldConfig(scene=FLYING, use_gl=False, settle_time=0.02)
    env = PushBoxEnv(scenario=CUBE, config=config, patience=1000)
    env.reset(seed=0)
    ends = [env.step(act(10, 200, 0))[3] for _ in range(60)]
    assert ends == [False] * 59 + [True]


def test_a_refused_push_costs_an_action_and_says_why() -> None:
    # Three pillars on end at the far corner: the arm cannot hover 11 cm above them.
    tower = [block("pillar", -0.69, 0.19, 0.05 + 0.1 * i) for i in range(3)]
    env = PushBoxEnv(scenario=scenario(*tower), config=RAYS)
    env.reset(seed=0)
    _, reward, terminated, truncated, info = env.step(act(207, 17, 10))
    assert "the arm stays" in info["refusal"]
    assert (info["actions"], info["changed"], reward) == (1, False, 0.0)
    assert info["objects_on_table"] == 3 and not terminated and not truncated
    _, _, _, _, info = env.step(act(20, 200, 8))
    assert (info["actions"], info["refusal"]) == (2, "")


def test_an_episode_can_be_given_its_scenario(env: PushBoxEnv) -> None:
    other = scenario(block("plate", -0.4, -0.1, 0.0125))
    heightmap, info = env.reset(seed=0, options={"scenario": other})
    assert info["scenario"] == other
    assert heightmap[62, 162] == pytest.approx(0.025, abs=1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_objects": 0}, "number of objects is 0; expected 1 to 20"),
        ({"n_objects": 21}, "21"),
        ({"reward": "sparse"}, "expected one of paper, report"),
        ({"render_mode": "human"}, "'human'; expected None or 'rgb_array'"),
    ],
)
def test_unknown_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        PushBoxEnv(**settings)


def test_an_action_outside_the_space_is_refused(env: PushBoxEnv) -> None:
    env.reset(seed=0)
    with pytest.raises(UserInputError, match="row 300"):
        env.step(act(300, 0, 0))
