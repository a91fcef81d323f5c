"""Gradient steps of the baselines."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.systems.arm.baselines.config import BaselineConfig


def make_adam(config: BaselineConfig, *networks: nn.Module) -> torch.optim.Adam:
    """One optimiser of the parameters of several networks."""
    parameters = [p for network in networks for p in network.parameters()]
    return torch.optim.Adam(parameters, lr=config.learning_rate)


def descend(
    optimiser: torch.optim.Optimizer, loss: Float[Tensor, ""], config: BaselineConfig
) -> None:
    """One step down a loss, every gradient clipped by its value."""
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(_parameters(optimiser), config.largest_gradient)
    optimiser.step()


def _parameters(optimiser: torch.optim.Optimizer) -> Iterable[Tensor]:
    return (p for group in optimiser.param_groups for p in group["params"])
