"""An episode that ends goes on for ever: what an end is worth follows from rewards alone."""

from __future__ import annotations

from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs


class LastsForever(gymnasium.Wrapper, RecordConstructorArgs):
    """The last reward of an episode that terminates is paid for ever, discounted: r / (1 - gamma).

    A learner takes nothing to come after an end. Where rewards are negative an end, be it a
    failure, would be a relief; and where they are positive, a success would be a loss. With this
    wrapper an end is a state like others in which one stays, as the absorbing states of Kostrikov
    et al. (2019).

    Args:
        env: World; where it ends, its last reward is that of staying there.
        discount: Discount gamma of the learner.
    """

    def __init__(self, env: gymnasium.Env, discount: float) -> None:
        RecordConstructorArgs.__init__(self, discount=discount)
        gymnasium.Wrapper.__init__(self, env)
        self._discount = discount

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step; see the class."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated:
            reward = float(reward) / (1 - self._discount)
        return observation, float(reward), terminated, truncated, info
