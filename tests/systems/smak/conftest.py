"""Shared: small settings, a network at its random start, and sequences that need no renderer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from moving_views import SIDE, moving_sequence
from saccade.data.multi_view.dataset import MultiViewDataset
from saccade.systems.smak.batches import BatchConfig
from saccade.systems.smak.config import FitConfig, SmakConfig
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.presets import smoke_preset
from saccade.systems.smak.pretext.config import PretextConfig


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """These networks are small: more threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def same_weights() -> None:
    """Networks start alike, whichever tests ran before."""
    torch.manual_seed(0)


@pytest.fixture
def config() -> SmakConfig:
    """Settings that learn from a folder of moving squares."""
    return replace(
        smoke_preset(),
        data="moving",
        sequences=0,
        side=SIDE,
        pretext=PretextConfig(steps=0),
        batch=BatchConfig(pairs=8, sequences=1),
        fit=FitConfig(
            steps=10, learning_rate=3e-3, held_out=2, validate_every=5, checkpoint_every=4
        ),
    )


@pytest.fixture
def embedder(config: SmakConfig) -> Embedder:
    """An embedder at its random start."""
    torch.manual_seed(0)
    return Embedder(EmbeddingNetwork(config.model), config)


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> MultiViewDataset:
    """The dataset that every folder holds."""
    dataset = MultiViewDataset(tuple(moving_sequence(i) for i in range(6)))
    for module in ("source", "evaluate"):
        monkeypatch.setattr(f"saccade.systems.smak.{module}.open_multi_view", lambda _: dataset)
    return dataset
