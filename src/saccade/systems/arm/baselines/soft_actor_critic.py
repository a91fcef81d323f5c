"""Soft actor-critic on whole views, with an auto-encoder if asked (Yarats et al. 2019)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.networks import AutoEncoder, ViewActor, ViewCritics
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.losses import actor_loss, bellman_target, twin_error
from saccade.systems.arm.off_policy.optimisers import descend, frozen, make_adam
from saccade.systems.arm.off_policy.parts import Parts, placed
from saccade.systems.arm.off_policy.pose_space import ACTION_SIZE, PoseSpace, code_of
from saccade.systems.arm.off_policy.squashed_gaussian import sample
from saccade.systems.arm.off_policy.target_network import follow, target_of
from saccade.training.device import CPU
from saccade.training.precision import reduced

LATENT_DECAY = 1e-6
"""Weight of the squared size of the compressed numbers (Yarats et al., Eq. 3)."""


class SoftActorCritic:
    """Actor, twin critics on what both share, and their targets.

    Args:
        config: Settings.
        space: Codes of actions.
        proprioception: Numbers that the arm knows of itself.
        generator: Source of the first weights, and of all draws of the actor while it learns.
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
        actor = ViewActor(self.critics.shared, proprioception, config, 2 * ACTION_SIZE)
        self.actor = placed(actor, device)
        initialise(self.actor, generator)
        self._target = target_of(self.critics)
        self._critic_optimiser = make_adam(config.learning_rate, self.critics)
        self._actor_optimiser = make_adam(config.learning_rate, self.actor)
        self.parts = Parts(
            critics=self.critics, actor=self.actor, target=self._target,
            critic_optimiser=self._critic_optimiser, actor_optimiser=self._actor_optimiser,
        )  # fmt: skip

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act."""
        return nn.ModuleDict({"critics": self.critics, "actor": self.actor})

    def codes(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Codes of actions: drawn with a generator, the policy's mode without one."""
        with reduced(self.config.precision, self._device):
            features = self.critics.shared(state.views)
            mean, log_std = self._policy(features, state.proprioception)
        return code_of(mean.tanh() if generator is None else sample(mean, log_std, generator)[0])

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One step of the critics, then of the actor, then of the targets."""
        target = self._target_values(batch)
        codes = self.space.encode(batch.actions, batch.state.attended)
        knows = batch.state.proprioception
        with reduced(self.config.precision, self._device):
            features = self.critics.shared(batch.state.views)
            first, second = self.critics.both(features, knows, codes)
            drawn = self._reconstruction(features, batch.state.views)
        errors = twin_error(first, second, target)
        loss = 2 * (batch.weights * errors).mean() + drawn
        descend(self._critic_optimiser, loss, self.config.largest_gradient)
        metrics = {
            "critic_loss": loss.item(),
            "critic_target": target.mean().item(),
            "q_demonstrated": first.mean().item(),
            **self._update_actor(batch, features.detach()),
        }
        follow(self._target, self.critics, self.config.tau)
        return errors.detach(), metrics

    def _policy(
        self, features: Float[Tensor, "n c y x"], knows: Float[Tensor, "n p"]
    ) -> tuple[Float[Tensor, "n 8"], Float[Tensor, "n 8"]]:
        mean, log_std = self.actor(features, knows).chunk(2, dim=1)
        return mean, log_std.clamp(*self.config.log_std)

    @torch.no_grad()
    def _target_values(self, batch: Batch) -> Float[Tensor, " n"]:
        after, config = batch.next_state, self.config
        with reduced(config.precision, self._device):
            policy = self._policy(self.critics.shared(after.views), after.proprioception)
            squashed, log_prob = sample(*policy, self._generator)
            features = self._target.shared(after.views)
            q = self._target.smaller(features, after.proprioception, code_of(squashed))
        value = q - config.alpha * log_prob
        return bellman_target(batch.rewards, value, batch.terminal, config.gamma, config.bounds)

    def _update_actor(self, batch: Batch, features: Float[Tensor, "n c y x"]) -> dict[str, float]:
        knows = batch.state.proprioception
        with frozen(self.critics):
            with reduced(self.config.precision, self._device):
                squashed, log_prob = sample(*self._policy(features, knows), self._generator)
                q = self.critics.smaller(features, knows, code_of(squashed))
            loss = (batch.weights * actor_loss(log_prob, q, self.config.alpha)).mean()
            descend(self._actor_optimiser, loss, self.config.largest_gradient)
        return {"q_policy": q.mean().item(), "log_prob": log_prob.mean().item()}

    def _reconstruction(
        self, numbers: Float[Tensor, "n c y x"], views: Float[Tensor, "n 6 h w"]
    ) -> Float[Tensor, ""]:
        """Loss of drawing the views again; 0 without an auto-encoder."""
        shared = self.critics.shared
        if not isinstance(shared, AutoEncoder):
            return views.new_zeros(())
        error = F.mse_loss(shared.reconstruct(numbers), views)
        size = numbers.float().square().sum(dim=(1, 2, 3)).mean() / 2
        return self.config.reconstruction * (error + LATENT_DECAY * size)
