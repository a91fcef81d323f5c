"""Length and speed of a gradient descent: the schedule of its learning rate, its optimiser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from saccade.checks import check_choice

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises."""
Optimiser = Literal["adam", "rmsprop"]
OPTIMISERS: tuple[Optimiser, ...] = ("adam", "rmsprop")
RMSPROP_DECAY = 0.9
"""Decay of the running mean of squared gradients."""


@dataclass(frozen=True)
class Descent:
    """Length and speed of a gradient descent.

    Attributes:
        steps: Gradient steps.
        learning_rate: Peak learning rate, after a warm-up; then a cosine down to
            `learning_rate_end`.
        weight_decay: Decay of the weights: decoupled with "adam" (AdamW), added to the gradient
            with "rmsprop".
        checkpoint_every: Steps between checkpoints.
        max_gradient_norm: Norm that larger gradients are scaled down to.
        optimiser: Optimiser: "adam" or "rmsprop".
        momentum: Momentum of "rmsprop".
        learning_rate_end: Learning rate at the end of the cosine.
        warm_up: Share of the steps in which the learning rate rises.
    """

    steps: int
    learning_rate: float
    weight_decay: float = 0.0
    checkpoint_every: int = 200
    max_gradient_norm: float = 10.0
    optimiser: Optimiser = "adam"
    momentum: float = 0.9
    learning_rate_end: float = 0.0
    warm_up: float = WARM_UP

    def __post_init__(self) -> None:
        check_choice("optimiser", self.optimiser, OPTIMISERS)

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        rise = max(1, round(self.warm_up * self.steps))
        if step < rise:
            return self.learning_rate * (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        fall = self.learning_rate - self.learning_rate_end
        return self.learning_rate_end + fall * 0.5 * (1 + math.cos(math.pi * done))

    def make_optimiser(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimiser of a network's parameters."""
        if self.optimiser == "rmsprop":
            return torch.optim.RMSprop(
                network.parameters(), lr=self.learning_rate, alpha=RMSPROP_DECAY,
                momentum=self.momentum, weight_decay=self.weight_decay,
            )  # fmt: skip
        return torch.optim.AdamW(
            network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
