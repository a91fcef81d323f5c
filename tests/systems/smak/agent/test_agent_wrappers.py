"""What is put around a world, on one whose steps are counted by hand."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

from saccade.errors import UserInputError
from saccade.systems.smak.agent.wrappers import HeldActions, LastsForever, WithTime


class Counter(gymnasium.Env):
    """Counts steps, pays their number, and ends with the fifth."""

    def __init__(self) -> None:
        self.observation_space = spaces.Box(0, 5, (1,), np.float32)
        self.action_space = spaces.Discrete(2)
        self._steps = 0

    def reset(self, *, seed=None, options=None) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self._steps += 1
        seen = np.array([self._steps], np.float32)
        return seen, float(self._steps), self._steps == 5, False, {}


def test_an_action_is_held_until_the_end() -> None:
    env = HeldActions(Counter(), 2)
    check_env(env, skip_render_check=True)
    env.reset()
    assert [env.step(0)[:3] for _ in range(3)] == [(2, 2, False), (4, 4, False), (5, 5, True)]


def test_the_end_lasts_for_ever() -> None:
    env = LastsForever(Counter(), 0.75)
    env.reset()
    assert [env.step(0)[1] for _ in range(5)] == pytest.approx([1, 2, 3, 4, 20])


def test_time_is_added() -> None:
    env = WithTime(Counter(), 4)
    check_env(env, skip_render_check=True)
    for _ in range(2):
        first, _ = env.reset()
        seen = [first, *(env.step(0)[0] for _ in range(5))]
        assert np.array_equal(np.stack(seen)[:, 1], [0, 0.25, 0.5, 0.75, 1, 1])
        assert np.array_equal(np.stack(seen)[:, 0], range(6))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HeldActions(Counter(), 0), "steps is 0; expected 1 or more"),
        (lambda: LastsForever(Counter(), 1.0), "discount is 1.0; expected 0 to below 1"),
        (lambda: WithTime(gymnasium.make("FrozenLake-v1"), 3), "observations are Discrete"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        make()
