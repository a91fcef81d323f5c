"""The parts of an agent: networks, targets, optimisers, and its state as the states of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


class Part(Protocol):
    """A network or an optimiser."""

    def state_dict(self) -> Mapping[str, Any]:
        """The state as it is now."""
        ...

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Take on a state."""
        ...


def save_parts(parts: Mapping[str, Part]) -> dict[str, Any]:
    """States by the parts' names."""
    return {name: part.state_dict() for name, part in parts.items()}


def load_parts(parts: Mapping[str, Part], state: Mapping[str, Any]) -> None:
    """Let each part take on its state of `save_parts`."""
    for name, part in parts.items():
        part.load_state_dict(state[name])


def make_generator(device: torch.device, seed: int) -> torch.Generator:
    """A generator for draws on a device; where only shapes matter ("meta") it is the CPU's."""
    return torch.Generator("cpu" if device.type == "meta" else device).manual_seed(seed)


def placed(network: Network, device: torch.device) -> Network:
    """The network on a device, in the order of memory in which convolutions are fastest."""
    last = torch.channels_last
    return network.to(device, memory_format=last)  # pyright: ignore[reportCallIssue]
