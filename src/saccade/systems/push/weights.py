"""A trained push policy as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from saccade.errors import DamagedFileError, UserInputError
from saccade.networks.blocks import fold_norms
from saccade.systems import WEIGHTS
from saccade.systems.push.config import MaskConfig, PushConfig
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.policy import Attention, GlimpsePolicy, PushPolicy, QMapPolicy
from saccade.training.checkpoint import load_weights, save_weights
from saccade.training.plain import from_plain, to_plain
from saccade.training.storage import existing_folder

SYSTEM = "push"
MASK_PREFIX, VALUE_PREFIX = "mask.", "value."
RUN_WEIGHTS = "weights"
"""Where a run keeps its newest policy."""


def save_policy(
    folder: Path,
    config: PushConfig,
    mask: nn.Module | None,
    threshold: float,
    value: nn.Module | None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write a policy's folder.

    Args:
        folder: Replaced at once or not at all.
        config: The system's settings.
        mask: PushMask, where one was trained.
        threshold: Its probability threshold.
        value: GlimpseQ or a PushReward network; None for a mask alone.
        facts: What trained it, for people.
    """
    state: dict[str, Tensor] = {}
    for prefix, network in ((MASK_PREFIX, mask), (VALUE_PREFIX, value)):
        if network is not None:
            state |= {prefix + name: tensor for name, tensor in network.state_dict().items()}
    description = {
        "system": SYSTEM,
        "threshold": threshold,
        "config": to_plain(config),
        **(facts or {}),
    }
    save_weights(folder, state, description)


def find(folder: Path | None) -> Path:
    """The weights' folder of what a user named: None (shipped), a run, or the folder itself.

    Raises:
        UserInputError: A run that has not trained a policy yet.
    """
    if folder is None:
        return WEIGHTS / SYSTEM
    if existing_folder(folder / RUN_WEIGHTS).is_dir():
        return folder / RUN_WEIGHTS
    if (folder / "run.json").exists():
        raise UserInputError(f"the run {folder} has no weights yet; train it further with --resume")
    return folder


def load_mask(folder: Path | None) -> tuple[PushMask, float]:
    """The PushMask and its threshold of a weights' folder or a run; None for the shipped one."""
    state, config, threshold = _read(find(folder))
    if not any(name.startswith(MASK_PREFIX) for name in state):
        raise UserInputError(f"{find(folder)} holds no PushMask; expected weights trained with one")
    mask = PushMask(config.mask.network)
    _fill(mask, MASK_PREFIX, state, find(folder))
    return mask, threshold


def load_value(folder: Path, network: nn.Module) -> None:
    """Fill a value network, to be trained further, from a weights' folder or a run."""
    folder = find(folder)
    state, _, _ = _read(folder)
    _fill(network, VALUE_PREFIX, state, folder)


def load_policy(folder: Path | None = None, explore: float = 0.0) -> PushPolicy:
    """A policy from a weights' folder or a run; None for the shipped weights.

    Args:
        folder: Where the weights are.
        explore: Share of pushes drawn from the next best ones, for training.

    Raises:
        UserInputError: There is nothing there.
        DamagedFileError: A file is damaged or does not fit.
    """
    folder = find(folder)
    state, config, threshold = _read(folder)
    return assemble(config, state, threshold, folder, explore)


def with_mask(folder: Path, mask: MaskConfig) -> PushPolicy:
    """A trained policy with another attention at test time: none, edges, or a soft product.

    Raises:
        UserInputError: PushMask is asked for, but the weights hold none.
    """
    folder = find(folder)
    state, config, threshold = _read(folder)
    if mask.kind == "learned" and not any(name.startswith(MASK_PREFIX) for name in state):
        raise UserInputError(f"{folder} holds no PushMask; expected mask edge or none")
    kept = replace(mask, network=config.mask.network)
    return assemble(replace(config, mask=kept), state, threshold, folder, 0.0)


def assemble(
    config: PushConfig, state: dict[str, Tensor], threshold: float, folder: Path, explore: float
) -> PushPolicy:
    """Build the networks of a configuration, fill them, and wrap them as a policy."""
    mask = None
    if config.mask.kind == "learned" or any(name.startswith(MASK_PREFIX) for name in state):
        mask = PushMask(config.mask.network)
        _fill(mask, MASK_PREFIX, state, folder)
        _prepare(mask)
    attention = Attention(config, mask, threshold)
    if config.network == "glimpse":
        glimpse = GlimpseQ(config.glimpse)
        _fill(glimpse, VALUE_PREFIX, state, folder)
        _prepare(glimpse)
        return GlimpsePolicy(config, attention, glimpse, explore)
    network = build_reward_network(config)
    _fill(network, VALUE_PREFIX, state, folder)
    _prepare(network)
    return QMapPolicy(config, attention, network, explore)


def _read(folder: Path) -> tuple[dict[str, Tensor], PushConfig, float]:
    weights = load_weights(folder)
    description = weights.config
    if description.get("system") != SYSTEM or not isinstance(description.get("config"), dict):
        raise DamagedFileError(
            f"{folder / 'config.json'} describes no push policy; "
            f'expected "system": "{SYSTEM}" and a "config"'
        )
    name = str(folder / "config.json")
    config = from_plain(PushConfig, description["config"], name)
    threshold = description.get("threshold", 0.5)
    if not isinstance(threshold, int | float):
        raise DamagedFileError(f"{name} has threshold {threshold!r}; expected a probability")
    return weights.model_state, config, float(threshold)


def _fill(network: nn.Module, prefix: str, state: dict[str, Tensor], folder: Path) -> None:
    own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    try:
        network.load_state_dict(own)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:160]
        raise DamagedFileError(
            f"{folder / 'model.safetensors'} does not fit its config.json: {reason}"
        ) from error


def _prepare(network: nn.Module) -> None:
    """Ready for inference: eval mode, norms folded, the memory layout that CPUs like."""
    network.eval()
    fold_norms(network)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
