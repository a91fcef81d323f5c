"""What is put around a world so that an agent learns in it."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from jaxtyping import Float

from saccade.errors import UserInputError


class HeldActions(gymnasium.Wrapper, RecordConstructorArgs):
    """Holds each action for several steps of the world; of their rewards the last one counts.

    Args:
        env: World.
        steps: Steps that an action is held for, or fewer where the episode ends.
    """

    def __init__(self, env: gymnasium.Env, steps: int) -> None:
        RecordConstructorArgs.__init__(self, steps=steps)
        gymnasium.Wrapper.__init__(self, env)
        if steps < 1:
            raise UserInputError(f"steps is {steps}; expected 1 or more")
        self._steps = steps

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step several times."""
        result = self.env.step(action)
        for _ in range(self._steps - 1):
            if result[2] or result[3]:
                break
            result = self.env.step(action)
        observation, reward, terminated, truncated, info = result
        return observation, float(reward), terminated, truncated, info


class WithTime(gymnasium.Wrapper, RecordConstructorArgs):
    """Adds the time to observations that are vectors, as one more number from 0 to 1.

    Args:
        env: World.
        steps: Steps after which it is 1.

    Raises:
        UserInputError: Observations are no vectors.
    """

    def __init__(self, env: gymnasium.Env, steps: int) -> None:
        RecordConstructorArgs.__init__(self, steps=steps)
        gymnasium.Wrapper.__init__(self, env)
        seen = env.observation_space
        if not (isinstance(seen, spaces.Box) and len(seen.shape) == 1):
            raise UserInputError(f"observations are {seen}; expected a vector of numbers (a Box)")
        low, high = np.append(seen.low, 0.0), np.append(seen.high, 1.0)
        self.observation_space = spaces.Box(
            low.astype(np.float32), high.astype(np.float32), dtype=np.float32
        )
        self._steps, self._number = steps, 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float[np.ndarray, " s"], dict[str, Any]]:
        """Begin at time 0."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._number = 0
        return self._with_time(observation), info

    def step(
        self, action: Any
    ) -> tuple[Float[np.ndarray, " s"], float, bool, bool, dict[str, Any]]:
        """Step; time goes on."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._number += 1
        return self._with_time(observation), float(reward), terminated, truncated, info

    def _with_time(self, observation: Any) -> Float[np.ndarray, " s"]:
        time = min(self._number / self._steps, 1.0)
        return np.append(observation, time).astype(np.float32)


class LastsForever(gymnasium.Wrapper, RecordConstructorArgs):
    """The last reward of an episode that terminates is paid for ever, discounted: r / (1 - gamma).

    A learner takes nothing to come after an end. Where rewards are negative an end, be it a
    failure, would be a relief; where they are positive, a success would be a loss. With this
    wrapper an end is a state like others, in which one stays: an absorbing state (Kostrikov et al.
    2019).

    Args:
        env: World; where it ends, its last reward is that of staying there.
        discount: Discount gamma of the learner.
    """

    def __init__(self, env: gymnasium.Env, discount: float) -> None:
        RecordConstructorArgs.__init__(self, discount=discount)
        gymnasium.Wrapper.__init__(self, env)
        if not 0 <= discount < 1:
            raise UserInputError(f"discount is {discount}; expected 0 to below 1")
        self._discount = discount

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step; see the class."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated:
            reward = float(reward) / (1 - self._discount)
        return observation, float(reward), terminated, truncated, info
