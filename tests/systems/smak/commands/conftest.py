"""Shared: weights at their random start, and a folder of recorded sequences."""

from __future__ import annotations

from pathlib import Path

import pytest

from moving_views import moving_sequence
from saccade.data.multi_view.dataset import write_sequence
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.weights import save_embedder


@pytest.fixture
def weights(embedder: Embedder, tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    save_embedder(folder, embedder.config, embedder.network)
    return folder


@pytest.fixture
def sequences(tmp_path: Path) -> Path:
    folder = tmp_path / "sequences"
    for index in range(3):
        write_sequence(folder, moving_sequence(index, length=10))
    return folder
