"""Appearance attention: V1, the ventral and the dorsal stream, and the location map (Eqs. 3, 4).

With `matches` above 0 there is a third source, which the paper does not have: how well each cell
matches the first glimpse, in which the object was given, and (`recent_from`) a later one. What the
memory expects may drift; the first glimpse does not.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.dynamic_filter import DynamicFilters, FilterShape
from saccade.attention.template_matching import similarity, unit_cells
from saccade.networks.alexnet import AlexNetTrunk
from saccade.networks.blocks import make_norm
from saccade.networks.conv_stack import ConvStack
from saccade.systems.hart.config import AppearanceConfig

IMAGENET_MEAN, IMAGENET_SPREAD = 0.45, 0.225
LEAST_RANGE = 0.01
"""Least range that a glimpse is stretched from: a flat one must not become noise."""
SHARPNESS = 5.0
"""Sharpness of matching at first: cosines of rectified features lie close together."""

Template = Float[Tensor, "N K cells"]
"""Template: the cells of a glimpse; see `saccade.attention.template_matching`."""
Templates = Float[Tensor, "N M K cells"]
"""Templates of no glimpse, of the first, or of the first and a recent one: M is 0, 1 or 2."""


class Seen(NamedTuple):
    """What appearance attention makes of a glimpse."""

    features: Float[Tensor, "N features"]
    """Features where the object is, vec(nu . s) of the ventral stream, and the matching maps."""
    logits: Float[Tensor, "N hv wv"]
    filters: Float[Tensor, "N size"]
    """Dynamic filters Psi of Eq. 3; of size 0 without a mask."""

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
        mask: Whether there is a dorsal stream; without it, features pass as they are.
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
        with torch.no_grad():
            maps = v1(torch.zeros(1, config.in_channels, *glimpse))
        self.map_size: tuple[int, int] = (maps.shape[2], maps.shape[3])
        # Like the location map, this tells where the object is: a variant without it has neither.
        self.matching = nn.ModuleList(
            Matching(self.map_size, config.matches) for _ in range(config.templates * mask)
        )
        seen = width + config.matches * len(self.matching)
        self.dorsal = _make_dorsal(config, seen, condition) if mask else None
        self.to_logits = nn.Conv2d(config.dorsal_maps, 1, 1) if mask else None

    @property
    def out_features(self) -> int:
        """Length of `Seen.features`."""
        maps = self.config.ventral_maps + self.config.matches * len(self.matching)
        return maps * self.map_size[0] * self.map_size[1]

    def unmasked(
        self, glimpse: Float[Tensor, "N C h w"]
    ) -> tuple[Float[Tensor, "N features"], Templates]:
        """Features of all that the first glimpse shows, and what later ones are matched with."""
        maps = self.v1(normalise(glimpse, self.config.normalise))
        templates = unit_cells(maps)[:, None].repeat(1, len(self.matching), 1, 1)
        matched = self._match(maps, templates)
        return torch.cat([self.ventral(maps), matched], dim=1).flatten(1), templates

    def template(self, glimpse: Float[Tensor, "N C h w"]) -> Template:
        """What later glimpses are matched with."""
        return unit_cells(self.v1(normalise(glimpse, self.config.normalise)))

    def forward(
        self,
        glimpse: Float[Tensor, "N C h w"],
        alpha: Float[Tensor, "N condition"],
        templates: Templates | None = None,
    ) -> Seen:
        """Features of what looks like alpha.

        Args:
            glimpse: Glimpses, 0..1.
            alpha: Expected appearance.
            templates: Templates, as many as `unmasked` gives; None where it gives none.
        """
        maps = self.v1(normalise(glimpse, self.config.normalise))
        features = self.ventral(maps)
        if self.dorsal is None or self.to_logits is None:
            logits = maps.new_zeros(len(maps), *self.map_size)
            return Seen(features.flatten(1), logits, maps.new_zeros(len(maps), 0))
        filters = self.dorsal.filters(alpha)
        matched = self._match(maps, templates)
        logits = self.to_logits(self.dorsal(torch.cat([maps, matched], dim=1), filters))
        masked = features * torch.sigmoid(logits)  # Eq. 4
        return Seen(torch.cat([masked, matched], dim=1).flatten(1), logits[:, 0], filters)

    def _match(
        self, maps: Float[Tensor, "N K hv wv"], templates: Templates | None
    ) -> Float[Tensor, "N matches hv wv"]:
        """How well each cell matches each of the glimpses that are remembered."""
        known = () if templates is None else templates.unbind(1)
        pairs = zip(self.matching, known, strict=True)
        return torch.cat([maps[:, :0], *(match(maps, one) for match, one in pairs)], dim=1)


class Matching(nn.Module):
    """Maps of how well each cell of a glimpse matches a remembered one.

    Args:
        map_size: Rows and columns of V1's maps.
        maps: Maps to which the similarities with all its cells are reduced.
    """

    def __init__(self, map_size: tuple[int, int], maps: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(map_size[0] * map_size[1], maps, 1)
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))

    def forward(
        self, maps: Float[Tensor, "N K hv wv"], template: Template
    ) -> Float[Tensor, "N matches hv wv"]:
        """The maps."""
        return F.elu(self.reduce(self.sharpness * similarity(maps, template)))


def normalise(glimpse: Float[Tensor, "N C h w"], how: str) -> Float[Tensor, "N C h w"]:
    """Glimpses as V1 wants them: see `AppearanceConfig.normalise`."""
    if how == "none":
        return glimpse
    if how == "fixed":
        return (glimpse - IMAGENET_MEAN) / IMAGENET_SPREAD
    # No gradient: extremes are single pixels, and theirs says nothing of where to look.
    pixels = glimpse.detach()
    low, high = (bound(pixels, dim=(1, 2, 3), keepdim=True) for bound in (torch.amin, torch.amax))
    stretched = (glimpse - low) / (high - low).clamp(min=LEAST_RANGE)
    centred = stretched - stretched.mean(dim=(2, 3), keepdim=True)
    # Convolutions of few channels are a quarter faster so.
    return centred.contiguous(memory_format=torch.channels_last)


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
