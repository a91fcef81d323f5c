"""Layers of the actors and critics: 3x3 convolutions with layer normalisation and LeakyReLU."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import make_conv

LEAK = 0.02
"""Slope of the activations below 0."""
KERNEL = 3
"""Side of the convolutions [pixels]."""


class ConvLayer(nn.Module):
    """A convolution, one normalisation over all of its maps, and LeakyReLU if `active`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = KERNEL, stride: int = 1, active: bool = True
    ) -> None:
        super().__init__()
        self.conv = make_conv(inputs, outputs, kernel, stride=stride, padding="zeros")
        self.norm = nn.GroupNorm(1, outputs)
        self._active = active

    def forward(self, x: Float[Tensor, "n _ _ _"]) -> Float[Tensor, "n _ _ _"]:
        x = self.norm(self.conv(x))
        return F.leaky_relu(x, LEAK) if self._active else x


class ResidualLayers(nn.Module):
    """Two convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = ConvLayer(inputs, outputs, stride=stride)
        self.second = ConvLayer(outputs, outputs, active=False)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride=stride)

    def forward(self, x: Float[Tensor, "n _ _ _"]) -> Float[Tensor, "n _ _ _"]:
        return F.leaky_relu(self.second(self.first(x)) + self.shortcut(x), LEAK)


class PooledHead(nn.Module):
    """The largest value of each map, then dense layers, the last of them without activation.

    The layers are always computed in float32: in reduced precision a position in -1..1 would be
    rounded to hundredths.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        sizes = (inputs, hidden, hidden)
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.output = nn.Linear(hidden, outputs)

    def forward(self, x: Float[Tensor, "n _ h w"]) -> Float[Tensor, "n _"]:
        x = x.float().amax(dim=(2, 3))
        with torch.autocast(x.device.type, enabled=False):
            for layer in self.hidden:
                x = F.leaky_relu(layer(x), LEAK)
            return self.output(x)


def tiled(
    maps: Float[Tensor, "n c h w"], *vectors: Float[Tensor, "n _"]
) -> Float[Tensor, "n _ h w"]:
    """Maps, and after them each number of the vectors as a map of its own."""
    h, w = maps.shape[2:]
    tiles = [v[:, :, None, None].expand(-1, -1, h, w) for v in vectors]
    together = torch.cat([maps, *(tile.to(maps.dtype) for tile in tiles)], dim=1)
    return together.contiguous(memory_format=torch.channels_last)
