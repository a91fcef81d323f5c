"""Soft actor-critic (Haarnoja et al. 2018) with a learned weight of the entropy, on states."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.squashed_gaussian import sample
from saccade.networks.target_network import follow, target_of
from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.networks import Actor, TwinCritics


@dataclass(frozen=True)
class Transitions:
    """Steps in the world, n of them.

    Attributes:
        states: States before (n, s), scaled.
        actions: Actions in -1..1 (n, a).
        rewards: Rewards (n,).
        next_states: States after (n, s), scaled.
        terminal: 1 where nothing comes afterwards (n,); 0 also where only time was over.
    """

    states: Float[Tensor, "n s"]
    actions: Float[Tensor, "n a"]
    rewards: Float[Tensor, " n"]
    next_states: Float[Tensor, "n s"]
    terminal: Float[Tensor, " n"]


class SoftActorCritic:
    """Actor, twin critics, their targets, and the weight of the entropy.

    Args:
        config: Settings.
        inputs: Numbers of a state.
        actions: Numbers of an action.
        generator: Source of the first weights and of all draws.
    """

    def __init__(
        self, config: AgentConfig, inputs: int, actions: int, generator: torch.Generator
    ) -> None:
        self.config, self._generator = config, generator
        self.actor = Actor(inputs, actions, config.units, generator)
        self.critics = TwinCritics(inputs + actions, config.units, generator)
        self._target = target_of(self.critics)
        self._log_alpha = nn.Parameter(torch.tensor(math.log(config.first_alpha)))
        self._least_entropy = -float(actions)  # Haarnoja et al., appendix D
        self._actor_adam = self._adam(*self.actor.parameters())
        self._critic_adam = self._adam(*self.critics.parameters())
        self._alpha_adam = self._adam(self._log_alpha)

    @torch.no_grad()
    def act(self, state: Float[np.ndarray, " s"], explore: bool = False) -> Float[np.ndarray, " a"]:
        """The policy's mode for a scaled state, or a draw from it."""
        mean, log_std = self.actor(torch.from_numpy(state)[None])
        action = sample(mean, log_std, self._generator)[0] if explore else mean.tanh()
        return action[0].numpy()

    def update(self, batch: Transitions) -> dict[str, float]:
        """One step of the critics, then of the actor, of the entropy's weight and the targets."""
        alpha = self._log_alpha.detach().exp()
        q = self.critics(batch.states, batch.actions)
        critic_loss = F.mse_loss(q, self._targets(batch, alpha).expand(2, -1)) * 2
        _descend(self._critic_adam, critic_loss)
        log_prob = self._update_actor(batch.states, alpha)
        entropy_gap = -log_prob.mean() - self._least_entropy
        _descend(self._alpha_adam, self._log_alpha * entropy_gap)
        follow(self._target, self.critics, self.config.tau)
        return {"critic_loss": critic_loss.item(), "q": q.mean().item(), "alpha": alpha.item()}

    @torch.no_grad()
    def _targets(self, batch: Transitions, alpha: Tensor) -> Float[Tensor, " n"]:
        """r + gamma (min Q'(s', a') - alpha log pi(a' | s')), a' from the policy."""
        actions, log_prob = sample(*self.actor(batch.next_states), self._generator)
        value = self._target(batch.next_states, actions).amin(dim=0) - alpha * log_prob
        return batch.rewards + self.config.discount * (1 - batch.terminal) * value

    def _update_actor(self, states: Float[Tensor, "n s"], alpha: Tensor) -> Float[Tensor, " n"]:
        """One step down alpha log pi(a | s) - min Q(s, a), a from the policy."""
        self.critics.requires_grad_(False)
        actions, log_prob = sample(*self.actor(states), self._generator)
        loss = (alpha * log_prob - self.critics(states, actions).amin(dim=0)).mean()
        _descend(self._actor_adam, loss)
        self.critics.requires_grad_(True)
        return log_prob.detach()

    def _adam(self, *parameters: nn.Parameter) -> torch.optim.Adam:
        return torch.optim.Adam(parameters, lr=self.config.learning_rate, fused=True)


def _descend(optimiser: torch.optim.Optimizer, loss: Float[Tensor, ""]) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
