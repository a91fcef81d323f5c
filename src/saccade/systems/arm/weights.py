"""A trained policy as a folder: model.safetensors and config.json, nothing pickled.

The settings in config.json say which method it is of.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from saccade.errors import UserInputError
from saccade.systems.arm.config import LOOK_AND_VOTE, ArmConfig
from saccade.systems.arm.decision import ArmPolicy
from saccade.systems.arm.learners import make_learner, policy_with
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.look_and_vote.look import LookNetwork
from saccade.systems.arm.look_and_vote.policy import LookAndVotePolicy
from saccade.systems.arm.look_and_vote.vote import VoteNetwork
from saccade.systems.arm.off_policy.learning import Learner
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.training.checkpoint import CONFIG_FILE
from saccade.training.plain import from_plain
from saccade.verbs.weights import Trained, read_trained, save_trained

SYSTEM = "arm"
LOOK, VOTE = "look.", "vote."
"""Prefixes of the networks' tensors."""
SPACE = "space"
"""Name of the codes of actions in config.json, of what learned from replay."""


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


def save_learner(folder: Path, config: ArmConfig, learner: Learner, facts: dict[str, Any]) -> None:
    """Write the folder of what learned from replay: the networks that acting needs.

    Args:
        folder: Folder of the weights.
        config: Settings of the system.
        learner: What learned.
        facts: Facts about the training, for people.
    """
    facts = facts | {SPACE: asdict(learner.space)}
    save_trained(folder, SYSTEM, config, learner.networks.state_dict(), facts)


def snapshot_folder(run: Path, name: str) -> Path:
    """Folder of a run with weights that were kept along the way."""
    return run / "snapshots" / name


def load(folder: Path | None = None) -> ArmPolicy:
    """What `saccade.load("arm/TASK")` calls: a policy from weights or a run, of any method."""
    return policy_of(read_policy(folder))


def read_policy(folder: Path | None) -> Trained[ArmConfig]:
    """What a folder of weights or a run holds."""
    return read_trained(folder, SYSTEM, ArmConfig)


def policy_of(trained: Trained[ArmConfig]) -> ArmPolicy:
    """The policy of weights that were read."""
    if trained.config.method == LOOK_AND_VOTE:
        return _look_and_vote(trained)
    name = str(trained.folder / CONFIG_FILE)
    space = from_plain(PoseSpace, trained.facts.get(SPACE, {}), name)
    make = partial(make_learner, trained.config, space, 0)
    trained.check_shapes(lambda: make(torch.device("meta")).networks)
    learner = make()
    trained.fill(learner.networks)
    return policy_with(learner, trained.config)


def load_look_and_vote(folder: Path | None = None) -> LookAndVotePolicy:
    """A policy of the method look-and-vote, whose networks can be told apart.

    Raises:
        UserInputError: The weights are of another method.
    """
    trained = read_policy(folder)
    if trained.config.method != LOOK_AND_VOTE:
        raise UserInputError(
            f"{trained.folder} has weights of the method {trained.config.method}; expected "
            f"{LOOK_AND_VOTE}"
        )
    return _look_and_vote(trained)


def _look_and_vote(trained: Trained[ArmConfig]) -> LookAndVotePolicy:
    config = trained.config
    look = trained.network(lambda: LookNetwork(config.look), LOOK).eval()
    vote = trained.network(lambda: VoteNetwork(config.vote), VOTE).eval()
    return LookAndVotePolicy(look, vote, config.task)
