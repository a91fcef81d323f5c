"""TD3 on whole views (Fujimoto et al. 2018), which DAC also learns by."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.networks import ViewActor, ViewCritics
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.losses import bellman_target, twin_error
from saccade.systems.arm.off_policy.optimisers import descend, frozen, make_adam
from saccade.systems.arm.off_policy.parts import Count, Parts, placed
from saccade.systems.arm.off_policy.pose_space import PoseSpace, code_of
from saccade.systems.arm.off_policy.target_network import follow, target_of
from saccade.training.device import CPU
from saccade.training.precision import reduced


class TD3:
    """A deterministic actor, twin critics on what both share, and the targets of all.

    Args:
        config: Settings.
        space: Codes of actions.
        proprioception: Numbers that the arm knows of itself.
        generator: Source of the first weights, and of the noise on target actions.
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
        self.critics = placed(ViewCritics(config, proprioception, generator), device)
        self.actor = placed(ViewActor(self.critics.shared, proprioception, config), device)
        initialise(self.actor, generator)
        self._target, self._target_actor = target_of(self.critics), target_of(self.actor)
        self._critic_optimiser = make_adam(config.learning_rate, self.critics)
        self._actor_optimiser = make_adam(config.learning_rate, self.actor)
        self._updates = Count()
        self.parts = Parts(
            critics=self.critics, actor=self.actor, target=self._target,
            target_actor=self._target_actor, critic_optimiser=self._critic_optimiser,
            actor_optimiser=self._actor_optimiser, updates=self._updates,
        )  # fmt: skip

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act."""
        return nn.ModuleDict({"critics": self.critics, "actor": self.actor})

    def codes(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Codes of actions, with noise where a generator is given."""
        with reduced(self.config.precision, self._device):
            features = self.critics.shared(state.views)
            squashed = self.actor(features, state.proprioception).tanh()
        if generator is not None:
            noise = self.config.noise * _normal_like(squashed, generator)
            squashed = (squashed + noise).clamp(-1, 1)
        return code_of(squashed)

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One step of the critics and, every `delay`-th time, of the actor and the targets."""
        config = self.config
        target = self.target_values(batch)
        codes = self.space.encode(batch.actions, batch.state.attended)
        knows = batch.state.proprioception
        with reduced(config.precision, self._device):
            features = self.critics.shared(batch.state.views)
            first, second = self.critics.both(features, knows, codes)
        errors = twin_error(first, second, target)
        loss = 2 * (batch.weights * errors).mean()
        descend(self._critic_optimiser, loss, config.largest_gradient)
        metrics = {"critic_loss": loss.item(), "critic_target": target.mean().item()}
        self._updates.number += 1
        if self._updates.number % config.delay == 0:
            metrics |= self._update_actor(batch, features.detach())
            follow(self._target, self.critics, config.tau)
            follow(self._target_actor, self.actor, config.tau)
        return errors.detach(), metrics

    @torch.no_grad()
    def target_values(self, batch: Batch) -> Float[Tensor, " n"]:
        """r + gamma Q'(s', pi'(s') + clipped noise), the smaller of the target critics'."""
        after, config = batch.next_state, self.config
        spread, largest = config.target_noise
        with reduced(config.precision, self._device):
            features = self._target.shared(after.views)
            squashed = self._target_actor(features, after.proprioception).tanh()
            noise = spread * _normal_like(squashed, self._generator)
            codes = code_of((squashed + noise.clamp(-largest, largest)).clamp(-1, 1))
            q = self._target.smaller(features, after.proprioception, codes)
        return bellman_target(batch.rewards, q, batch.terminal, config.gamma, config.bounds)

    def _update_actor(self, batch: Batch, features: Float[Tensor, "n c y x"]) -> dict[str, float]:
        knows = batch.state.proprioception
        with frozen(self.critics):
            with reduced(self.config.precision, self._device):
                codes = code_of(self.actor(features, knows).tanh())
                q, _ = self.critics.both(features, knows, codes)
            loss = -(batch.weights * q).mean()
            descend(self._actor_optimiser, loss, self.config.largest_gradient)
        return {"q_policy": q.mean().item()}


def _normal_like(x: Float[Tensor, "n 8"], generator: torch.Generator) -> Float[Tensor, "n 8"]:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
