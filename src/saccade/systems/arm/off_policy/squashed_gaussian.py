"""The policy's distribution: a Gaussian through tanh (Haarnoja et al. 2018, appendix C)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Numbers = Float[Tensor, "n d"]


def sample(
    mean: Numbers, log_std: Numbers, generator: torch.Generator | None = None
) -> tuple[Numbers, Float[Tensor, " n"]]:
    """Draws in -1..1, differentiable in both parameters, and the logarithms of their densities."""
    noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype, device=mean.device)
    z = mean + log_std.exp() * noise
    return z.tanh(), _log_density(z, noise, log_std)


def log_prob(mean: Numbers, log_std: Numbers, squashed: Numbers) -> Float[Tensor, " n"]:
    """Logarithm of the density at numbers strictly within -1..1."""
    z = squashed.atanh()
    return _log_density(z, (z - mean) / log_std.exp(), log_std)


def _log_density(z: Numbers, noise: Numbers, log_std: Numbers) -> Float[Tensor, " n"]:
    gaussian = -0.5 * noise.square() - log_std - 0.5 * math.log(2 * math.pi)
    # log(1 - tanh(z)^2), which overflows nowhere.
    slope = 2 * (math.log(2) - z - F.softplus(-2 * z))
    return (gaussian - slope).sum(dim=1)
