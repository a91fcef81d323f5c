"""Discriminator-actor-critic (Kostrikov et al. 2019): TD3 with rewards of a discriminator.

The discriminator tells what was demonstrated from what the policy did; its logit,
log D - log(1 - D), is the reward. An episode that ends goes on for ever in an absorbing state,
whose reward is learned as well: else ending early would be worth something by itself.
"""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.networks import Fusion, ViewCritic
from saccade.systems.arm.baselines.td3 import TD3
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.optimisers import descend, make_adam
from saccade.systems.arm.off_policy.parts import Parts, placed
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.training.device import CPU
from saccade.training.precision import reduced

Codes = Float[Tensor, "n 8"]
Logits = Float[Tensor, " n"]


class Discriminator(nn.Module):
    """Logit of "this was demonstrated", of states with actions and of the absorbing state."""

    def __init__(self, config: BaselineConfig, proprioception: int) -> None:
        super().__init__()
        self.fusion = Fusion(config)
        self.critic = ViewCritic(self.fusion, proprioception, config)
        self.absorbing = nn.Parameter(torch.zeros(()))

    def forward(self, state: State, codes: Codes) -> Logits:
        return self.critic(self.fusion(state.views), state.proprioception, codes)


class DAC:
    """A discriminator, and a TD3 that is rewarded by it.

    Args:
        config: Settings.
        space: Codes of actions.
        proprioception: Numbers that the arm knows of itself.
        generator: Source of the first weights and of all draws.
        device: Device that it learns on.
    """

    def __init__(
        self,
        config: BaselineConfig,
        space: PoseSpace,
        proprioception: int,
        generator: torch.Generator,
        device: torch.device = CPU,
    ) -> None:
        self.config, self.space, self._device = config, space, device
        self._generator = generator
        self.policy = TD3(config, space, proprioception, generator, device)
        self.discriminator = placed(Discriminator(config, proprioception), device)
        initialise(self.discriminator, generator)
        self._optimiser = make_adam(config.learning_rate, self.discriminator)
        self.parts = Parts(
            policy=self.policy.parts, discriminator=self.discriminator, optimiser=self._optimiser
        )

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act."""
        return self.policy.networks

    def codes(self, state: State, generator: torch.Generator | None = None) -> Codes:
        """Codes of actions, with noise where a generator is given."""
        return self.policy.codes(state, generator)

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One step of the discriminator, then of TD3 with its rewards."""
        codes = self.space.encode(batch.actions, batch.state.attended)
        metrics = self._update_discriminator(batch, codes)
        errors, more = self.policy.update(replace(batch, rewards=self.rewards(batch, codes)))
        return errors, metrics | more

    @torch.no_grad()
    def rewards(self, batch: Batch, codes: Codes) -> Logits:
        """Logits; where an episode ends, with the value of being absorbed from then on."""
        with reduced(self.config.precision, self._device):
            logits = self.discriminator(batch.state, codes)
        gamma = self.config.gamma
        absorbed = gamma * self.discriminator.absorbing / (1 - gamma)
        return logits + batch.terminal * absorbed

    def _update_discriminator(self, batch: Batch, codes: Codes) -> dict[str, float]:
        demonstrated = batch.demonstrated
        if demonstrated.all():
            # Nothing of its own yet: what it would do in the demonstrated states.
            own = torch.ones_like(demonstrated)
            with torch.no_grad():
                own_codes = self.policy.codes(batch.state, self._generator)
        else:
            own, own_codes = ~demonstrated, codes
        with reduced(self.config.precision, self._device):
            real = self.discriminator(batch.state, codes)
            false = real if own_codes is codes else self.discriminator(batch.state, own_codes)
        loss = _share(F.softplus(-real), demonstrated) + _share(F.softplus(false), own)
        loss = loss + self._absorbing_loss(batch, own)
        loss = loss + self.config.penalty * self._penalty(batch.state, codes, own_codes)
        descend(self._optimiser, loss, self.config.largest_gradient)
        told = _share((real > 0).float(), demonstrated) + _share((false < 0).float(), own)
        return {"discriminator_loss": loss.item(), "told_apart": told.item() / 2}

    def _absorbing_loss(self, batch: Batch, own: Bool[Tensor, " n"]) -> Float[Tensor, ""]:
        logit = self.discriminator.absorbing
        demonstrated = _share(batch.terminal, batch.demonstrated)
        return demonstrated * F.softplus(-logit) + _share(batch.terminal, own) * F.softplus(logit)

    def _penalty(self, state: State, codes: Codes, own: Codes) -> Float[Tensor, ""]:
        """Squared distance from 1 of the gradient's length between one row and another.

        The gradient is in the fused features and the code, in full precision.
        """
        other = torch.randperm(len(codes), generator=self._generator, device=codes.device)
        share = torch.rand(len(codes), 1, generator=self._generator, device=codes.device)
        features = self.discriminator.fusion(state.views).detach()
        tile = share[:, :, None, None]
        mixed = (tile * features + (1 - tile) * features[other]).requires_grad_()
        mixed_codes = (share * codes + (1 - share) * own[other]).detach().requires_grad_()
        logits = self.discriminator.critic(mixed, state.proprioception, mixed_codes)
        gradients = torch.autograd.grad(logits.sum(), (mixed, mixed_codes), create_graph=True)
        length = sum(g.flatten(1).square().sum(dim=1) for g in gradients)
        assert isinstance(length, Tensor)
        return ((length + 1e-12).sqrt() - 1).square().mean()


def _share(values: Float[Tensor, " n"], which: Bool[Tensor, " n"]) -> Float[Tensor, ""]:
    """Mean of the values of some rows; 0 of none."""
    return (values * which).sum() / which.sum().clamp(min=1)
