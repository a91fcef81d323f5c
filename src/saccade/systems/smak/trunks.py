"""The trunk that a configuration names, and frames as it wants them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn

from saccade.networks.light_trunk import LightTrunk
from saccade.systems.smak.model_config import TrunkConfig


@dataclass(frozen=True)
class Trunk:
    """A trunk and how many feature maps it gives."""

    network: nn.Module
    channels: int


def build_trunk(config: TrunkConfig, generator: torch.Generator | None = None) -> Trunk:
    """The trunk at its random start; `load_imagenet` fills it where that is wanted.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """
    return Trunk(LightTrunk(config.light, generator), config.light.out_channels)


def to_signed(frames: Real[Tensor, "*n 3 h w"]) -> Float[Tensor, "*n 3 h w"]:
    """Frames from -1 to 1, as the trunks want them, of frames 0..1 or uint8."""
    if frames.dtype == torch.uint8:
        return frames.to(torch.float32) / 127.5 - 1
    return frames * 2 - 1
