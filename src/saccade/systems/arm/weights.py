"""A trained policy as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.look_and_vote.look import LookNetwork
from saccade.systems.arm.look_and_vote.policy import LookAndVotePolicy
from saccade.systems.arm.look_and_vote.vote import VoteNetwork
from saccade.verbs.weights import Trained, read_trained, save_trained

SYSTEM = "arm"
LOOK, VOTE = "look.", "vote."
"""Prefixes of the networks' tensors."""


def save_policy(
    folder: Path, config: ArmConfig, learner: LookAndVoteLearner, facts: dict[str, Any]
) -> None:
    """Write a policy's folder; it is replaced at once or not at all.

    Args:
        folder: Folder of the weights.
        config: Settings of the system.
        learner: Trained networks.
        facts: Facts about the training, for people.
    """
    state: dict[str, Tensor] = {}
    for prefix, network in ((LOOK, learner.look), (VOTE, learner.vote)):
        state |= {prefix + name: tensor for name, tensor in network.state_dict().items()}
    save_trained(folder, SYSTEM, config, state, facts)


def load(folder: Path | None = None) -> LookAndVotePolicy:
    """What `saccade.load("arm/TASK")` calls: a policy from weights or a run."""
    return policy_of(read_policy(folder))


def read_policy(folder: Path | None) -> Trained[ArmConfig]:
    """What a folder of weights or a run holds."""
    return read_trained(folder, SYSTEM, ArmConfig)


def policy_of(trained: Trained[ArmConfig]) -> LookAndVotePolicy:
    """The policy of weights that were read."""
    config = trained.config
    look = trained.network(lambda: LookNetwork(config.look), LOOK).eval()
    vote = trained.network(lambda: VoteNetwork(config.vote), VOTE).eval()
    return LookAndVotePolicy(look, vote, config.task)
