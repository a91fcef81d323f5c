"""The learner, against a slow transcription and small problems whose answer is known."""

from __future__ import annotations

import copy
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.distributions import Normal, TanhTransform, TransformedDistribution

from saccade.errors import UserInputError
from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.learn import learn, success_on_starts
from saccade.systems.smak.agent.soft_actor_critic import Actor, SoftActorCritic, Transitions

SMALL = AgentConfig(
    steps=600, random_steps=100, batch=64, units=32, learning_rate=3e-3, test_every=300,
    test_episodes=5,
)  # fmt: skip


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def agent_of(seed: int) -> SoftActorCritic:
    return SoftActorCritic(SMALL, 2, 2, np.random.default_rng(seed))


def test_an_actor_begins_in_the_middle_and_its_spread_stays_in_bounds() -> None:
    actor = Actor(2, 2, 16, np.random.default_rng(0))
    assert np.abs(actor.mode(normal(1, 50, 2))).max() < 0.2
    actor.network.weights[-1] *= 1e4
    drawn = actor.draw(1000 * normal(1, 50, 2), np.random.default_rng(2))
    assert np.exp(-5) * 0.999 <= drawn.std.min() and drawn.std.max() <= np.exp(1) * 1.001
    assert np.abs(drawn.actions).max() <= 1


def test_draws_have_the_density_of_a_squashed_gaussian() -> None:
    actor = Actor(1, 2, 16, np.random.default_rng(0))
    actor.network.weights[-1] *= 50
    states = normal(1, 40, 1)
    drawn = actor.draw(states, np.random.default_rng(2))
    mean, raw = torch.from_numpy(actor.network(states[None])[0]).double().chunk(2, dim=1)
    std = (-5 + 3 * (raw.tanh() + 1)).exp()
    policy = TransformedDistribution(Normal(mean, std), TanhTransform())
    actions = torch.from_numpy(drawn.actions).double()
    inside = (actions.abs() < 0.99).all(dim=1)
    assert inside.sum() > 20
    expected = policy.log_prob(actions).sum(dim=1)
    assert np.allclose(drawn.log_prob[inside], expected[inside], atol=1e-2)


def test_the_actors_gradient_is_pytorchs() -> None:
    actor = Actor(2, 2, 6, np.random.default_rng(0))
    actor.network.weights[-1] *= 50
    states, slope, weight = normal(1, 7, 2), normal(2, 7, 2), 0.3
    drawn = actor.draw(states, np.random.default_rng(3))
    output = torch.from_numpy(drawn.layers[-1][0]).double().requires_grad_()
    mean, raw = output.chunk(2, dim=1)
    log_std = -5 + 3 * (raw.tanh() + 1)
    z = mean + log_std.exp() * torch.from_numpy(drawn.noise)
    log_prob = (Normal(mean, log_std.exp()).log_prob(z) - (1 - z.tanh() ** 2).log()).sum()
    ((z.tanh() * torch.from_numpy(slope)).sum() + weight * log_prob).backward()
    assert output.grad is not None
    expected = actor.network.backward(drawn.layers, output.grad.float().numpy()[None])[1]
    assert np.allclose(actor.gradient(drawn, slope, weight), expected, atol=1e-4)


def test_the_critics_learn_what_is_paid_where_nothing_follows() -> None:
    agent, states, actions = agent_of(0), normal(1, 64, 2), np.tanh(normal(2, 64, 2))
    rewards = states[:, 0] - 2 * actions[:, 0]
    batch = Transitions(states, actions, rewards, states, np.ones(64, np.float32))
    for _ in range(400):
        agent.update(batch)
    pairs = np.repeat(np.concatenate([states, actions], axis=1)[None], 2, axis=0)
    assert np.allclose(agent.critics(pairs)[..., 0], rewards, atol=0.3)


def test_the_actor_finds_what_is_paid_and_the_entropy_its_target() -> None:
    agent, states = agent_of(0), normal(1, 64, 2)
    rng = np.random.default_rng(5)
    for _ in range(1500):
        actions = rng.uniform(-1, 1, (64, 2)).astype(np.float32)
        rewards = -10 * np.square(actions - [0.5, -0.3]).sum(axis=1).astype(np.float32)
        metrics = agent.update(
            Transitions(states, actions, rewards, states, np.ones(64, np.float32))
        )
    assert np.allclose(agent.actor.mode(states), [0.5, -0.3], atol=0.15)
    assert metrics["entropy"] == pytest.approx(-2, abs=0.5)


def test_the_target_counts_the_entropy_and_stops_at_an_end() -> None:
    agent, states = agent_of(0), np.zeros((2, 2), np.float32)
    one, ends = np.ones(2, np.float32), np.array([0, 1], np.float32)
    batch = Transitions(states, states, one, states, ends)
    # With critics that are 3 and 5 everywhere the target is r + gamma (3 - alpha log pi).
    agent.targets.parameters[:] = 0
    agent.targets.biases[-1][:, 0, 0] = [5, 3]
    agent.log_alpha[:] = np.log(0.5)
    drawn = copy.deepcopy(agent).actor.draw(states, copy.deepcopy(agent._rng))
    target = agent._targets(batch)
    assert target[0] == pytest.approx(1 + 0.97 * (3 - 0.5 * drawn.log_prob[0]), rel=1e-5)
    assert target[1] == 1.0


class Line(gymnasium.Env):
    """A point that starts on a line and should come to 0 within ten steps."""

    def __init__(self) -> None:
        self.observation_space = spaces.Box(-3, 3, (1,), np.float32)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)
        self._place, self._steps = 0.0, 0

    def reset(self, *, seed=None, options=None) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self._place, self._steps = float(self.np_random.uniform(-2, 2)), 0
        return self._seen(), {}

    def step(self, action):
        self._place = float(np.clip(self._place + 0.5 * action[0], -3, 3))
        self._steps += 1
        near = abs(self._place) < 0.3
        return self._seen(), -abs(self._place), False, self._steps >= 10, {"success": near}

    def _seen(self) -> np.ndarray:
        return np.array([self._place], np.float32)


def test_it_learns_to_come_to_the_middle_and_the_seed_decides_how() -> None:
    told: list[dict[str, float]] = []
    runs = [
        learn(Line(), SMALL, seed, success_on_starts(Line(), 10), told.append) for seed in (0, 0, 1)
    ]
    assert [test.steps for test in runs[0].tests] == [300, 600]
    assert runs[0].tests[-1].success == 1.0
    assert [m["step"] for m in told[:2]] == [300, 600]
    first, again, other = (run.policy.actor.network.parameters for run in runs)
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert runs[0].returns == runs[1].returns and len(runs[0].returns) == 60
    assert runs[0].policy(np.array([1.5], np.float32))[0] < -0.5


def test_worlds_of_another_kind_are_refused() -> None:
    env = gymnasium.make("CartPole-v1")
    with pytest.raises(UserInputError, match=r"actions are Discrete\(2\); expected a vector"):
        learn(env, SMALL, 0, lambda _: 0.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 10, "random_steps": 20}, "random_steps is 20; expected at most steps, 10"),
        ({"discount": 1.0}, "discount is 1.0; expected 0 to below 1"),
        ({"batch": 0}, "batch is 0"),
        ({"tau": 0.0}, "tau is 0.0; expected above 0"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        AgentConfig(**settings)
