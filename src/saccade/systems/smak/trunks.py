"""The trunk that a configuration names, its ImageNet weights, and frames as it wants them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn

from saccade.networks import inception, resnet_v2
from saccade.networks.light_trunk import LightTrunk
from saccade.networks.pretrained import PretrainedReport, load_imagenet
from saccade.systems.smak.model_config import TrunkConfig, TrunkKind

URLS: dict[TrunkKind, str] = {
    "inception": inception.INCEPTION_URL,
    "resnet": resnet_v2.RESNETV2_50_URL,
}
"""Where ImageNet weights are published."""


class Trunk(NamedTuple):
    """A trunk and how many feature maps it gives."""

    network: nn.Module
    channels: int


def build_trunk(config: TrunkConfig, generator: torch.Generator | None = None) -> Trunk:
    """The trunk at its random start; `fetch_weights` fills it where that is wanted.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """
    if config.kind == "inception":
        return Trunk(inception.InceptionTrunk(generator), inception.OUT_CHANNELS)
    if config.kind == "resnet":
        return Trunk(resnet_v2.ResNetV2Trunk(generator), resnet_v2.OUT_CHANNELS)
    return Trunk(LightTrunk(config.light, generator), config.light.out_channels)


def fetch_weights(trunk: nn.Module, config: TrunkConfig) -> PretrainedReport | None:
    """Fill a trunk with its ImageNet weights, where there is internet; says how it went.

    Args:
        trunk: Trunk of the configuration.
        config: The settings.

    Returns:
        What the run's metadata should say; None where no weights are wanted or there are none.
    """
    if not config.imagenet or config.kind not in URLS:
        return None
    return load_imagenet(trunk, URLS[config.kind])


def to_signed(frames: Real[Tensor, "*n 3 h w"]) -> Float[Tensor, "*n 3 h w"]:
    """Frames from -1 to 1, as the trunks want them, of frames 0..1 or uint8."""
    if frames.dtype == torch.uint8:
        return frames.to(torch.float32) / 127.5 - 1
    return frames * 2 - 1
