"""Behaviour cloning: the demonstrated action, by least squares."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.networks import ViewActor, make_representation
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.optimisers import descend, make_adam
from saccade.systems.arm.off_policy.parts import Parts, placed
from saccade.systems.arm.off_policy.pose_space import PoseSpace, code_of
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
        self.actor = placed(ViewActor(self.shared, proprioception, config), device)
        initialise(self.shared, generator)
        initialise(self.actor, generator)
        self._optimiser = make_adam(config.learning_rate, self.shared, self.actor)
        self.parts = Parts(shared=self.shared, actor=self.actor, optimiser=self._optimiser)

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
        descend(self._optimiser, loss, self.config.largest_gradient)
        return errors.detach(), {"loss": loss.item()}
