"""Own episodes of the paper's method and of its baselines, as rows for replay (Algorithm 1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from saccade.systems.arm.baselines.config import BaselineConfig
from saccade.systems.arm.baselines.learner import BaselineLearner, BaselinePolicy
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.episodes import Step as Played
from saccade.systems.arm.episodes import play
from saccade.systems.arm.learner import PaperLearner
from saccade.systems.arm.next_best_pose.pose_space import PoseSpace
from saccade.systems.arm.paper_config import PaperConfig
from saccade.systems.arm.paper_policy import PaperPolicy
from saccade.systems.arm.rows import Looked, RowConfig, Rows, Step, episode_rows, join_rows
from saccade.training.checkpoint import load_weights
from saccade.training.device import CPU
from saccade.training.workers import episode_generator
from saccade.worlds.tabletop.env import GRASP_LOST, TIME_OUT, TabletopEnv

MethodConfig = PaperConfig | BaselineConfig
MethodLearner = PaperLearner | BaselineLearner

TRUNCATED = (TIME_OUT, GRASP_LOST)
"""Failures of episodes that only ran out of time."""


@dataclass(frozen=True)
class OwnRows:
    """What a round of own episodes gave.

    Attributes:
        rows: Rows of all episodes.
        successes: Number of episodes that did the task.
        failures: Why the others failed, one name each.
    """

    rows: Rows
    successes: int
    failures: tuple[str, ...]


class RoundPlayer(Protocol):
    """What plays rounds, once it is set up in its process."""

    def play(self, snapshot: Path, seed: int, number: int, episodes: int) -> OwnRows:
        """Play a round with the weights of a snapshot."""
        ...


def make_learner(
    config: MethodConfig, space: PoseSpace, seed: int, device: torch.device = CPU
) -> MethodLearner:
    """The learner of a configuration: of the paper's method, or of a baseline."""
    if isinstance(config, BaselineConfig):
        return BaselineLearner(config, space, seed, device)
    return PaperLearner(config, space, seed, device)


def make_policy(learner: MethodLearner) -> ArmPolicy:
    """What acts with the networks of a learner, as they are at each decision."""
    if isinstance(learner, BaselineLearner):
        return BaselinePolicy(learner)
    return PaperPolicy(learner)


class TabletopPlayer:
    """Plays a task's episodes with snapshots of a learner's weights, exploring.

    Args:
        task: Name of the task.
        config: Settings of the method.
        space: Codes of actions.
    """

    def __init__(self, task: str, config: MethodConfig, space: PoseSpace) -> None:
        self._env = TabletopEnv(task)
        self._learner = make_learner(config, space, seed=0)
        self._policy = make_policy(self._learner)

    def play(self, snapshot: Path, seed: int, number: int, episodes: int) -> OwnRows:
        """Play round `number` of a seed: its episodes are the same whenever it is played."""
        self._learner.networks.load_state_dict(load_weights(snapshot).model_state)
        rng = episode_generator(seed, number)
        parts, failures = [], []
        for _ in range(episodes):
            rows, failure = self._episode(int(rng.integers(2**31)), rng)
            parts.append(rows)
            failures.append(failure)
        lost = tuple(failure for failure in failures if failure)
        return OwnRows(join_rows(parts), episodes - len(lost), lost)

    def _episode(self, placement: int, rng: np.random.Generator) -> tuple[Rows, str]:
        """Rows of an episode, and why it failed; "" after success."""
        played: list[Played] = []
        result = play(self._env, self._policy, placement, rng, played.append)
        # Where only time was over, values go on.
        terminal = played[-1].info["failure"] not in TRUNCATED
        last = self._env.observation
        looked = Looked(last, self._policy.act(last).pixel)
        return episode_rows(steps_of(played), looked, terminal, self._rows), result.failure

    @property
    def _rows(self) -> RowConfig:
        return self._learner.config.rows


def steps_of(played: list[Played]) -> list[Step]:
    """Decisions of an episode as rows are made of them."""
    return [
        Step(Looked(s.observation, s.decision.pixel), s.decision.action, s.reward) for s in played
    ]
