from __future__ import annotations

import copy
from dataclasses import replace

import torch

from arm_batches import make_batch
from saccade.attention.pixel_argmax import argmax_2d, value_at
from saccade.systems.arm.paper_method.q_attention.agent import QAttentionAgent
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig

SMALL = QAttentionConfig(channels=8, learning_rate=1e-2)


def make_agent(config: QAttentionConfig = SMALL) -> QAttentionAgent:
    return QAttentionAgent(config, torch.Generator().manual_seed(0), precision="float32")


def test_it_comes_to_look_where_it_was_rewarded() -> None:
    batch = make_batch(n=4, terminal=1.0)
    batch = replace(batch, rewards=torch.full((4,), 10.0))
    agent = make_agent()
    for _ in range(60):
        agent.update(batch)
    values = agent.values(batch.state.views)
    assert argmax_2d(values).tolist() == batch.pixels.tolist()
    assert torch.allclose(value_at(values, batch.pixels), batch.rewards, atol=1.5)


def test_regularisation_keeps_the_other_pixels_low() -> None:
    batch = make_batch(n=4, terminal=1.0)
    sizes = []
    for weight in (0.0, 0.1):
        agent = make_agent(replace(SMALL, regularisation=weight))
        for _ in range(25):
            agent.update(batch)
        sizes.append(agent.values(batch.state.views).square().mean().item())
    assert sizes[1] < 0.5 * sizes[0]


def test_errors_are_the_mean_of_the_twins_and_are_not_weighed() -> None:
    batch = make_batch(n=3, terminal=1.0)
    agent = make_agent()
    first, second = (q.detach() for q in agent.network.both(batch.state.views))
    target = batch.rewards
    expected = [
        sum(max(abs(float(q[i, y, x] - target[i])) - 0.5, 0.0) for q in (first, second)) / 2
        for i, (x, y) in enumerate(batch.pixels.tolist())
    ]
    errors, _ = agent.update(replace(batch, weights=torch.full((3,), 7.0)))
    # The first row's target is 0, from which Q is not 1 away: Huber's other branch.
    assert torch.allclose(errors[1:], torch.tensor(expected[1:]), rtol=1e-5)


def test_resumed_equals_uninterrupted() -> None:
    batch = make_batch()
    agent, other = make_agent(), make_agent()
    agent.update(batch)
    other.parts.load_state_dict(copy.deepcopy(agent.parts.state_dict()))
    for _ in range(2):
        errors, metrics = agent.update(batch)
        other_errors, other_metrics = other.update(batch)
        assert torch.equal(errors, other_errors) and metrics == other_metrics
