"""Checkpoints: folders of safetensors and JSON that survive a kill or a full disk at any moment.

    checkpoint/
      model.safetensors          the weights
      config.json                what inference needs: the network's settings, normalisation, ...
      training_state/            absent in a folder of weights for inference
        tensors.safetensors      optimiser moments, replay arrays, random generators
        state.json               structure and scalars of the same

Nothing is ever pickled, so a checkpoint from a stranger can be loaded safely.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.files import require_file
from saccade.storage.folders import atomic_folder, existing_folder
from saccade.storage.json_files import plain_json, read_json, write_json
from saccade.training.state_tree import flatten, unflatten

MODEL_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
STATE_FOLDER = "training_state"
LONGEST_REASON = 200
"""Most letters of a library's message about a file."""


@dataclass(frozen=True)
class Weights:
    """State of a network and its settings: all that inference needs.

    Attributes:
        model_state: State for `load_state_dict`.
        config: Settings that were stored beside it.
    """

    model_state: dict[str, Tensor]
    config: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint(Weights):
    """State of a training: all that continuing it exactly needs.

    Attributes:
        training_state: State that was given to `save_checkpoint`: optimiser, generators
            (`capture_generators`), step, ...
    """

    training_state: dict[str, Any]


def save_checkpoint(
    folder: Path | str,
    model_state: Mapping[str, Tensor],
    config: Mapping[str, Any],
    training_state: Mapping[str, Any],
) -> None:
    """Writes a checkpoint; a checkpoint that was there is replaced at once or not at all.

    Args:
        folder: Folder of the checkpoint.
        model_state: State of the network, `network.state_dict()`.
        config: Settings, JSON-able.
        training_state: State of the training: any nesting of dicts, lists and tuples of tensors,
            arrays and scalars.

    Raises:
        StorageError: The disk refused (full, read-only); the previous checkpoint is intact.
        UserInputError: Something cannot be stored without pickle; the message names it.
    """
    structure, tensors = flatten(dict(training_state))
    weights, settings = _encode_weights(model_state), plain_json(config, "configuration")
    with atomic_folder(Path(folder)) as temporary:
        (temporary / MODEL_FILE).write_bytes(weights)
        write_json(temporary / CONFIG_FILE, settings)
        state = temporary / STATE_FOLDER
        state.mkdir()
        (state / "tensors.safetensors").write_bytes(_encode_tensors(tensors))
        write_json(state / "state.json", structure | {"sha256": _structure_digest(structure)})


def save_weights(
    folder: Path | str, model_state: Mapping[str, Tensor], config: Mapping[str, Any]
) -> None:
    """Writes a folder of weights for inference: `model.safetensors` and `config.json`.

    Raises:
        StorageError: The disk refused (full, read-only); an older folder is intact.
        UserInputError: Something cannot be stored without pickle; the message names it.
    """
    weights, settings = _encode_weights(model_state), plain_json(config, "configuration")
    with atomic_folder(Path(folder)) as temporary:
        (temporary / MODEL_FILE).write_bytes(weights)
        write_json(temporary / CONFIG_FILE, settings)


def load_weights(folder: Path | str) -> Weights:
    """Reads the weights of a checkpoint or of a folder of weights.

    Raises:
        UserInputError: There is no such folder.
        DamagedFileError: A file in it is missing or damaged; the message names it.
    """
    folder = _existing(Path(folder))
    return Weights(read_tensors(folder / MODEL_FILE), _read_config(folder / CONFIG_FILE))


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Reads a checkpoint.

    Raises:
        UserInputError: There is no such folder, or it holds weights only.
        DamagedFileError: A file in it is missing or damaged; the message names it.
    """
    folder = _existing(Path(folder))
    weights = load_weights(folder)
    state = folder / STATE_FOLDER
    if not state.is_dir():
        raise UserInputError(
            f"{folder} holds weights but no {STATE_FOLDER}/: training cannot continue from it"
        )
    tensors = read_tensors(state / "tensors.safetensors")
    structure = read_json(state / "state.json")
    digest = structure.get("sha256") if isinstance(structure, dict) else None
    if digest is not None and digest != _structure_digest(structure):
        raise DamagedFileError(f"{state / 'state.json'} is damaged: it does not match its checksum")
    try:
        training_state = unflatten(structure, tensors)
    except DamagedFileError as error:
        raise DamagedFileError(f"{state / 'state.json'}: {error}") from error
    return Checkpoint(weights.model_state, weights.config, training_state)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, checked against the digest that our own files carry.

    Raises:
        DamagedFileError: The file is missing, cut short, altered or not safetensors.
    """
    require_file(path)
    try:
        with safe_open(path, framework="pt") as file:
            digest = (file.metadata() or {}).get("sha256")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise DamagedFileError(f"cannot read {path}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise DamagedFileError(
            f"{path} is damaged: not a complete safetensors file ({str(error)[:LONGEST_REASON]})"
        ) from error
    if digest is not None and digest != _digest(tensors):
        raise DamagedFileError(f"{path} is damaged: its tensors do not match their checksum")
    return tensors


def _encode_weights(model_state: Mapping[str, Tensor]) -> bytes:
    for name, value in model_state.items():
        if not isinstance(value, Tensor):
            raise UserInputError(
                f"model_state[{name!r}] is a {type(value).__name__}; expected a tensor"
            )
    return _encode_tensors({name: value.detach().to("cpu") for name, value in model_state.items()})


def _encode_tensors(tensors: Mapping[str, Tensor]) -> bytes:
    # Copies, because safetensors refuses tensors that share memory (tied weights).
    copies = {name: value.contiguous().clone() for name, value in tensors.items()}
    return safetensors.torch.save(copies, metadata={"sha256": _digest(copies)})


def _structure_digest(structure: Mapping[str, Any]) -> str:
    """SHA-256 of a training state's structure, in which a dictionary is a list of pairs."""
    return hashlib.sha256(json.dumps(structure.get("$dict")).encode()).hexdigest()


def _digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and raw bytes of all tensors, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        if tensor.numel():
            digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _read_config(path: Path) -> dict[str, Any]:
    config = read_json(path)
    if not isinstance(config, dict):
        raise DamagedFileError(
            f"{path} is damaged: expected a JSON object, found {type(config).__name__}"
        )
    return config


def _existing(folder: Path) -> Path:
    folder = existing_folder(folder)
    if not folder.is_dir():
        raise UserInputError(
            f"there is no checkpoint at {folder}; "
            f"expected a folder with {MODEL_FILE} and {CONFIG_FILE}"
        )
    return folder
