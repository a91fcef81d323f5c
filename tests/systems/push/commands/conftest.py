"""Weights small enough to play with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import tiny_push
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import build_reward_network
from saccade.systems.push.weights import save_policy


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained GlimpseQ weights with the edge mask, the same at every call."""
    folder = tmp_path_factory.mktemp("tiny") / "weights"
    torch.manual_seed(3)
    config = tiny_push.tiny_config("glimpse", "edge")
    save_policy(folder, config, None, 0.5, GlimpseQ(tiny_push.GLIMPSE))
    return folder


@pytest.fixture(scope="session")
def map_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained hourglass weights (a Q map) with the edge mask."""
    folder = tmp_path_factory.mktemp("maps") / "weights"
    torch.manual_seed(4)
    config = tiny_push.tiny_config("hourglass", "edge")
    save_policy(folder, config, None, 0.5, build_reward_network(config))
    return folder
