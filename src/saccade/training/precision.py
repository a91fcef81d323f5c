"""Reduced precision where the device has it: twice the speed, the weights stay float32."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

import torch

from saccade.checks import check_choice
from saccade.training.device import CPU

Precision = Literal["auto", "float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("auto", "float32", "bfloat16")


def uses_bfloat16(precision: Precision, device: torch.device = CPU) -> bool:
    """Whether convolutions shall run in bfloat16; "auto" says yes where the device computes in it.

    Raises:
        UserInputError: The precision is unknown.
    """
    check_choice("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def reduced(precision: Precision, device: torch.device = CPU) -> AbstractContextManager[object]:
    """A context in which convolutions and matrix products run in the chosen precision."""
    return torch.autocast(device.type, torch.bfloat16, enabled=uses_bfloat16(precision, device))
