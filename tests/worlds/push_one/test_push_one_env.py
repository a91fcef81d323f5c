"""The world with one object: conformance, motion, ends of episodes, pictures."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import saccade
from saccade.errors import UserInputError
from saccade.worlds.push_box.box import BoxPlacement
from saccade.worlds.push_one import PushOneConfig, PushOneEnv

ID = "saccade/PushOne-v0"
LEFT, RIGHT = np.array([-1.0, 0.0]), np.array([1.0, 0.0])


@pytest.fixture(name="env")
def env_fixture() -> Iterator[PushOneEnv]:
    env = PushOneEnv()
    env.reset(seed=0)
    yield env
    env.close()


def test_it_is_registered_and_conforms() -> None:
    assert ID in saccade.WORLDS
    env = gymnasium.make(ID)
    check_env(env.unwrapped)
    env.close()


def test_the_same_seed_gives_the_same_episode_whatever_it_looks_like() -> None:
    episodes = []
    for seed, look in ((3, "plain"), (3, "drawn"), (4, "plain")):
        env = PushOneEnv(look=None) if look == "drawn" else PushOneEnv()
        first, _ = env.reset(seed=seed)
        after, reward, *_ = env.step(np.array([0.3, -0.8]))
        episodes.append((first.tobytes(), after.tobytes(), reward))
    assert episodes[0] == episodes[1]
    assert episodes[0] != episodes[2]


def test_a_copy_goes_on_alike(env: PushOneEnv) -> None:
    env.step(LEFT)
    other = copy.deepcopy(env)
    for _ in range(3):
        ours, theirs = env.step(LEFT), other.step(LEFT)
        assert np.array_equal(ours[0], theirs[0])


def test_a_full_action_moves_the_finger_two_centimetres_and_nothing_else(env: PushOneEnv) -> None:
    env.world.put("cube", np.array([0.1, 0.1]), 0.0, np.array([0.0, 0.0]))
    before = env.world.state()
    for _ in range(3):
        env.step(np.array([-1.0, 0.5]))
    state = env.world.state()
    assert state.finger == pytest.approx((-0.06, 0.03), abs=2e-3)
    assert state.block == pytest.approx(before.block, abs=1e-4)
    env.step(np.zeros(2))
    assert env.world.state().finger == pytest.approx((-0.06, 0.03), abs=1e-4)


def test_the_finger_never_leaves_the_table(env: PushOneEnv) -> None:
    env.world.put("cube", np.array([0.0, 0.1]), 0.0, np.array([0.0, -0.1]))
    for _ in range(20):
        observation, *_ = env.step(np.array([5.0, -5.0]))
    assert np.abs(observation[:2]).max() < 0.224
    assert observation[:2] == pytest.approx([0.214, -0.214], abs=1e-3)


def test_a_push_straight_ahead_takes_a_cube_along(env: PushOneEnv) -> None:
    env.world.put("cube", np.array([0.0, 0.0]), 0.0, np.array([0.06, 0.0]))
    for _ in range(5):
        env.step(LEFT)
    state = env.world.state()
    # The finger's side touches the cube's face: radius and half a side lie between them.
    assert state.finger[0] - state.block[0] == pytest.approx(0.015 + 0.025, abs=3e-3)
    assert state.block[1] == pytest.approx(0.0, abs=2e-3)


def test_in_the_box_ends_the_episode_with_1(env: PushOneEnv) -> None:
    env.world.put("cube", np.array([-0.18, 0.112]), 0.0, np.array([-0.12, 0.112]))
    for _ in range(10):
        _, reward, terminated, truncated, info = env.step(LEFT)
        if terminated:
            break
    assert terminated and not truncated
    assert reward == 1.0 and info["success"] and info["status"] == "box"
    assert info["progress"] == 1.0 and info["dense_reward"] == 0.0


def test_on_the_ground_ends_it_with_nothing(env: PushOneEnv) -> None:
    env.world.put("cube", np.array([-0.18, -0.112]), 0.0, np.array([-0.12, -0.112]))
    for _ in range(10):
        _, reward, terminated, _, info = env.step(LEFT)
        if terminated:
            break
    assert terminated and reward == 0.0 and not info["success"] and info["status"] == "ground"


def test_time_truncates() -> None:
    env = PushOneEnv(PushOneConfig(steps=3))
    env.reset(seed=0)
    assert [env.step(np.zeros(2))[2:4] for _ in range(3)] == [
        (False, False),
        (False, False),
        (False, True),
    ]


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_the_box_may_stand_at_any_edge(edge: str) -> None:
    env = PushOneEnv(PushOneConfig(box=BoxPlacement(edge, 0.0)))
    env.reset(seed=0)
    state = env.world.state()
    out = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[edge]
    assert math.hypot(*state.mouth) == pytest.approx(0.224, abs=3e-3)
    assert np.dot(state.mouth, out) == pytest.approx(0.224, abs=3e-3)
    env.world.put("cube", 0.18 * np.array(out), 0.0, 0.12 * np.array(out))
    for _ in range(10):
        _, reward, terminated, *_ = env.step(np.array(out, float))
        if terminated:
            break
    assert reward == 1.0


def test_dense_rewards_are_those_of_the_state() -> None:
    env = PushOneEnv(reward="dense")
    env.reset(seed=1)
    _, reward, _, _, info = env.step(RIGHT)
    expected = -(info["finger_to_block"] + info["block_to_box"]) / 0.448
    assert reward == pytest.approx(expected) and info["sparse_reward"] == 0.0


def test_every_view_has_a_picture_of_its_own() -> None:
    env = PushOneEnv(PushOneConfig(side=48), views=3, look=None, render_mode="rgb_array")
    env.reset(seed=0)
    try:
        pictures = [env.picture(view) for view in range(3)]
    except UserInputError:
        pytest.skip("no GL on this machine")
    assert all(p.shape == (48, 48, 3) and p.dtype == np.uint8 and p.std() > 10 for p in pictures)
    assert (pictures[0] != pictures[1]).any() and (pictures[1] != pictures[2]).any()
    assert np.array_equal(env.render(), pictures[0])
    with pytest.raises(UserInputError, match="view is 3; valid are 0 to 2"):
        env.picture(3)
    env.close()


def test_the_object_shows_its_colour() -> None:
    env = PushOneEnv(PushOneConfig(side=96))
    env.reset(seed=0)
    env.world.put("cube", np.array([0.0, 0.0]), 0.0, np.array([0.1, -0.1]))
    try:
        picture = env.picture().astype(int)
    except UserInputError:
        pytest.skip("no GL on this machine")
    red = picture[..., 0] - picture[..., 1:].max(axis=2)
    rows, columns = np.nonzero(red > 80)
    # The table's middle lies left of and above the picture's: the camera looks at table and box.
    assert 10 < len(rows) < 150
    assert rows.std() < 4 and columns.std() < 4
    assert rows.mean() < 48 and columns.mean() < 48
    env.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reward": "paper"}, "reward is 'paper'; expected one of sparse, dense"),
        ({"render_mode": "human"}, "'human'; expected None or 'rgb_array'"),
        ({"views": 0}, "views is 0; expected 1 or more"),
    ],
)
def test_unknown_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        PushOneEnv(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shapes": ()}, "shapes is empty"),
        ({"shapes": ("ball",)}, "shape is 'ball'; expected one of"),
        ({"steps": 0}, "steps is 0"),
        ({"side": 0}, "side is 0; expected 1 to"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        PushOneConfig(**settings)
