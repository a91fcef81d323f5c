"""Weights small enough to play with, and a policy that reaches without any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from arm_policies import ReachRed
from saccade.systems.arm.commands import apply, demo, evaluate, show_weights
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.presets import smoke_preset
from saccade.systems.arm.weights import save_policy


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained weights of reach_target, the same at every call."""
    folder = tmp_path_factory.mktemp("tiny") / "weights"
    config = replace(smoke_preset(), task="reach_target")
    facts = {"task": config.task, "own_episodes": 0, "own_actions": 0}
    save_policy(folder, config, LookAndVoteLearner(config.look_and_vote, 3), facts)
    return folder


@pytest.fixture
def reaching(monkeypatch: pytest.MonkeyPatch, weights: Path) -> Path:
    """These weights, but whoever loads them gets `ReachRed`."""
    for module in (apply, demo, evaluate, show_weights):
        monkeypatch.setattr(module, "load", lambda folder: ReachRed())
    return weights
