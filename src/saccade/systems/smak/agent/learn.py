"""Learning from a reward: an agent acts in a world, learns, and is tested on held-out starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float

from saccade.data.replay import Column, Replay
from saccade.errors import UserInputError
from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.soft_actor_critic import Actor, SoftActorCritic, Transitions

TEST_SEED = 1_000_000
"""Seed of the first held-out start; starts of learning come from one generator."""


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy that has learned: the mode of its actor.

    Attributes:
        actor: The network.
        mean: Mean of states, by which they are centred.
        scale: Their standard deviation, by which they are divided.
    """

    actor: Actor
    mean: Float[np.ndarray, " s"]
    scale: Float[np.ndarray, " s"]

    def __call__(self, state: Float[np.ndarray, " s"]) -> Float[np.ndarray, " a"]:
        """The action for a state."""
        scaled = ((state - self.mean) / self.scale).astype(np.float32)
        return self.actor.mode(scaled[None])[0]


@dataclass(frozen=True)
class Tested:
    """A test on held-out starts.

    Attributes:
        steps: Steps in the world before it.
        success: Share of the starts from which the task was done.
    """

    steps: int
    success: float


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of learning.

    Attributes:
        policy: The policy at the end.
        tests: Tests on the way; the last is at the end.
        returns: Sum of the rewards of each episode.
    """

    policy: Policy
    tests: tuple[Tested, ...]
    returns: tuple[float, ...]


def learn(
    env: gymnasium.Env,
    config: AgentConfig,
    seed: int,
    test: Callable[[Policy], float],
    told: Callable[[dict[str, float]], None] = lambda _: None,
) -> Learned:
    """Learn to act in a world; the same seed gives the same policy on the same machine.

    Args:
        env: World with a vector of numbers as observation, and actions in -1..1.
        config: Settings.
        seed: Seed of the world's starts and of all else that is drawn.
        test: Function that gives a policy's share of successes.
        told: Function that is told the metrics of every test.

    Raises:
        UserInputError: The world's observations or actions are of another kind.
    """
    return _Learning(env, config, seed, test, told).run()


def success_on_starts(
    env: gymnasium.Env, episodes: int, first_seed: int = TEST_SEED
) -> Callable[[Policy], float]:
    """A test: the share of held-out starts from which a policy ends in `info["success"]`."""

    def test(policy: Policy) -> float:
        return float(np.mean([_succeeds(env, policy, first_seed + i) for i in range(episodes)]))

    return test


def _succeeds(env: gymnasium.Env, policy: Policy, seed: int) -> bool:
    state, info = env.reset(seed=seed)
    ended = False
    while not ended:
        state, _, terminated, truncated, info = env.step(policy(state))
        ended = terminated or truncated
    return bool(info["success"])


class _Learning:
    """The state of a course of learning."""

    def __init__(self, env, config: AgentConfig, seed: int, test, told) -> None:
        self.env, self.config, self.test, self.told = env, config, test, told
        inputs, actions = _sizes(env)
        self.rng = np.random.default_rng(seed)
        self.agent = SoftActorCritic(config, inputs, actions, self.rng)
        self.replay = Replay(
            {
                "state": Column("float32", (inputs,)),
                "action": Column("float32", (actions,)),
                "reward": Column("float32", ()),
                "next_state": Column("float32", (inputs,)),
                "terminal": Column("float32", ()),
            },
            capacity=config.steps,
            exponent=0.0,
        )
        self.mean, self.scale = np.zeros(inputs, np.float32), np.ones(inputs, np.float32)
        self.seed = seed
        self.returns: list[float] = []

    def run(self) -> Learned:
        """Act, learn and test."""
        config, tests = self.config, []
        state, _ = self.env.reset(seed=self.seed)
        total, values = 0.0, {}
        for step in range(1, config.steps + 1):
            state, reward, ended = self._act(state, random=step <= config.random_steps)
            total += reward
            if ended:
                self.returns.append(total)
                total, (state, _) = 0.0, self.env.reset()
            if step == config.random_steps:
                self._set_scale()
            if step > config.random_steps:
                for _ in range(config.updates):
                    values = self.agent.update(self._batch())
            if step % config.test_every == 0 or step == config.steps:
                tests.append(Tested(step, self.test(self.policy)))
                recent = float(np.mean(self.returns[-20:])) if self.returns else 0.0
                self.told({"step": step, "success": tests[-1].success, "return": recent, **values})
        return Learned(self.policy, tuple(tests), tuple(self.returns))

    @property
    def policy(self) -> Policy:
        """The policy as it is now."""
        return Policy(self.agent.actor, self.mean, self.scale)

    def _act(self, state: np.ndarray, random: bool) -> tuple[np.ndarray, float, bool]:
        """One step in the world, which is kept; returns the state after, the reward, the end."""
        if random:
            action = self.rng.uniform(-1, 1, self.env.action_space.shape).astype(np.float32)
        else:
            action = self.agent.explore(((state - self.mean) / self.scale).astype(np.float32))
        after, reward, terminated, truncated, _ = self.env.step(action)
        row: dict[str, Any] = {
            "state": state,
            "action": action,
            "reward": reward,
            "next_state": after,
            "terminal": float(terminated),
        }
        self.replay.add({name: np.asarray(value)[None] for name, value in row.items()})
        return after, float(reward), terminated or truncated

    def _set_scale(self) -> None:
        """Centre and scale states by those of the random steps."""
        states = self.replay.rows(np.arange(len(self.replay)))["state"]
        self.mean = states.mean(axis=0)
        self.scale = np.maximum(states.std(axis=0), 1e-6)

    def _batch(self) -> Transitions:
        rows = self.replay.sample(self.config.batch, self.rng, prioritised=False).rows
        for name in ("state", "next_state"):
            rows[name] = (rows[name] - self.mean) / self.scale
        names = ("state", "action", "reward", "next_state", "terminal")
        return Transitions(*(rows[name] for name in names))


def _sizes(env: gymnasium.Env) -> tuple[int, int]:
    """Numbers of a state and of an action."""
    states, actions = env.observation_space, env.action_space
    if not (isinstance(states, spaces.Box) and len(states.shape) == 1):
        raise UserInputError(f"observations are {states}; expected a vector of numbers (a Box)")
    if not (
        isinstance(actions, spaces.Box)
        and len(actions.shape) == 1
        and (actions.low == -1).all()
        and (actions.high == 1).all()
    ):
        raise UserInputError(f"actions are {actions}; expected a vector in -1..1 (a Box)")
    return states.shape[0], actions.shape[0]
