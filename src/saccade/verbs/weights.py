"""Trained weights as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.folders import existing_folder
from saccade.storage.json_files import read_json
from saccade.training.checkpoint import CONFIG_FILE, MODEL_FILE, load_weights, save_weights
from saccade.training.plain import from_plain, to_plain
from saccade.training.run import RUN_FILE, is_run
from saccade.verbs import lookup

RUN_WEIGHTS = "weights"
"""Folder in which a run keeps its newest weights."""
_REASON_LENGTH = 160
"""Number of letters of PyTorch's list of unfit tensors that a message repeats."""

ConfigT = TypeVar("ConfigT")
NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True)
class Trained(Generic[ConfigT]):
    """What a folder of weights holds.

    Attributes:
        folder: Folder of the weights.
        config: Settings of the system that was trained.
        state: Tensors by name.
        facts: Whole description, config.json.
    """

    folder: Path
    config: ConfigT
    state: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    def network(self, make: Callable[[], NetworkT], prefix: str = "") -> NetworkT:
        """A network with the tensors whose names begin with `prefix`.

        Args:
            make: Maker of the network from the settings; first it is called for the shapes alone.
            prefix: Prefix that the names of the network's tensors have here.

        Raises:
            DamagedFileError: The tensors are not those of the settings.
        """
        self.check_shapes(make, prefix)
        network = make()
        self.fill(network, prefix)
        return network

    def check_shapes(self, make: Callable[[], nn.Module], prefix: str = "") -> None:
        """Refuse settings whose network would have other tensors, before it takes any memory.

        Args:
            make: Maker of the network, which is called for the shapes alone.
            prefix: Prefix that the names of the network's tensors have here.

        Raises:
            DamagedFileError: The tensors are not those of the settings.
        """
        with torch.device("meta"):
            expected = {prefix + name: t.shape for name, t in make().state_dict().items()}
        given = {name: t.shape for name, t in self.state.items() if name.startswith(prefix)}
        if differ := sorted(dict(expected.items() ^ given.items())):
            raise DamagedFileError(
                f"{self.folder / MODEL_FILE} does not fit its {CONFIG_FILE}: {differ[0]} is "
                f"{_shape(given.get(differ[0]))}; expected {_shape(expected.get(differ[0]))}"
            )

    def fill(self, network: nn.Module, prefix: str = "") -> None:
        """Load the tensors whose names begin with `prefix` into a network, without the prefix.

        Raises:
            DamagedFileError: They are not those of the network.
        """
        own = {k.removeprefix(prefix): v for k, v in self.state.items() if k.startswith(prefix)}
        try:
            network.load_state_dict(own)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:_REASON_LENGTH]
            raise DamagedFileError(
                f"{self.folder / MODEL_FILE} does not fit its {CONFIG_FILE}: {reason}"
            ) from error

    def has(self, prefix: str) -> bool:
        """Whether there are tensors whose names begin with `prefix`."""
        return any(name.startswith(prefix) for name in self.state)


def _shape(shape: torch.Size | None) -> str:
    return "not there" if shape is None else f"of shape {tuple(shape)}"


def trained_folder(folder: Path | None, system: str) -> Path:
    """Return the weights' folder of what a user named: None (shipped), a run, or the folder itself.

    Raises:
        UserInputError: It is a run that has no weights yet.
    """
    if folder is None:
        return lookup.WEIGHTS / system
    if has_weights(folder):
        return folder / RUN_WEIGHTS
    if is_run(folder):
        raise UserInputError(
            f"the run {folder} has no weights yet; go on with: "
            f"saccade train {system} --resume {folder}"
        )
    return folder


def has_weights(run: Path) -> bool:
    """Whether a run has weights already."""
    return existing_folder(run / RUN_WEIGHTS).is_dir()


def training_minutes(run: Path) -> float | None:
    """Minutes from the start of a run to its newest weights; pauses of a resumed run count.

    None where the run does not say.
    """
    facts = read_json(run / RUN_FILE)
    try:
        started = datetime.fromisoformat(facts["started"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return ((run / RUN_WEIGHTS / MODEL_FILE).stat().st_mtime - started) / 60


def read_trained(folder: Path | None, system: str, config: type[ConfigT]) -> Trained[ConfigT]:
    """Read the weights of a folder or a run; None for the shipped ones.

    Args:
        folder: Folder of the weights or the run.
        system: Name of the system that the weights must be of.
        config: Class of the system's settings.

    Raises:
        UserInputError: There is nothing there.
        DamagedFileError: A file is damaged, of another system, or holds weights that are not
            finite.
    """
    folder = trained_folder(folder, system)
    weights = load_weights(folder)
    name = str(folder / CONFIG_FILE)
    settings = weights.config.get("config")
    if weights.config.get("system") != system or not isinstance(settings, dict):
        raise DamagedFileError(
            f'{name} describes no weights of {system}; expected "system": "{system}" and a "config"'
        )
    for key, tensor in weights.model_state.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise DamagedFileError(f"{folder / MODEL_FILE} is damaged: {key} is not finite")
    kept = from_plain(config, settings, name)
    return Trained(folder, kept, weights.model_state, weights.config)


def save_trained(
    folder: Path,
    system: str,
    config: Any,
    state: Mapping[str, Tensor],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write a folder of weights; it is replaced at once or not at all.

    Args:
        folder: Folder of the weights.
        system: Name of the system.
        config: Settings of the system, a dataclass.
        state: Tensors by name.
        facts: Further facts for the description.
    """
    description = {"system": system, "config": to_plain(config), **(facts or {})}
    save_weights(folder, state, description)
