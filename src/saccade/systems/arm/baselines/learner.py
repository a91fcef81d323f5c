"""Learning and acting of the baselines, as the paper's own method learns and acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.data.keyframes import pixel_target
from saccade.systems.arm.baselines.behaviour_cloning import BehaviourCloning
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.dac import DAC
from saccade.systems.arm.baselines.soft_actor_critic import SoftActorCritic
from saccade.systems.arm.baselines.td3 import TD3
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.off_policy.batch import Batch, State
from saccade.systems.arm.off_policy.learning import Update
from saccade.systems.arm.off_policy.parts import Parts, make_generator
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.off_policy.row_batches import action_draws, observed_state
from saccade.systems.arm.off_policy.rows import PROPRIOCEPTION
from saccade.training.device import CPU
from saccade.worlds.rgbd import Observation


class Agent(Protocol):
    """What each baseline is."""

    def codes(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Codes of actions."""
        ...

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act."""
        ...

    def update(self, batch: Batch) -> tuple[Float[Tensor, " n"], dict[str, float]]:
        """One gradient step."""
        ...

    @property
    def parts(self) -> Parts:
        """All that changes while it learns, but for its generator."""
        ...


AGENTS = {
    "bc": BehaviourCloning,
    "sac": SoftActorCritic,
    "sac-ae": SoftActorCritic,
    "td3": TD3,
    "dac": DAC,
}
"""Baselines by their names in `BaselineConfig.method`."""


class BaselineLearner:
    """A baseline, and all that changes while it learns.

    Args:
        config: Settings.
        space: Codes of actions, from the demonstrations.
        seed: Seed of the first weights and of all draws while it learns.
        device: Device that it learns on.
    """

    def __init__(
        self, config: BaselineConfig, space: PoseSpace, seed: int, device: torch.device = CPU
    ) -> None:
        self.config, self.space, self.device = config, space, device
        self._generator = make_generator(device, seed)
        kind = AGENTS[config.method]
        self.agent: Agent = kind(config, space, PROPRIOCEPTION, self._generator, device)

    @property
    def networks(self) -> nn.ModuleDict:
        """The networks that act, whose state is what weights are: views of those that learn."""
        return self.agent.networks

    def update(self, batch: Batch) -> Update:
        """One gradient step."""
        return Update(*self.agent.update(batch))

    @torch.no_grad()
    def act(self, state: State, generator: torch.Generator | None = None) -> Float[Tensor, "n 8"]:
        """Actions in the world: explored with a generator, the best without one."""
        return self.space.decode(self.agent.codes(state, generator), state.attended)

    def state_dict(self) -> dict[str, Any]:
        """Everything that going on exactly needs."""
        return {"agent": self.agent.parts.state_dict(), "generator": self._generator.get_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
        self.agent.parts.load_state_dict(state["agent"])
        self._generator.set_state(state["generator"])


class BaselinePolicy:
    """Gives the pose that a baseline thinks best of the whole view.

    It looks nowhere: the pixel that it names is where its pose would be seen.

    Args:
        learner: The baseline, as it is at each decision.
        task: Name of the task that it learned.
    """

    def __init__(self, learner: BaselineLearner, task: str = "") -> None:
        self._learner, self.task = learner, task

    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Decide; with a generator, the pose is explored."""
        learner, view = self._learner, observation.view
        rows = learner.config.rows
        state = observed_state(observation, (0, 0), rows, learner.device)
        draws = action_draws(rng, learner.device)
        action = learner.act(state, draws)[0].double().cpu().numpy()
        x, y, _ = pixel_target(view, action[:3])
        nothing = np.zeros((rows.view, rows.view), np.float32)
        return Decision.at(view, (x, y), rows.crop, nothing, action[:7], bool(action[7] > 0.5))
