"""Actor and critics of states: two hidden layers each."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise

LOG_STD = (-5.0, 1.0)
"""Least and largest logarithm of the actor's standard deviation."""
LAST_SCALE = 0.01
"""Scale of the actor's first last weights: it begins near the middle of its actions."""

States = Float[Tensor, "n s"]
Actions = Float[Tensor, "n a"]


class Actor(nn.Module):
    """Mean and logarithm of the standard deviation of actions before tanh."""

    def __init__(self, inputs: int, actions: int, units: int, generator: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, units),
            nn.ReLU(),
            nn.Linear(units, units),
            nn.ReLU(),
            nn.Linear(units, 2 * actions),
        )
        initialise(self.layers, generator)
        with torch.no_grad():
            self.layers[-1].weight.mul_(LAST_SCALE)

    def forward(self, states: States) -> tuple[Actions, Actions]:
        mean, log_std = self.layers(states).chunk(2, dim=1)
        low, high = LOG_STD
        return mean, low + (high - low) * (log_std.tanh() + 1) / 2


class TwinCritics(nn.Module):
    """Two critics side by side: a product of three-dimensional arrays evaluates both at once."""

    def __init__(self, inputs: int, units: int, generator: torch.Generator) -> None:
        super().__init__()
        sizes = (inputs, units, units, 1)
        self.weights = nn.ParameterList(
            torch.randn(2, a, b, generator=generator) * math.sqrt((2 if b > 1 else 1) / a)
            for a, b in pairwise(sizes)
        )
        self.biases = nn.ParameterList(torch.zeros(2, 1, b) for b in sizes[1:])

    def forward(self, states: States, actions: Actions) -> Float[Tensor, "2 n"]:
        x = torch.cat([states, actions], dim=1).expand(2, -1, -1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = torch.relu(torch.baddbmm(bias, x, weight))
        return torch.baddbmm(self.biases[-1], x, self.weights[-1])[..., 0]
