from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.layers import PooledHead
from saccade.systems.arm.paper_method.next_best_pose.config import PAPER_POSE, PoseConfig
from saccade.systems.arm.paper_method.next_best_pose.networks import (
    Actor,
    Critic,
    SharedTrunk,
    TwinCritic,
)
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig

SMALL = PoseConfig(stem=4, actor=8, critic=8, depth=2)
SOFT = QAttentionConfig(channels=4)


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_critics_give_a_q_and_a_confidence_at_each_pixel_of_the_crop() -> None:
    network = TwinCritic(SMALL, SOFT, 32, 3, torch.Generator().manual_seed(0))
    features = network.trunk(random(2, 6, 16, 16))
    assert features.shape == (2, 8, 16, 16)
    for q, confidence in network.both(features, random(2, 3), random(2, 8)):
        assert q.shape == confidence.shape == (2, 16, 16)
        assert confidence.min() > 0 and confidence.max() < 1


def test_without_confidence_a_critic_gives_one_q_that_is_certain() -> None:
    critic = Critic(8, replace(SMALL, confidence=False))
    q, confidence = critic(random(2, 5, 16, 16), random(2, 3), random(2, 8))
    assert q.shape == (2, 1, 1) and confidence.tolist() == [[[1.0]], [[1.0]]]


@pytest.mark.parametrize("residual", [False, True])
def test_a_critic_hears_what_the_arm_knows_and_does(residual: bool) -> None:
    critic = Critic(8, replace(SMALL, residual=residual))
    proprioception, codes = random(1, 3).requires_grad_(), random(1, 8).requires_grad_()
    critic(random(1, 5, 16, 16), proprioception, codes)[0].sum().backward()
    assert proprioception.grad is not None and codes.grad is not None
    assert proprioception.grad.abs().min() > 0 and codes.grad.abs().min() > 0


def test_the_published_critic_has_this_many_parameters() -> None:
    inputs = 64 + 10 + 8
    norms = 3 * 2 * 2 * 128
    first = (inputs * 9 + 1) * 128 + (128 * 9 + 1) * 128 + (inputs + 1) * 128
    others = 2 * 2 * (128 * 9 + 1) * 128
    head = (128 * 9 + 1) * 2
    critic = Critic(64 + 10, PAPER_POSE)
    assert sum(p.numel() for p in critic.parameters()) == first + others + norms + head


@pytest.mark.parametrize("look", ["view", "soft"])
def test_a_whole_view_becomes_maps_as_large_as_a_crops(look) -> None:
    trunk = SharedTrunk(replace(SMALL, look=look), SOFT, 32)
    assert trunk(random(2, 6, 32, 32)).shape == (2, 8, 16, 16)
    assert (trunk.attention is not None) == (look == "soft")


def test_soft_attention_is_learned_through_the_critics() -> None:
    network = TwinCritic(replace(SMALL, look="soft"), SOFT, 32, 3, torch.Generator().manual_seed(0))
    (q, _), _ = network.both(network.trunk(random(1, 6, 32, 32)), random(1, 3), random(1, 8))
    q.sum().backward()
    assert network.trunk.attention is not None
    gradient = network.trunk.attention.head.weight.grad
    assert gradient is not None and gradient.abs().max() > 0


def test_a_view_that_cannot_be_halved_to_the_maps_is_refused() -> None:
    with pytest.raises(UserInputError, match="view is 48 pixels"):
        SharedTrunk(replace(SMALL, look="view"), SOFT, 48)


def test_the_actors_standard_deviation_stays_in_its_bounds() -> None:
    actor = Actor(8, replace(SMALL, log_std=(-0.1, 0.1)))
    mean, log_std = actor(100 * random(3, 5, 16, 16), random(3, 3))
    assert mean.shape == (3, 8)
    assert log_std.abs().max() <= torch.tensor(0.1) and log_std.std() > 0


def test_heads_are_not_rounded_in_reduced_precision() -> None:
    maps = random(3, 8, 4, 4)
    head = PooledHead(8, 8, 4)
    exact = head(maps)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(head(maps), exact)
