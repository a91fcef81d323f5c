"""A trained push policy as a folder: model.safetensors and config.json, nothing pickled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from saccade.errors import DamagedFileError, UserInputError
from saccade.networks.blocks import fold_norms
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import MaskConfig, PushConfig
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.policy import GlimpsePolicy, PushPolicy, QMapPolicy
from saccade.training.checkpoint import CONFIG_FILE
from saccade.verbs.weights import Trained, read_trained, save_trained

SYSTEM = "push"
CURVES_FILE = "mask_curves.json"
MASK_PREFIX, VALUE_PREFIX = "mask.", "value."


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
        folder: Folder that is replaced at once or not at all.
        config: The system's settings.
        mask: PushMask, where one was trained.
        threshold: Probability above which PushMask calls a push valid.
        value: GlimpseQ or a PushReward network; None for a mask alone.
        facts: Facts about the training, for people.
    """
    state: dict[str, Tensor] = {}
    for prefix, network in ((MASK_PREFIX, mask), (VALUE_PREFIX, value)):
        if network is not None:
            state |= {prefix + name: tensor for name, tensor in network.state_dict().items()}
    save_trained(folder, SYSTEM, config, state, {"threshold": threshold, **(facts or {})})


def load(folder: Path | None = None) -> PushPolicy:
    """What `saccade.load("push")` calls: a policy from weights or a run; None for the shipped."""
    return load_policy(folder)


def load_mask(folder: Path | None) -> tuple[PushMask, float, Path | None]:
    """The PushMask of a weights' folder or a run, its threshold, and the file of the curves that it
    was chosen on, where there is one; None for the shipped one."""
    trained = _read(folder)
    if not trained.has(MASK_PREFIX):
        raise UserInputError(f"{trained.folder} holds no PushMask; expected weights with one")
    mask = trained.network(lambda: PushMask(trained.config.mask.network), MASK_PREFIX)
    curves = trained.folder / CURVES_FILE
    return mask, threshold_of(trained), curves if curves.is_file() else None


def load_value(folder: Path | None, network: nn.Module) -> None:
    """Fill a value network, to be trained further, from a weights' folder or a run; None for the
    shipped weights."""
    _read(folder).fill(network, VALUE_PREFIX)


def load_policy(folder: Path | None = None, explore: float = 0.0) -> PushPolicy:
    """A policy from a weights' folder or a run; None for the shipped weights.

    Args:
        folder: Folder of the weights.
        explore: Share of pushes drawn from the next best ones, for training.

    Raises:
        UserInputError: There is nothing there.
        DamagedFileError: A file is damaged or does not fit.
    """
    trained = _read(folder)
    return _assemble(trained, trained.config, explore)


def with_mask(folder: Path, mask: MaskConfig) -> PushPolicy:
    """A trained policy with another attention at test time: none, edges, or a soft product.

    Raises:
        UserInputError: PushMask is asked for, but the weights hold none.
    """
    trained = _read(folder)
    if mask.kind == "learned" and not trained.has(MASK_PREFIX):
        raise UserInputError(f"{trained.folder} holds no PushMask; expected mask edge or none")
    kept = replace(mask, network=trained.config.mask.network)
    return _assemble(trained, replace(trained.config, mask=kept), 0.0)


def threshold_of(trained: Trained[PushConfig]) -> float:
    """PushMask's probability threshold.

    Raises:
        DamagedFileError: The threshold is no number.
    """
    threshold = trained.facts.get("threshold", 0.5)
    if type(threshold) not in (int, float) or not 0 <= threshold <= 1:
        name = trained.folder / CONFIG_FILE
        raise DamagedFileError(f"{name} has threshold {threshold!r}; expected a probability")
    return float(threshold)


def _assemble(trained: Trained[PushConfig], config: PushConfig, explore: float) -> PushPolicy:
    """Build the networks of a configuration, fill them, and wrap them as a policy."""
    mask = None
    if config.mask.kind == "learned" or trained.has(MASK_PREFIX):
        mask = trained.network(lambda: PushMask(config.mask.network), MASK_PREFIX)
        _prepare(mask)
    attention = Attention(config, mask, threshold_of(trained))
    if config.network == "glimpse":
        glimpse = trained.network(lambda: GlimpseQ(config.glimpse), VALUE_PREFIX)
        _prepare(glimpse)
        return GlimpsePolicy(config, attention, glimpse, explore)
    network = trained.network(lambda: build_reward_network(config), VALUE_PREFIX)
    _prepare(network)
    return QMapPolicy(config, attention, network, explore)


def _read(folder: Path | None) -> Trained[PushConfig]:
    return read_trained(folder, SYSTEM, PushConfig)


def _prepare(network: nn.Module) -> None:
    """Ready for inference: eval mode, norms folded, the memory layout that CPUs like."""
    network.eval()
    fold_norms(network)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
