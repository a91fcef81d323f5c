"""A trained tracker as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade.errors import UserInputError
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.tracker import VideoTracker
from saccade.verbs.weights import read_trained, save_trained

SYSTEM = "hart"


def save_tracker(
    folder: Path, config: HartConfig, model: Hart | Ratm, facts: dict[str, Any] | None = None
) -> None:
    """Write a tracker's folder; it is replaced at once or not at all.

    Args:
        folder: Folder of the weights.
        config: The system's settings.
        model: Trained network.
        facts: Facts about the training, for people.
    """
    save_trained(folder, SYSTEM, config, model.state_dict(), facts)


def load(path: Path | None = None) -> VideoTracker:
    """What `saccade.load("hart")` calls: a tracker from weights or a run; None for the shipped."""
    return VideoTracker(load_network(path))


def lend_features(network: Ratm) -> None:
    """Give RATM the features of the shipped HART.

    Raises:
        UserInputError: RATM's stack is another.
    """
    lender = load_network()
    if not isinstance(lender, Hart) or lender.config.appearance.stack != network.config.ratm.stack:
        raise UserInputError(
            "ratm.features is hart with a ratm.stack that is not that of the shipped weights; "
            "expected their appearance.stack, or --ratm.features random"
        )
    network.trunk.load_state_dict(lender.appearance.v1.state_dict())


def load_network(folder: Path | None = None) -> Hart | Ratm:
    """The network of a weights' folder or a run, ready to track; None for the shipped one.

    Its settings are its attribute `config`.

    Raises:
        UserInputError: There is nothing there.
        DamagedFileError: A file is damaged or does not fit.
    """
    trained = read_trained(folder, SYSTEM, HartConfig)
    return trained.network(lambda: build_tracker(trained.config)).eval()
