"""A trained tracker as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade.errors import DamagedFileError, UserInputError
from saccade.systems import WEIGHTS
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm
from saccade.training.checkpoint import load_weights, save_weights
from saccade.training.plain import from_plain, to_plain
from saccade.training.run import is_run
from saccade.training.storage import existing_folder

SYSTEM = "hart"
RUN_WEIGHTS = "weights"
"""Where a run keeps its trained tracker."""


def save_tracker(
    folder: Path, config: HartConfig, model: Hart | Ratm, facts: dict[str, Any] | None = None
) -> None:
    """Write a tracker's folder.

    Args:
        folder: Repathd at once or not at all.
        config: The system's settings.
        model: The trained network.
        facts: What trained it, for people.
    """
    description = {"system": SYSTEM, "config": to_plain(config), **(facts or {})}
    save_weights(folder, model.state_dict(), description)


def find(folder: Path | None) -> Path:
    """The weights' folder of what a user named: None (shipped), a run, or the folder itself.

    Raises:
        UserInputError: A run that has not been trained to its end.
    """
    if folder is None:
        return WEIGHTS / SYSTEM
    if existing_folder(folder / RUN_WEIGHTS).is_dir():
        return folder / RUN_WEIGHTS
    if is_run(folder):
        raise UserInputError(f"the run {folder} has no weights yet; train it further with --resume")
    return folder


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
    path = find(folder)
    weights = load_weights(path)
    description, name = weights.config, str(path / "config.json")
    if description.get("system") != SYSTEM or not isinstance(description.get("config"), dict):
        raise DamagedFileError(
            f'{name} describes no tracker; expected "system": "{SYSTEM}" and a "config"'
        )
    model = build_tracker(from_plain(HartConfig, description["config"], name))
    try:
        model.load_state_dict(weights.model_state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:160]
        raise DamagedFileError(
            f"{path / 'model.safetensors'} does not fit its config.json: {reason}"
        ) from error
    return model.eval()
