"""What each method that learns from replay learns with and acts by, by the method's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from saccade.systems.arm.baselines.config import METHODS as BASELINES
from saccade.systems.arm.baselines.learner import BaselineLearner, BaselinePolicy
from saccade.systems.arm.config import Q_ATTENTION, ArmConfig
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.off_policy.learning import Learner
from saccade.systems.arm.off_policy.pose_space import Frame, PoseSpace
from saccade.systems.arm.paper_method.learner import PaperLearner
from saccade.systems.arm.paper_method.policy import PaperPolicy
from saccade.training.device import CPU


class Kind(NamedTuple):
    """How a method learns and acts.

    Attributes:
        learner: Class of its learner.
        policy: Class of the policy that acts with a learner, as it is at each decision.
        settings: Function that takes from the system's settings those of the learner.
        frame: Function that says in which frame its actions are.
    """

    learner: Callable[[Any, PoseSpace, int, torch.device], Learner]
    policy: Callable[[Any, str], ArmPolicy]
    settings: Callable[[ArmConfig], Any]
    frame: Callable[[ArmConfig], Frame]


_PAPER = Kind(PaperLearner, PaperPolicy, lambda c: c.paper, lambda c: c.pose.coordinates)
_BASELINE = Kind(
    BaselineLearner, BaselinePolicy, lambda c: c.baseline_of_method, lambda c: "world"
)  # fmt: skip
KINDS: dict[str, Kind] = {Q_ATTENTION: _PAPER, **dict.fromkeys(BASELINES, _BASELINE)}


def make_learner(
    config: ArmConfig, space: PoseSpace, seed: int, device: torch.device = CPU
) -> Learner:
    """A new learner of the method.

    Args:
        config: Settings of the system.
        space: Codes of actions.
        seed: Seed of the first weights and of all draws while it learns.
        device: Device that it learns on.
    """
    kind = KINDS[config.method]
    return kind.learner(kind.settings(config), space, seed, device)


def action_frame(config: ArmConfig) -> Frame:
    """The frame that the actions of the method are in."""
    return KINDS[config.method].frame(config)


def policy_with(learner: Learner, config: ArmConfig) -> ArmPolicy:
    """The policy that acts with a learner, as it is at each decision."""
    return KINDS[config.method].policy(learner, config.task)
