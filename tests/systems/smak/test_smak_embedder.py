"""Frames of any size become vectors, whatever is embedded beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from moving_views import moving_sequence
from saccade.errors import UserInputError
from saccade.systems.smak import embedder as module
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.model import EmbeddingNetwork


def test_vectors_and_maps_are_the_networks(embedder: Embedder) -> None:
    frames = moving_sequence(0).frames(0)
    pixels = torch.from_numpy(frames).permute(0, 3, 1, 2)[:, None]
    with torch.no_grad():
        expected = embedder.network.attend(pixels)
    look = embedder.attend(frames)
    np.testing.assert_allclose(look.vectors, expected.embedding, atol=1e-5)
    np.testing.assert_allclose(embedder(frames), look.vectors, atol=1e-5)
    assert list(look.maps) == ["L1", "L2", "L3"] == list(embedder.levels)
    for weights, wanted in zip(look.maps.values(), expected.maps, strict=True):
        np.testing.assert_allclose(weights, wanted, atol=1e-5)
    assert embedder(frames).dtype == np.float32 and embedder(frames).shape == (20, 32)


def test_chunks_change_nothing(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = moving_sequence(1).frames(0)
    whole = embedder(frames)
    monkeypatch.setattr(module, "CHUNK", 3)
    np.testing.assert_allclose(embedder(frames), whole, atol=1e-5)
    np.testing.assert_allclose(embedder.attend(frames).vectors, whole, atol=1e-5)
    assert embedder(frames[:0]).shape == (0, 32)


def test_several_frames_are_embedded_with_those_before_them(
    config: SmakConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = replace(config.model, frames=3, frame_step=2)
    torch.manual_seed(0)
    embedder = Embedder(EmbeddingNetwork(model), replace(config, model=model))
    frames = moving_sequence(0).frames(0)
    monkeypatch.setattr(module, "CHUNK", 4)
    vectors = embedder(frames)
    together = torch.from_numpy(frames[[5, 7, 9]]).permute(0, 3, 1, 2)[None]
    with torch.no_grad():
        np.testing.assert_allclose(vectors[9], embedder.network(together)[0], atol=1e-5)
        first = torch.from_numpy(frames[[0, 0, 0]]).permute(0, 3, 1, 2)[None]
        np.testing.assert_allclose(vectors[0], embedder.network(first)[0], atol=1e-5)


def test_frames_of_another_size_are_scaled(embedder: Embedder) -> None:
    flat = np.full((2, 31, 57, 3), 90, np.uint8)
    same = np.full((2, 24, 24, 3), 90, np.uint8)
    np.testing.assert_allclose(embedder(flat), embedder(same), atol=1e-5)


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((2, 8, 8, 3), np.float32), "float32 of shape"),
        (np.zeros((8, 8, 3), np.uint8), r"\(8, 8, 3\); expected uint8 \(N, height, width, 3\)"),
        (np.zeros((2, 8, 8, 4), np.uint8), r"\(2, 8, 8, 4\)"),
        (np.zeros((2, 0, 8, 3), np.uint8), r"\(2, 0, 8, 3\)"),
        ([np.zeros((8, 8, 3), np.uint8)], "are a list; expected an array"),
    ],
)
def test_what_are_no_frames_is_refused(embedder: Embedder, frames: object, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        embedder(frames)  # pyright: ignore[reportArgumentType]


def test_nothing_cannot_be_attended_to(embedder: Embedder) -> None:
    with pytest.raises(UserInputError, match="no frame was given"):
        embedder.attend(np.zeros((0, 8, 8, 3), np.uint8))
