"""The next-best pose agent: soft actor-critic with confidence-aware critics (Eqs. 3 and 6)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.networks.blocks import initialise
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.losses import (
    actor_loss,
    confidence_aware_error,
    most_confident,
    soft_q_target,
)
from saccade.systems.arm.off_policy.optimisers import descend, frozen, make_adam
from saccade.systems.arm.off_policy.parts import Parts, placed
from saccade.systems.arm.off_policy.pose_space import PoseSpace, code_of
from saccade.systems.arm.off_policy.squashed_gaussian import sample
from saccade.systems.arm.off_policy.target_network import follow, target_of
from saccade.systems.arm.paper_method.next_best_pose.config import PoseConfig
from saccade.systems.arm.paper_method.next_best_pose.networks import Actor, TwinCritic
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig
from saccade.training.device import CPU
from saccade.training.precision import Precision, reduced

LOWEST = -1.0
"""Least possible return: that of a pose out of reach (section 4.3)."""


class NextBestPoseAgent:
    """Actor, twin critics, their targets and their optimisers.

    Args:
        config: Settings of the networks and of how they learn.
        attention: Settings of soft attention's network.
        view: Side of the view [pixels], for an agent that sees it whole.
        space: Codes of actions.
        proprioception: Numbers that the arm knows of itself.
        generator: Source of the first weights, and of all draws of the actor while it learns.
        precision: Precision of convolutions.
        device: Device that it learns on.
    """

    def __init__(
        self,
        config: PoseConfig,
        attention: QAttentionConfig,
        view: int,
        space: PoseSpace,
        proprioception: int,
        generator: torch.Generator,
        precision: Precision = "auto",
        device: torch.device = CPU,
    ) -> None:
        self.config, self.space, self._device = config, space, device
        self._precision: Precision = precision
        self._generator = generator
        self.critic = placed(TwinCritic(config, attention, view, proprioception, generator), device)
        self.actor = placed(Actor(self.critic.trunk.width + proprioception, config), device)
        initialise(self.actor, generator)
        self._target = target_of(self.critic)
        self._critic_optimiser = make_adam(config.critic_learning_rate, self.critic)
        self._actor_optimiser = make_adam(config.actor_learning_rate, self.actor)
        self.parts = Parts(
            critic=self.critic, actor=self.actor, target=self._target,
            critic_optimiser=self._critic_optimiser, actor_optimiser=self._actor_optimiser,
        )  # fmt: skip

    @torch.no_grad()
    def act(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Actions in the world: drawn with a generator, the policy's mode without one."""
        with reduced(self._precision, self._device):
            mean, log_std = self.actor(self._features(state), self._knows(state))
        squashed = mean.tanh() if generator is None else sample(mean, log_std, generator)[0]
        return self.space.decode(code_of(squashed), state.attended)

    @torch.no_grad()
    def soft_logits(self, views: Float[Tensor, "n 6 h w"]) -> Float[Tensor, "n h w"]:
        """Logits of the soft attention; 0 where there is none."""
        attention = self.critic.trunk.attention
        if attention is None:
            return torch.zeros_like(views[:, 0])
        with reduced(self._precision, self._device):
            return attention(views)

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One step of the critics (Eq. 6), then of the actor (Eq. 3), then of the targets.

        Returns:
            Each row's error (Eq. 6), and numbers for the metrics.
        """
        codes = self.space.encode(batch.actions, batch.state.attended)
        errors, features, metrics = self._update_critic(batch, codes)
        metrics |= self._update_actor(batch, codes, features)
        follow(self._target, self.critic, self.config.tau)
        return errors, metrics

    def _images(self, state: State) -> Float[Tensor, "n 6 h w"]:
        if self.config.look != "crop":
            return state.views
        return self.space.centred_images(state.crops, state.attended)

    def _knows(self, state: State) -> Float[Tensor, "n p"]:
        return self.space.centred_tip(state.proprioception, state.attended)

    def _features(self, state: State) -> Float[Tensor, "n c h w"]:
        return self.critic.trunk(self._images(state))

    def _update_critic(
        self, batch: Batch, codes: Float[Tensor, "n 8"]
    ) -> tuple[Float[Tensor, " n"], Float[Tensor, "n c h w"], dict[str, float]]:
        target = self._target_values(batch)
        with reduced(self._precision, self._device):
            features = self._features(batch.state)
            first, second = self.critic.both(features, self._knows(batch.state), codes)
        weight = self.config.confidence_weight
        errors = (
            confidence_aware_error(*first, target, weight)
            + confidence_aware_error(*second, target, weight)
        )  # fmt: skip
        loss = (batch.weights * errors).mean()
        descend(self._critic_optimiser, loss, self.config.largest_gradient)
        metrics = {
            "critic_loss": loss.item(),
            "critic_target": target.mean().item(),
            "q_demonstrated": first[0].mean().item(),
            "confidence": first[1].mean().item(),
        }
        return errors.detach() / 2, features.detach(), metrics

    @torch.no_grad()
    def _target_values(self, batch: Batch) -> Float[Tensor, "n h w"]:
        after, config = batch.next_state, self.config
        with reduced(self._precision, self._device):
            mean, log_std = self.actor(self._features(after), self._knows(after))
            squashed, log_prob = sample(mean, log_std, self._generator)
            features = self._target.trunk(self._images(after))
            first, second = self._target.both(features, self._knows(after), code_of(squashed))
        bounds = (LOWEST, config.highest) if config.clip_targets else None
        next_q = torch.minimum(first[0], second[0])
        return soft_q_target(
            batch.rewards, next_q, log_prob, batch.terminal, config.gamma, config.alpha, bounds
        )

    def _update_actor(
        self, batch: Batch, codes: Float[Tensor, "n 8"], features: Float[Tensor, "n c h w"]
    ) -> dict[str, float]:
        config, proprioception = self.config, self._knows(batch.state)
        with frozen(self.critic):
            with reduced(self._precision, self._device):
                mean, log_std = self.actor(features, proprioception)
                squashed, log_prob = sample(mean, log_std, self._generator)
                first, second = self.critic.both(features, proprioception, code_of(squashed))
            q = torch.minimum(most_confident(*first), most_confident(*second))
            loss = (batch.weights * actor_loss(log_prob, q, config.alpha)).mean()
            distance = (code_of(mean.tanh()) - codes).square().sum(dim=1)
            imitation = (distance * batch.demonstrated).mean()
            if config.imitation:
                loss = loss + config.imitation * imitation
            descend(self._actor_optimiser, loss, config.largest_gradient)
        return {
            "actor_loss": loss.item(),
            "q_policy": q.mean().item(),
            "log_prob": log_prob.mean().item(),
            "distance": imitation.item(),
        }
