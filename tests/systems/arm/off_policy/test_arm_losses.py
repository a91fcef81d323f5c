from __future__ import annotations

import math

import pytest
import torch

from saccade.systems.arm.off_policy.losses import (
    actor_loss,
    confidence_aware_error,
    most_confident,
    q_attention_error,
    q_attention_target,
    q_regularisation,
    soft_q_target,
)


def test_the_online_network_chooses_the_pixel_and_the_target_network_values_it() -> None:
    online, target = torch.zeros(2, 2, 3), torch.arange(12.0).view(2, 2, 3)
    online[0, 1, 2], online[1, 0, 1] = 1.0, 1.0  # values 5 and 7
    reward, terminal = torch.tensor([2.0, 3.0]), torch.tensor([0.0, 1.0])
    given = q_attention_target(reward, online, target, terminal, 0.5, None)
    assert given.tolist() == [2 + 0.5 * 5, 3.0]


def test_targets_of_q_attention_are_clamped_and_negative_rewards_are_nothing() -> None:
    maps = torch.tensor([[[150.0]], [[-30.0]], [[10.0]]])
    reward, terminal = torch.tensor([0.0, 0.0, -1.0]), torch.tensor([0.0, 0.0, 0.0])
    clamped = q_attention_target(reward, maps, maps, terminal, 1.0, 100.0)
    assert clamped.tolist() == [100.0, 0.0, 10.0]
    free = q_attention_target(reward, maps, maps, terminal, 1.0, None)
    assert free.tolist() == [150.0, -30.0, 10.0]


def test_the_error_of_q_attention_is_hubers_at_its_pixel_alone() -> None:
    q = torch.zeros(2, 3, 4, requires_grad=True)
    error = q_attention_error(q, torch.tensor([[3, 1], [0, 2]]), torch.tensor([4.0, -0.5]))
    assert error.tolist() == [4 - 0.5, 0.5 * 0.25]
    error.sum().backward()
    assert q.grad is not None and q.grad.nonzero().tolist() == [[0, 1, 3], [1, 2, 0]]
    assert q.grad[0, 1, 3].item() == -1.0 and q.grad[1, 2, 0].item() == 0.5


def test_regularisation_is_the_mean_square() -> None:
    assert q_regularisation(torch.tensor([[[1.0, 2.0], [3.0, 0.0]]])).tolist() == [14 / 4]


def test_soft_targets_by_hand() -> None:
    next_q = torch.tensor([[[10.0, 20.0]], [[10.0, 20.0]], [[90.0, 300.0]]])
    log_prob = torch.tensor([2.0, 2.0, -40.0])
    reward, terminal = torch.tensor([0.0, 100.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    given = soft_q_target(reward, next_q, log_prob, terminal, 0.5, 0.05, None)
    assert torch.allclose(given, torch.tensor([[[4.95, 9.95]], [[100.0, 100.0]], [[46.0, 151.0]]]))
    clipped = soft_q_target(reward, next_q, log_prob, terminal, 0.5, 0.05, (-1.0, 100.0))
    assert clipped[2].tolist() == [[46.0, 100.0]]


def literal_confidence_error(q, c, target, w) -> float:
    """Eq. 6 with Huber's error, pixel by pixel."""
    total = 0.0
    for i in range(len(q)):
        for j in range(len(q[0])):
            d = abs(q[i][j] - target[i][j])
            huber = 0.5 * d * d if d < 1 else d - 0.5
            total += huber * c[i][j] - w * math.log(c[i][j])
    return total / (len(q) * len(q[0]))


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_eq_6_equals_its_literal_transcription(weight: float) -> None:
    draw = torch.Generator().manual_seed(0)
    q, target = (3 * torch.randn(2, 4, 5, generator=draw, dtype=torch.float64) for _ in range(2))
    c = torch.rand(2, 4, 5, generator=draw, dtype=torch.float64).clamp(min=0.01)
    given = confidence_aware_error(q, c, target, weight)
    for one, *maps in zip(given.tolist(), q.tolist(), c.tolist(), target.tolist(), strict=True):
        assert one == pytest.approx(literal_confidence_error(*maps, weight), rel=1e-9)


def test_the_best_confidence_is_the_weight_over_the_error() -> None:
    # d/dc (e c - w log c) = 0 at c = w / e.
    error = 4.0
    confidences = torch.linspace(0.05, 1, 1000, dtype=torch.float64)
    q = torch.full((1000, 1, 1), error + 0.5, dtype=torch.float64)
    loss = confidence_aware_error(q, confidences[:, None, None], torch.zeros_like(q), 1.0)
    assert confidences[loss.argmin()].item() == pytest.approx(1 / error, abs=1e-3)


def test_a_confidence_of_zero_keeps_the_loss_finite() -> None:
    zero, q = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
    assert torch.isfinite(confidence_aware_error(q, zero, q, 1.0)).all()


def test_eq_6_agrees_with_finite_differences() -> None:
    draw = torch.Generator().manual_seed(1)
    q = torch.randn(2, 3, 3, generator=draw, dtype=torch.float64, requires_grad=True)
    target = torch.randn(2, 3, 3, generator=draw, dtype=torch.float64)
    logits = torch.randn(2, 3, 3, generator=draw, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda q, z: confidence_aware_error(q, z.sigmoid(), target, 0.7), (q, logits)
    )


def test_the_actor_hears_the_most_confident_pixel_alone() -> None:
    q = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
    confidence = torch.tensor([[[0.2, 0.9], [0.5, 0.1]]])
    chosen = most_confident(q, confidence)
    assert chosen.tolist() == [2.0]
    assert actor_loss(torch.tensor([-3.0]), chosen, 0.1).tolist() == pytest.approx([-2.3])
    chosen.sum().backward()
    assert q.grad is not None and q.grad.tolist() == [[[0.0, 1.0], [0.0, 0.0]]]
