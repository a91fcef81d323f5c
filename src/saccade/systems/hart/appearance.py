"""Appearance attention: V1, the ventral and the dorsal stream, and the location map (Eqs. 3, 4)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.dynamic_filter import DynamicFilters, FilterShape
from saccade.networks.alexnet import AlexNetTrunk
from saccade.networks.blocks import make_norm
from saccade.networks.conv_stack import ConvStack
from saccade.systems.hart.config import AppearanceConfig

IMAGENET_MEAN, IMAGENET_SPREAD = 0.45, 0.225


class Seen(NamedTuple):
    """What appearance attention makes of a glimpse."""

    features: Float[Tensor, "N features"]
    """vec(nu . s): the ventral stream's features where the object is."""
    logits: Float[Tensor, "N hv wv"]
    filters: Float[Tensor, "N size"]
    """Psi of Eq. 3; of size 0 without a mask."""

    @property
    def location(self) -> Float[Tensor, "N hv wv"]:
        """s_t: the probability that a cell is the object."""
        return torch.sigmoid(self.logits)


class AppearanceAttention(nn.Module):
    """V1 and the two streams.

    Args:
        config: The settings.
        glimpse: Height and width of the glimpses [pixels].
        condition: Length of alpha.
        mask: Without it, there is no dorsal stream, and features pass as they are.
    """

    def __init__(
        self, config: AppearanceConfig, glimpse: tuple[int, int], condition: int, *, mask: bool
    ) -> None:
        super().__init__()
        self.config = config
        v1, width = _make_v1(config)
        self.v1 = v1
        self.ventral = nn.Sequential(
            nn.Conv2d(width, config.ventral_maps, 1),
            nn.Dropout(config.dropout),
            make_norm(config.norm, config.ventral_maps),
            nn.ELU(),
        )
        self.dorsal = _make_dorsal(config, width, condition) if mask else None
        self.to_logits = nn.Conv2d(config.dorsal_maps, 1, 1) if mask else None
        with torch.no_grad():
            maps = v1(torch.zeros(1, config.in_channels, *glimpse))
        self.map_size: tuple[int, int] = (maps.shape[2], maps.shape[3])

    @property
    def out_features(self) -> int:
        """Length of `Seen.features`."""
        return self.config.ventral_maps * self.map_size[0] * self.map_size[1]

    def unmasked(self, glimpse: Float[Tensor, "N C h w"]) -> Float[Tensor, "N features"]:
        """Features of all that the glimpse shows: for the first frame, which tells what to find."""
        return self.ventral(self.v1(normalise(glimpse, self.config.normalise))).flatten(1)

    def forward(
        self, glimpse: Float[Tensor, "N C h w"], alpha: Float[Tensor, "N condition"]
    ) -> Seen:
        """Features of what looks like alpha.

        Args:
            glimpse: 0..1.
            alpha: the expected appearance.
        """
        maps = self.v1(normalise(glimpse, self.config.normalise))
        features = self.ventral(maps)
        if self.dorsal is None or self.to_logits is None:
            logits = maps.new_zeros(len(maps), *self.map_size)
            return Seen(features.flatten(1), logits, maps.new_zeros(len(maps), 0))
        filters = self.dorsal.filters(alpha)
        logits = self.to_logits(self.dorsal(maps, filters))
        masked = features * torch.sigmoid(logits)  # Eq. 4
        return Seen(masked.flatten(1), logits[:, 0], filters)


def normalise(glimpse: Float[Tensor, "N C h w"], how: str) -> Float[Tensor, "N C h w"]:
    """Glimpses as V1 wants them: see `AppearanceConfig.normalise`."""
    if how == "none":
        return glimpse
    if how == "fixed":
        return (glimpse - IMAGENET_MEAN) / IMAGENET_SPREAD
    # No gradient: extremes are single pixels, and theirs says nothing of where to look.
    pixels = glimpse.detach()
    low, high = (bound(pixels, dim=(1, 2, 3), keepdim=True) for bound in (torch.amin, torch.amax))
    # A flat glimpse must not become noise: a hundredth of the full range at least.
    stretched = (glimpse - low) / (high - low).clamp(min=0.01)
    return stretched - stretched.mean(dim=(2, 3), keepdim=True)


def _make_v1(config: AppearanceConfig) -> tuple[nn.Module, int]:
    if config.v1 == "alexnet":
        return AlexNetTrunk(config.alexnet), config.alexnet.out_channels
    return ConvStack(config.stack), config.stack.out_channels


def _make_dorsal(config: AppearanceConfig, width: int, condition: int) -> DynamicFilters:
    widths = (width, *(config.dorsal_maps for _ in config.dorsal_kernels))
    shapes = tuple(
        FilterShape(before, after, kernel)
        for (before, after), kernel in zip(
            itertools.pairwise(widths), config.dorsal_kernels, strict=True
        )
    )
    return DynamicFilters(condition, config.hidden, shapes)
