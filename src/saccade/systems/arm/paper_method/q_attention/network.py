"""The Q-attention network of Figure 2: colours and points in, one Q a pixel out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise, make_conv
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig

LEAK = 0.02
"""Slope of the activations below 0."""
KERNEL = 5
"""Side of the convolutions on the way down and up [pixels]."""
HEAD_KERNEL = 3
"""Side of the last convolution [pixels]."""


class QAttentionNetwork(nn.Module):
    """A light U-Net: two stems, two halvings, two doublings with skips; no normalisation."""

    def __init__(self, config: QAttentionConfig) -> None:
        super().__init__()
        self._fold = config.fold
        folded, maps = 3 * config.fold**2, config.channels
        self.rgb_stem = _conv(folded, maps, config.stem_kernel)
        self.points_stem = _conv(folded, maps, config.stem_kernel)
        self.fuse = _conv(2 * maps, maps, 1)
        self.down = nn.ModuleList([_conv(maps, maps, KERNEL, stride=2) for _ in range(2)])
        self.up = nn.ModuleList([_conv(2 * maps, maps, KERNEL) for _ in range(2)])
        self.head = _conv(maps, config.fold**2, HEAD_KERNEL)

    def forward(self, images: Float[Tensor, "n 6 h w"]) -> Float[Tensor, "n h w"]:
        """Q a pixel of images whose channels are colours in -1..1 and world points [m]."""
        folded = F.pixel_unshuffle(images, self._fold)
        rgb, points = folded.chunk(2, dim=1)
        stems = torch.cat([_active(self.rgb_stem(rgb)), _active(self.points_stem(points))], dim=1)
        whole = _active(self.fuse(stems))
        half = _active(self.down[0](whole))
        x = _active(self.down[1](half))
        for layer, skip in zip(self.up, (half, whole), strict=True):
            doubled = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = _active(layer(torch.cat([doubled, skip], dim=1)))
        return F.pixel_shuffle(self.head(x).float(), self._fold)[:, 0]


class TwinQAttention(nn.Module):
    """Two Q-attention networks of which the smaller value counts, pixel by pixel."""

    def __init__(self, config: QAttentionConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.twins = nn.ModuleList([QAttentionNetwork(config) for _ in range(2)])
        initialise(self, generator)

    def forward(self, images: Float[Tensor, "n 6 h w"]) -> Float[Tensor, "n h w"]:
        """The smaller Q of the two a pixel."""
        first, second = self.both(images)
        return torch.minimum(first, second)

    def both(
        self, images: Float[Tensor, "n 6 h w"]
    ) -> tuple[Float[Tensor, "n h w"], Float[Tensor, "n h w"]]:
        """Q a pixel of each network."""
        return self.twins[0](images), self.twins[1](images)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return make_conv(inputs, outputs, kernel, stride=stride, padding="replicate")


def _active(x: Tensor) -> Tensor:
    return F.leaky_relu(x, LEAK)
