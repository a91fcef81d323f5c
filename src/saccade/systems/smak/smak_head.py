"""SMAK-Net's pipeline (Fig. 2a): three levels, each attended to with the global feature vector."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.compatibility import Normalisation, attend, compatibility
from saccade.networks.blocks import Norm
from saccade.systems.smak.layers import ShiftedConv, draw_weights
from saccade.systems.smak.model_config import SmakHeadConfig


class Attended(NamedTuple):
    """Embeddings, and where they come from."""

    embedding: Float[Tensor, "n size"]
    maps: tuple[Float[Tensor, "n _ _"], ...]
    """Attention weights of each level that is attended to, in its own number of cells."""


class LevelAttention(nn.Module):
    """Attention of one level (Fig. 2b): mapped to the width of g, scored, weighed.

    What is weighed are the mapped features, as in Jetley et al.: with the features of the level
    themselves, the published numbers of parameters could not be met.

    Args:
        width: Feature maps of the level.
        size: Length of g.
        normalisation: Normalisation of the scores.
        generator: Source of the random start.
    """

    def __init__(
        self,
        width: int,
        size: int,
        normalisation: Normalisation,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        self.normalisation: Normalisation = normalisation
        self.project = nn.Conv2d(width, size, 1, bias=False)
        u = torch.empty(size).normal_(std=size**-0.5, generator=generator)
        self.u = None if normalisation == "none" else nn.Parameter(u)

    def forward(
        self, level: Float[Tensor, "n c h w"], g: Float[Tensor, "n d"]
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n h w"]]:
        """Attended features g_a of the level, and the map of attention weights."""
        local = self.project(level)
        u = torch.zeros_like(g[0]) if self.u is None else self.u
        return attend(local, compatibility(local, g, u), self.normalisation)


class SmakHead(nn.Module):
    """Pipeline L1, L2, L3, g on a trunk's feature map, its attention, and the embedding.

    Args:
        in_channels: Feature maps of the trunk.
        config: The settings.
        norm: Norm within the pipeline.
        size: Length of the embedding.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(
        self,
        in_channels: int,
        config: SmakHeadConfig,
        norm: Norm = "batch",
        size: int = 32,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        inputs = (in_channels, *config.widths[:-1])
        self.levels = nn.ModuleList(
            _level(inputs[i], config, i, norm) for i in range(len(config.widths))
        )
        *widths, length = config.widths
        self.attention = nn.ModuleDict(
            {
                str(number): LevelAttention(
                    widths[number - 1], length, config.normalisation, generator
                )
                for number in config.levels
            }
        )
        self.embed = nn.Linear(length * len(config.levels), size)
        draw_weights(self, generator)

    def attend(self, maps: Float[Tensor, "n c h w"]) -> Attended:
        """Embeddings of a trunk's feature maps, with the attention map of each level."""
        levels = []
        for level in self.levels:
            maps = level(maps)
            levels.append(maps)
        g = levels[-1].mean(dim=(2, 3))
        attended = [
            attention(levels[int(number) - 1], g) for number, attention in self.attention.items()
        ]
        vectors = torch.cat([vector for vector, _ in attended], dim=1)
        return Attended(self.embed(vectors), tuple(weights for _, weights in attended))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n size"]:
        """Embeddings of a trunk's feature maps."""
        return self.attend(maps).embedding


def _level(inputs: int, config: SmakHeadConfig, index: int, norm: Norm) -> nn.Sequential:
    """Convolutions from one level to the next; the first of them has the stride."""
    width, kernel = config.widths[index], config.kernels[index]
    layers = [ShiftedConv(inputs, width, kernel, config.strides[index], norm)]
    for _ in range(1, config.depths[index] + config.extended):
        layers.append(ShiftedConv(width, width, kernel, 1, norm))
    return nn.Sequential(*layers)
