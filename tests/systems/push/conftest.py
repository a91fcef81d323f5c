"""Shared by the tests of push: one thread, and a few recorded episodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import torch

import tiny_push
from saccade.data.push_episodes import PushDataset, PushEpisode
from saccade.systems.push.record import record


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """These networks are small: more threads only wait for each other."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of three tiny episodes."""
    folder = tmp_path_factory.mktemp("recorded")
    list(record(folder, tiny_push.RECORDING, 3, seed=5))
    return folder


@pytest.fixture(scope="session")
def episodes(recorded: Path) -> list[PushEpisode]:
    """Its episodes."""
    return list(PushDataset(recorded))
