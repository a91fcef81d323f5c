"""Learning of the paper's method: both agents from the same rows of replay (Algorithm 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from saccade.systems.arm.off_policy.batch import Batch
from saccade.systems.arm.off_policy.learning import Update
from saccade.systems.arm.off_policy.parts import make_generator
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.off_policy.rows import PROPRIOCEPTION
from saccade.systems.arm.paper_method.config import PaperConfig
from saccade.systems.arm.paper_method.next_best_pose.agent import NextBestPoseAgent
from saccade.systems.arm.paper_method.q_attention.agent import QAttentionAgent
from saccade.training.device import CPU


class PaperLearner:
    """Both agents, and all that changes while they learn.

    Args:
        config: Settings.
        space: Codes of actions, from the demonstrations (`demonstrated_space`).
        seed: Seed of the first weights and of the actor's draws.
        device: Device that it learns on.
    """

    def __init__(
        self, config: PaperConfig, space: PoseSpace, seed: int, device: torch.device = CPU
    ) -> None:
        self.config, self.space, self.device = config, space, device
        self._generator = make_generator(device, seed)
        shared = (self._generator, config.precision, device)
        self.attention = QAttentionAgent(config.attention, *shared) if config.looks else None
        self.pose = NextBestPoseAgent(
            config.pose, config.attention, config.rows.view, space, PROPRIOCEPTION, *shared
        )

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act, whose state is what weights are: views of those that learn."""
        looked = {} if self.attention is None else {"attention": self.attention.network}
        return nn.ModuleDict({**looked, "critic": self.pose.critic, "actor": self.pose.actor})

    def update(self, batch: Batch) -> Update:
        """One gradient step of both agents; a row's error is the mean of both agents' errors."""
        errors, metrics = self.pose.update(batch)
        if self.attention is not None:
            looked, more = self.attention.update(batch)
            errors, metrics = (errors + looked) / 2, metrics | more
        return Update(errors, metrics)

    def state_dict(self) -> dict[str, Any]:
        """Everything that going on exactly needs."""
        looked = {} if self.attention is None else {"attention": self.attention.parts.state_dict()}
        generator = self._generator.get_state()
        return {"pose": self.pose.parts.state_dict(), "generator": generator, **looked}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
        self.pose.parts.load_state_dict(state["pose"])
        self._generator.set_state(state["generator"])
        if self.attention is not None:
            self.attention.parts.load_state_dict(state["attention"])
