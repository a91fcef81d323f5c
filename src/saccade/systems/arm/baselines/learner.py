"""Learning and acting of the baselines, as the paper's own method learns and acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.pixel_argmax import crop_corner
from saccade.data.keyframes import pixel_target
from saccade.data.replay import Replay
from saccade.systems.arm.baselines.behaviour_cloning import BehaviourCloning
from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.dac import DAC
from saccade.systems.arm.baselines.soft_actor_critic import SoftActorCritic
from saccade.systems.arm.baselines.td3 import TD3
from saccade.systems.arm.batch import Batch, State
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.learning import Update
from saccade.systems.arm.next_best_pose.pose_space import PoseSpace
from saccade.systems.arm.parts import make_generator
from saccade.systems.arm.row_batches import observed_state
from saccade.systems.arm.rows import PROPRIOCEPTION, columns
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

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes while it learns."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
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
        return {"agent": self.agent.state_dict(), "generator": self._generator.get_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take on a state of `state_dict`."""
        self.agent.load_state_dict(state["agent"])
        self._generator.set_state(state["generator"])


def make_baseline_replay(config: BaselineConfig) -> Replay:
    """An empty replay of the rows that a baseline learns from."""
    return Replay(columns(config.rows), config.capacity, config.exponent)


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
        generator = None
        if rng is not None:
            generator = torch.Generator(learner.device).manual_seed(int(rng.integers(2**63)))
        action = learner.act(state, generator)[0].double().cpu().numpy()
        x, y, _ = pixel_target(view, action[:3])
        corner = crop_corner(np.array([x, y]), (view.height, view.width), rows.crop)
        nothing = np.zeros((rows.view, rows.view), np.float32)
        return Decision(
            (x, y), (int(corner[0]), int(corner[1])), nothing, action[:7], bool(action[7] > 0.5)
        )
