from __future__ import annotations

import pytest
import torch

from saccade.systems.arm.off_policy.squashed_gaussian import log_prob, sample


def test_the_density_of_one_number_integrates_to_one() -> None:
    mean, log_std = torch.tensor([[0.4]]).double(), torch.tensor([[-0.3]]).double()
    x = torch.linspace(-1, 1, 200_001, dtype=torch.float64)[1:-1, None]
    density = log_prob(mean.expand_as(x), log_std.expand_as(x), x).exp()
    assert torch.trapezoid(density, x[:, 0]).item() == pytest.approx(1, abs=1e-5)


def test_draws_come_with_the_density_at_their_place() -> None:
    draw = torch.Generator().manual_seed(0)
    mean = torch.randn(20, 3, generator=draw, dtype=torch.float64)
    log_std = 0.3 * torch.randn(20, 3, generator=draw, dtype=torch.float64) - 1
    squashed, logs = sample(mean, log_std, draw)
    assert torch.allclose(log_prob(mean, log_std, squashed), logs)
    normal = torch.distributions.TransformedDistribution(
        torch.distributions.Normal(mean, log_std.exp()), torch.distributions.TanhTransform()
    )
    assert torch.allclose(normal.log_prob(squashed).sum(dim=1), logs)


def test_far_out_the_density_stays_finite() -> None:
    mean = torch.tensor([[40.0, -40.0]])
    squashed, logs = sample(mean, torch.zeros(1, 2), torch.Generator().manual_seed(0))
    assert squashed.abs().max() <= 1 and torch.isfinite(logs).all()


def test_gradients_of_draws_agree_with_finite_differences() -> None:
    mean = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    log_std = torch.full((2, 2), -0.5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda m, s: sample(m, s, torch.Generator().manual_seed(3)), (mean, log_std)
    )


def test_the_same_generator_draws_the_same() -> None:
    arguments = torch.zeros(2, 8), torch.zeros(2, 8)
    one, other = (sample(*arguments, torch.Generator().manual_seed(5))[0] for _ in range(2))
    assert torch.equal(one, other)
