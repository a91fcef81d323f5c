"""Gradient steps of the agents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn


def make_adam(learning_rate: float, *networks: nn.Module) -> torch.optim.Adam:
    """One optimiser of the parameters of several networks."""
    parameters = [p for network in networks for p in network.parameters()]
    return torch.optim.Adam(parameters, lr=learning_rate)


def descend(
    optimiser: torch.optim.Optimizer, loss: Float[Tensor, ""], largest_gradient: float
) -> None:
    """One step down a loss, every gradient clipped by its value."""
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(_parameters(optimiser), largest_gradient)
    optimiser.step()


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Within, gradients pass through a network and are not kept: critics, as an actor learns."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _parameters(optimiser: torch.optim.Optimizer) -> Iterable[Tensor]:
    return (p for group in optimiser.param_groups for p in group["params"])
