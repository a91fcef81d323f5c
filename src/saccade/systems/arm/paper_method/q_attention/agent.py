"""The Q-attention agent: chooses pixels, and learns their values from replayed rows (Eq. 5)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.systems.arm.off_policy.batch import Batch
from saccade.systems.arm.off_policy.losses import (
    q_attention_error,
    q_attention_target,
    q_regularisation,
)
from saccade.systems.arm.off_policy.optimisers import descend
from saccade.systems.arm.off_policy.parts import Parts, placed
from saccade.systems.arm.off_policy.target_network import follow, target_of
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig
from saccade.systems.arm.paper_method.q_attention.network import TwinQAttention
from saccade.training.device import CPU
from saccade.training.precision import Precision, reduced


class QAttentionAgent:
    """Twin networks, their target and their optimiser.

    Args:
        config: Settings of the network and of how it learns.
        generator: Source of the first weights.
        precision: Precision of convolutions.
        device: Device that it learns on.
    """

    def __init__(
        self,
        config: QAttentionConfig,
        generator: torch.Generator,
        precision: Precision = "auto",
        device: torch.device = CPU,
    ) -> None:
        self.config, self._device = config, device
        self._precision: Precision = precision
        self.network = placed(TwinQAttention(config, generator), device)
        self._target = target_of(self.network)
        self._optimiser = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.parts = Parts(network=self.network, target=self._target, optimiser=self._optimiser)

    @torch.no_grad()
    def values(self, views: Float[Tensor, "n 6 h w"]) -> Float[Tensor, "n h w"]:
        """Q of every pixel: the smaller of the twins'."""
        with reduced(self._precision, self._device):
            return self.network(views)

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One gradient step of Eq. 5; returns each row's error, and numbers for the metrics."""
        target = self._target_values(batch)
        with reduced(self._precision, self._device):
            first, second = self.network.both(batch.state.views)
        errors = (
            q_attention_error(first, batch.pixels, target)
            + q_attention_error(second, batch.pixels, target)
        )  # fmt: skip
        size = (q_regularisation(first) + q_regularisation(second)).mean()
        loss = (batch.weights * errors).mean() + self.config.regularisation * size
        descend(self._optimiser, loss, self.config.largest_gradient)
        follow(self._target, self.network, self.config.tau)
        metrics = {
            "attention_loss": loss.item(),
            "attention_target": target.mean().item(),
            "attention_size": size.item() / 2,
        }
        return errors.detach() / 2, metrics

    @torch.no_grad()
    def _target_values(self, batch: Batch) -> Float[Tensor, " n"]:
        after, config = batch.next_state.views, self.config
        with reduced(self._precision, self._device):
            online, target = self.network(after), self._target(after)
        return q_attention_target(
            batch.rewards, online, target, batch.terminal, config.gamma, config.highest
        )
