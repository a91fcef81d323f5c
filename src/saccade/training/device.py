"""The device that networks run on."""

from __future__ import annotations

import torch
from torch import nn

from saccade.errors import UserInputError

CPU = torch.device("cpu")


def resolve_device(name: str = "auto") -> torch.device:
    """The torch device called `name`; "auto" is a GPU where there is one that works, else the CPU.

    Raises:
        UserInputError: There is no such device on this machine; the message names those it has.
    """
    available = available_devices()
    if name == "auto":
        return torch.device(available[0])
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UserInputError(f"unknown device {name!r}; {_choices(available)}") from error
    count = torch.cuda.device_count() if device.type == "cuda" else 1
    if device.type not in available or (device.index or 0) >= count:
        raise UserInputError(f"device {name!r} is not available here; {_choices(available)}")
    return device


def available_devices() -> list[str]:
    """The kinds of devices on this machine, the fastest first; always ends with "cpu"."""
    devices = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]


def device_of(network: nn.Module) -> torch.device:
    """The device that a network's parameters are on."""
    return next(network.parameters()).device


def _choices(available: list[str]) -> str:
    return f"valid devices on this machine: auto, {', '.join(available)}"
