"""Behaviour cloning: the demonstrated action, by least squares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.networks import ViewActor, make_representation
from saccade.systems.arm.baselines.optimisers import descend, make_adam
from saccade.systems.arm.batch import Batch, State
from saccade.systems.arm.next_best_pose.pose_space import PoseSpace, code_of
from saccade.systems.arm.parts import Part, load_parts, placed, save_parts
from saccade.training.device import CPU
from saccade.training.precision import reduced


class BehaviourCloning:
    """One network that gives the code of the demonstrated action.

    Args:
        config: Settings.
        space: Codes of actions.
        proprioception: Numbers that the arm knows of itself.
        generator: Source of the first weights.
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
        self.shared = placed(make_representation(config), device)
        inputs = self.shared.width + proprioception
        self.actor = placed(ViewActor(inputs, self.shared.halvings, config), device)
        initialise(self.shared, generator)
        initialise(self.actor, generator)
        self._optimiser = make_adam(config, self.shared, self.actor)

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act."""
        return nn.ModuleDict({"shared": self.shared, "actor": self.actor})

    def codes(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Codes of actions; nothing is drawn."""
        with reduced(self.config.precision, self._device):
            return code_of(self.actor(self.shared(state.views), state.proprioception).tanh())

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One step down the squared distance; rows of own episodes count for nothing."""
        codes = self.space.encode(batch.actions, batch.state.attended)
        errors = (self.codes(batch.state) - codes).square().sum(dim=1) * batch.demonstrated
        loss = (batch.weights * errors).mean()
        descend(self._optimiser, loss, self.config)
        return errors.detach(), {"loss": loss.item()}

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes while it learns."""
        return save_parts(self._parts())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
        load_parts(self._parts(), state)

    def _parts(self) -> dict[str, Part]:
        return {
            "shared": self.shared,
            "actor": self.actor,
            "optimiser": self._optimiser,
        }
