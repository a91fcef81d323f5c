"""Weights small enough to follow with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.weights import save_tracker


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained tracker, the same at every call."""
    folder = tmp_path_factory.mktemp("tiny") / "weights"
    torch.manual_seed(3)
    save_tracker(folder, smoke_preset(), build_tracker(smoke_preset()))
    return folder
