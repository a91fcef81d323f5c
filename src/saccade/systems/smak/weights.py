"""A trained embedding as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.verbs.weights import read_trained, save_trained

SYSTEM = "smak"


def save_embedder(
    folder: Path, config: SmakConfig, network: EmbeddingNetwork, facts: dict[str, Any] | None = None
) -> None:
    """Write an embedding's folder; it is replaced at once or not at all.

    Args:
        folder: Folder of the weights.
        config: The system's settings.
        network: Trained network.
        facts: Facts about the training, for people.
    """
    save_trained(folder, SYSTEM, config, network.state_dict(), facts)


def load(path: Path | None = None) -> Embedder:
    """What `saccade.load("smak")` calls: an embedder from weights or a run; None for the shipped.

    Raises:
        UserInputError: There is nothing there.
        DamagedFileError: A file is damaged or does not fit.
    """
    trained = read_trained(path, SYSTEM, SmakConfig)
    network = trained.network(lambda: EmbeddingNetwork(trained.config.model))
    return Embedder(network, trained.config)
