"""Rewards of demonstrations, against numbers computed by hand."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from saccade.errors import UserInputError
from saccade.systems.smak.reward import (
    DemonstrationReward,
    GoalReward,
    TrackingReward,
    goal_reward,
    staying,
    tracking_reward,
)

DEMONSTRATIONS = [
    np.array([[0.0, 0.0], [9.0, 9.0], [4.0, 3.0]], np.float32),
    np.array([[8.0, 0.0], [4.0, 3.0]], np.float32),
]
"""Both end at (4, 3), 5 from where they begin."""


def test_the_goal_is_the_mean_of_last_frames_and_demonstrations_begin_at_minus_1() -> None:
    ends = [DEMONSTRATIONS[0], DEMONSTRATIONS[1] + np.array([2.0, 0.0], np.float32)]
    reward = goal_reward(ends)
    assert reward.goal == pytest.approx([5.0, 3.0])
    begins = (math.hypot(5, 3) + math.hypot(5, 3)) / 2
    assert reward.kappa == pytest.approx(1 / begins)
    assert goal_reward(DEMONSTRATIONS)(np.array([[4.0, 3.0], [4.0, 13.0]])) == pytest.approx(
        [0, -2]
    )


def test_tcns_reward_by_hand() -> None:
    reward = TrackingReward(DEMONSTRATIONS[0], alpha=2.0, beta=0.5, gamma=0.01)
    seen = np.array([[9.0, 12.0], [4.0, 3.0], [4.0, 4.0]])
    # Pictures 1, 2 and 3: the last one of the demonstration, number 2, stays.
    squared = np.array([9.0, 0.0, 1.0])
    assert reward(seen, 1) == pytest.approx(-2 * squared - 0.5 * np.sqrt(0.01 + squared))


def test_tcns_distances_are_in_units_of_the_demonstration() -> None:
    small = tracking_reward(DEMONSTRATIONS[0])
    large = tracking_reward(10 * DEMONSTRATIONS[0])
    seen = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert small(seen) == pytest.approx(large(10 * seen))
    # Picture 0 of the demonstration is one unit from its end.
    assert small(DEMONSTRATIONS[0][:1], 2) == pytest.approx([-1 - 0.1 * math.sqrt(1.001)])


@pytest.mark.parametrize(
    "reward", [GoalReward(np.array([1.0, 0.0])), tracking_reward(DEMONSTRATIONS[0])]
)
@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_staying_is_the_sum_of_a_long_time(reward: Any, number: int) -> None:
    embedding, discount = np.array([2.0, 2.0]), 0.9
    each = reward(np.repeat(embedding[None], 400, axis=0), number)
    assert staying(reward, embedding, number, discount) == pytest.approx(
        discount ** np.arange(400) @ each
    )


class Corridor(gymnasium.Env):
    """A place from 0 to 3 that shows as the brightness of a picture; 3 ends the episode."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012

    def __init__(self, render_mode: str | None = "rgb_array") -> None:
        self.render_mode = render_mode
        self.observation_space = spaces.Box(0, 3, (1,), np.float32)
        self.action_space = spaces.Discrete(2)
        self._place = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._place = 0
        return np.array([0.0], np.float32), {}

    def step(self, action):
        self._place += int(action)
        return np.array([self._place], np.float32), 0.5, self._place == 3, False, {}

    def render(self):
        return np.full((4, 4, 3), self._place, np.uint8)


def brightness(frames: np.ndarray) -> np.ndarray:
    """An embedder: the mean brightness of each picture, and 0."""
    mean = frames.mean(axis=(1, 2, 3), dtype=np.float32)
    return np.stack([mean, np.zeros_like(mean)], axis=1)


def test_a_world_pays_what_its_pictures_are_worth() -> None:
    env = DemonstrationReward(Corridor(), brightness, GoalReward(np.array([2.0, 0.0])), 0.9)
    check_env(env, skip_render_check=True)
    env.reset()
    rewards = []
    for action in (0, 1, 1, 1):
        observation, reward, terminated, _, info = env.step(action)
        rewards.append(reward)
    # The last picture, 1 away from the goal, stays for ever: -1 / (1 - 0.9).
    assert rewards == pytest.approx([-2, -1, 0, -10]) and terminated
    assert info["world_reward"] == 0.5 and info["embedding"] == pytest.approx([3, 0])
    assert observation == pytest.approx([3.0])


def test_a_reward_that_depends_on_time_counts_pictures() -> None:
    demonstration = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])
    reward = TrackingReward(demonstration, alpha=1.0, beta=0.0)
    env = DemonstrationReward(Corridor(), brightness, reward, 0.9)
    for _ in range(2):
        env.reset()
        # Ahead by 0, behind by 1, by 2, and by 2 for ever.
        assert [env.step(a)[1] for a in (1, 0, 0, 0)] == pytest.approx([0, -1, -4, -4])


def test_pictures_may_come_from_elsewhere() -> None:
    env = DemonstrationReward(
        Corridor(render_mode=None),
        brightness,
        GoalReward(np.array([0.0, 0.0])),
        0.9,
        look=lambda: np.full((2, 2, 3), 7, np.uint8),
    )
    env.reset()
    assert env.step(0)[1] == pytest.approx(-7.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: goal_reward([]), "there is none"),
        (lambda: goal_reward([np.zeros((3, 2))]), "expected some distance"),
        (lambda: tracking_reward(np.zeros((0, 2))), "the demonstration is empty"),
        (lambda: GoalReward(np.zeros(3))(np.zeros((1, 2))), "2 numbers; expected 3"),
        (
            lambda: DemonstrationReward(Corridor(None), brightness, GoalReward(np.zeros(2)), 0.9),
            "render_mode is None; expected 'rgb_array'",
        ),
        (
            lambda: DemonstrationReward(Corridor(), brightness, GoalReward(np.zeros(2)), 1.0),
            "discount is 1.0; expected 0 to below 1",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        make()
