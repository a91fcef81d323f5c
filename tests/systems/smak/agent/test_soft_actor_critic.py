"""The learner, against a slow transcription and small problems whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from saccade.errors import UserInputError
from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.forever import LastsForever
from saccade.systems.smak.agent.learn import learn, success_on_starts
from saccade.systems.smak.agent.networks import Actor, TwinCritics
from saccade.systems.smak.agent.soft_actor_critic import SoftActorCritic, Transitions

SMALL = AgentConfig(
    steps=600, random_steps=100, batch=64, units=32, learning_rate=3e-3, test_every=300,
    test_episodes=5,
)  # fmt: skip


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_twin_critics_are_two_networks() -> None:
    critics = TwinCritics(3, 8, seeded(0))
    states, actions = torch.randn(5, 2, generator=seeded(1)), torch.randn(5, 1, generator=seeded(2))
    both = critics(states, actions)
    for i in range(2):
        x = torch.cat([states, actions], dim=1)
        for layer in range(3):
            x = x @ critics.weights[layer][i] + critics.biases[layer][i]
            x = x.relu() if layer < 2 else x
        assert torch.allclose(both[i], x[:, 0], atol=1e-6)
    assert not torch.allclose(both[0], both[1])


def test_an_actor_begins_in_the_middle_and_its_spread_stays_in_bounds() -> None:
    actor = Actor(2, 2, 16, seeded(0))
    mean, log_std = actor(1000 * torch.randn(50, 2, generator=seeded(1)))
    assert log_std.min() >= -5 and log_std.max() <= 1
    mean, _ = actor(torch.randn(50, 2, generator=seeded(1)))
    assert mean.abs().max() < 0.2


def test_the_critics_learn_what_is_paid_where_nothing_follows() -> None:
    agent = SoftActorCritic(SMALL, 1, 1, seeded(0))
    states, actions = (
        torch.randn(64, 1, generator=seeded(1)),
        torch.rand(64, 1, generator=seeded(2)),
    )
    rewards = states[:, 0] - 2 * actions[:, 0]
    batch = Transitions(states, actions, rewards, states, torch.ones(64))
    for _ in range(400):
        agent.update(batch)
    assert torch.allclose(agent.critics(states, actions), rewards.expand(2, -1), atol=0.2)


def test_the_target_counts_the_entropy_and_stops_at_an_end() -> None:
    agent = SoftActorCritic(SMALL, 1, 1, seeded(0))
    states = torch.zeros(2, 1)
    batch = Transitions(states, states, torch.tensor([1.0, 1.0]), states, torch.tensor([0.0, 1.0]))
    # With critics that are 3 everywhere the target is r + gamma (3 - alpha log pi).
    for layer in range(3):
        agent._target.weights[layer].zero_()
    agent._target.biases[2].fill_(3.0)
    state = agent._generator.get_state()
    target = agent._targets(batch, torch.tensor(0.5))
    agent._generator.set_state(state)
    mean, log_std = agent.actor(states)
    noise = torch.randn(mean.shape, generator=agent._generator)
    z = (mean + log_std.exp() * noise)[0, 0].item()
    density = math.exp(-0.5 * noise[0, 0] ** 2) / math.sqrt(2 * math.pi) / log_std[0, 0].exp()
    log_prob = math.log(density / (1 - math.tanh(z) ** 2))
    assert target[0].item() == pytest.approx(1 + 0.97 * (3 - 0.5 * log_prob), rel=1e-4)
    assert target[1].item() == 1.0


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
    first, again, other = (
        torch.cat([p.flatten() for p in run.policy.actor.parameters()]) for run in runs
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert runs[0].returns == runs[1].returns and len(runs[0].returns) == 60
    assert runs[0].policy(np.array([1.5], np.float32))[0] < -0.5


def test_the_end_of_an_episode_lasts_for_ever() -> None:
    class Ends(Line):
        def step(self, action):
            observation, reward, *_, info = super().step(action)
            return observation, reward, self._steps == 2, False, info

    env, plain = LastsForever(Ends(), 0.75), Ends()
    for each in (env, plain):
        each.reset(seed=3)
    for end in (1, 4):
        action = np.array([0.1], np.float32)
        assert env.step(action)[1] == pytest.approx(end * plain.step(action)[1])


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
