"""The parts of an agent: networks, targets, optimisers. Its state is theirs, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


class Part(Protocol):
    """What changes while an agent learns: a network, an optimiser, a number."""

    def state_dict(self) -> Any:
        """The state as it is now."""
        ...

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Take on a state."""
        ...


class Parts:
    """The parts of an agent by their names: all that changes while it learns.

    Args:
        parts: Each part by its name in the state.
    """

    def __init__(self, **parts: Part) -> None:
        self._parts = parts

    def state_dict(self) -> dict[str, Any]:
        """States by the parts' names."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Let each part take on its state of `state_dict`."""
        for name, part in self._parts.items():
            part.load_state_dict(state[name])


class Count:
    """A number of times, which is kept as an agent's networks are."""

    def __init__(self) -> None:
        self.number = 0

    def state_dict(self) -> int:
        """The number."""
        return self.number

    def load_state_dict(self, state: Any, /) -> None:
        """Take on a number."""
        self.number = int(state)


def make_generator(device: torch.device, seed: int) -> torch.Generator:
    """A generator for draws on a device; where only shapes matter ("meta") it is the CPU's."""
    return torch.Generator("cpu" if device.type == "meta" else device).manual_seed(seed)


def placed(network: Network, device: torch.device) -> Network:
    """The network on a device, in the order of memory in which convolutions are fastest."""
    last = torch.channels_last
    return network.to(device, memory_format=last)  # pyright: ignore[reportCallIssue]
