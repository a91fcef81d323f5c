"""Rewards from demonstrations: how near a picture is to where they end, or to where one was then.

    goal = goal_reward([embed(frames) for frames in demonstrations])  # XIRL's form
    env = DemonstrationReward(env, embed, goal, discount=0.97)  # any world that renders

`embed` is an embedder, uint8 (n, h, w, 3) -> float32 (n, d), such as `saccade.load("smak")`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from jaxtyping import Float, UInt8

from saccade.errors import UserInputError

Embeddings = Float[np.ndarray, "n d"]
Embedder = Callable[[UInt8[np.ndarray, "n h w 3"]], Embeddings]


class Reward(Protocol):
    """A reward of embeddings.

    Attributes:
        length: Pictures over which it depends on time; 0 for one that does not.
    """

    @property
    def length(self) -> int: ...

    def __call__(self, embeddings: Embeddings, first: int = 0) -> Float[np.ndarray, " n"]:
        """Reward of each of n pictures in a row, of which the first is number `first`."""
        ...


@dataclass(frozen=True, eq=False)
class GoalReward:
    """r = -kappa |phi(s) - g| (Zakka et al. 2021, XIRL).

    Attributes:
        goal: Embedding g of the goal (d,).
        kappa: Scale of the distance.
    """

    goal: Float[np.ndarray, " d"]
    kappa: float = 1.0
    length = 0

    def __call__(self, embeddings: Embeddings, first: int = 0) -> Float[np.ndarray, " n"]:
        """See `Reward`."""
        _check_width(embeddings, self.goal)
        return -self.kappa * np.linalg.norm(embeddings - self.goal, axis=1)


@dataclass(frozen=True, eq=False)
class TrackingReward:
    """r = -alpha |w - v|^2 - beta sqrt(gamma + |w - v|^2) (Sermanet et al. 2018, TCN).

    w is the embedding of the learner's picture, v that of the demonstration's at the same time; the
    last picture of the demonstration stays.

    Attributes:
        demonstration: Embeddings of one demonstration, frame by frame (m, d).
        alpha: Weight of the squared distance, which matters far away.
        beta: Weight of the other term, which matters near by.
        gamma: Squared distance below which that term is round.
    """

    demonstration: Float[np.ndarray, "m d"]
    alpha: float = 1.0
    beta: float = 0.1
    gamma: float = 1e-3

    @property
    def length(self) -> int:
        """Pictures of the demonstration."""
        return len(self.demonstration)

    def __call__(self, embeddings: Embeddings, first: int = 0) -> Float[np.ndarray, " n"]:
        """See `Reward`."""
        _check_width(embeddings, self.demonstration[0])
        numbers = np.minimum(first + np.arange(len(embeddings)), self.length - 1)
        squared = np.square(embeddings - self.demonstration[numbers]).sum(axis=1)
        return -self.alpha * squared - self.beta * np.sqrt(self.gamma + squared)


def goal_reward(demonstrations: Sequence[Embeddings]) -> GoalReward:
    """XIRL's reward: g is the mean embedding of the last frames of demonstrations.

    kappa is that at which demonstrations begin at -1 on average.

    Args:
        demonstrations: Embeddings of each demonstration, frame by frame.

    Raises:
        UserInputError: There are none, one is empty, or all begin where they end.
    """
    if not demonstrations or not all(len(each) for each in demonstrations):
        raise UserInputError("a demonstration is empty, or there is none; expected one or more")
    goal = np.mean([each[-1] for each in demonstrations], axis=0)
    begins = np.mean([np.linalg.norm(each[0] - goal) for each in demonstrations])
    return GoalReward(goal, 1 / _positive(float(begins)))


def tracking_reward(demonstration: Embeddings, beta: float = 0.1) -> TrackingReward:
    """TCN's reward, with distances in units of that from the demonstration's begin to its end.

    Args:
        demonstration: Embeddings of the demonstration, frame by frame.
        beta: Weight of the term that matters near by; that of the squared distance is 1.

    Raises:
        UserInputError: It is empty, or begins where it ends.
    """
    if not len(demonstration):
        raise UserInputError("the demonstration is empty; expected one frame or more")
    unit = _positive(float(np.linalg.norm(demonstration[-1] - demonstration[0])))
    return TrackingReward(demonstration, 1 / unit**2, beta / unit, 1e-3 * unit**2)


def staying(
    reward: Reward, embedding: Float[np.ndarray, " d"], number: int, discount: float
) -> float:
    """Discounted sum of the rewards of a picture that stays, from picture `number` on, for ever."""
    rest = max(reward.length - number, 1)
    rewards = reward(np.repeat(embedding[None], rest, axis=0), number)
    weights = discount ** np.arange(rest)
    weights[-1] /= 1 - discount
    return float(weights @ rewards)


class DemonstrationReward(gymnasium.Wrapper, RecordConstructorArgs):
    """Replaces a world's reward by one of its pictures.

    `info` has the world's own as `world_reward`, and the `embedding`. The end of an episode is
    worth what staying in its last picture for ever is, so that nothing is told of success. A
    policy for a reward that depends on time should see the time (`agent.wrappers.WithTime`).

    Args:
        env: World that renders "rgb_array".
        embedder: Embedder of pictures.
        reward: Reward of embeddings.
        discount: Discount of the learner.
        look: Function that takes the picture, uint8 (h, w, 3); by default the world's `render`.

    Raises:
        UserInputError: The world does not render, or the discount is not from 0 to below 1.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        embedder: Embedder,
        reward: Reward,
        discount: float,
        look: Callable[[], UInt8[np.ndarray, "h w 3"]] | None = None,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, embedder=embedder, reward=reward, discount=discount, look=look
        )
        gymnasium.Wrapper.__init__(self, env)
        if look is None and env.render_mode != "rgb_array":
            raise UserInputError(
                f"render_mode is {env.render_mode!r}; expected 'rgb_array', or a function `look`"
            )
        if not 0 <= discount < 1:
            raise UserInputError(f"discount is {discount}; expected 0 to below 1")
        self._embedder, self._reward, self._discount = embedder, reward, discount
        self._look: Callable[[], Any] = env.render if look is None else look
        self._number = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode, whose first picture is number 0."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._number = 0
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step, and look."""
        observation, own, terminated, truncated, info = self.env.step(action)
        self._number += 1
        embedding = self._embedder(np.asarray(self._look())[None])[0]
        if terminated:
            reward = staying(self._reward, embedding, self._number, self._discount)
        else:
            reward = float(self._reward(embedding[None], self._number)[0])
        info = {**info, "world_reward": float(own), "embedding": embedding}
        return observation, reward, terminated, truncated, info


def _positive(distance: float) -> float:
    if not distance > 0:
        raise UserInputError(
            f"demonstrations end {distance} from where they begin; expected some distance"
        )
    return distance


def _check_width(embeddings: Embeddings, goal: Float[np.ndarray, " d"]) -> None:
    if embeddings.shape[1] != len(goal):
        raise UserInputError(
            f"embeddings have {embeddings.shape[1]} numbers; expected {len(goal)}, as the "
            "demonstrations' have"
        )
