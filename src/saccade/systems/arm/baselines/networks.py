"""Networks of the baselines: the same fusion of colours and points, on the whole view."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise
from saccade.systems.arm.baselines.config import HALVINGS, BaselineConfig, BaselineSettings
from saccade.systems.arm.off_policy.layers import LEAK, ConvLayer, PooledHead, ResidualLayers, tiled
from saccade.systems.arm.off_policy.pose_space import ACTION_SIZE

Images = Float[Tensor, "n 6 h w"]
Features = Float[Tensor, "n c y x"]
Vectors = Float[Tensor, "n p"]
Codes = Float[Tensor, "n 8"]
Values = Float[Tensor, " n"]

DECODER_MAPS = 32
"""Maps of the auto-encoder's smallest images and of all layers after them (Yarats et al.)."""


class Fusion(nn.Module):
    """Colours and points each through a convolution, concatenated (Figure 2), at full size."""

    halvings = HALVINGS
    """How often actor and critic halve what comes out."""

    def __init__(self, config: BaselineSettings) -> None:
        super().__init__()
        self.rgb_stem = ConvLayer(3, config.stem)
        self.points_stem = ConvLayer(3, config.stem)
        self.width = 2 * config.stem

    def forward(self, images: Images) -> Features:
        rgb, points = images.chunk(2, dim=1)
        return torch.cat([self.rgb_stem(rgb), self.points_stem(points)], dim=1)


class AutoEncoder(nn.Module):
    """A view as a few numbers, from which it can be drawn again (Yarats et al. 2019)."""

    halvings = 0

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__()
        self.fusion = Fusion(config)
        widths = (self.fusion.width, *(config.actor,) * HALVINGS)
        self.down = nn.Sequential(*[ConvLayer(a, b, stride=2) for a, b in pairwise(widths)])
        self._side = config.rows.view // 2**HALVINGS
        cells = self._side**2
        self.compress = nn.Linear(config.actor * cells, config.latent)
        self.norm = nn.LayerNorm(config.latent)
        self.expand = nn.Linear(config.latent, DECODER_MAPS * cells)
        self.up = nn.ModuleList([ConvLayer(DECODER_MAPS, DECODER_MAPS) for _ in range(HALVINGS)])
        self.draw = nn.Conv2d(DECODER_MAPS, 6, 3, padding=1)
        self.width = config.latent

    def forward(self, images: Images) -> Features:
        """The numbers, as maps of one pixel."""
        flat = self.down(self.fusion(images)).flatten(1)
        return self.norm(self.compress(flat)).tanh()[:, :, None, None]

    def reconstruct(self, numbers: Features) -> Images:
        """The view that the numbers tell of."""
        flat = F.leaky_relu(self.expand(numbers.flatten(1)), LEAK)
        x = flat.view(-1, DECODER_MAPS, self._side, self._side)
        for layer in self.up:
            x = layer(F.interpolate(x, scale_factor=2.0))
        return self.draw(x).float()


Representation = Fusion | AutoEncoder


def make_representation(config: BaselineConfig) -> Representation:
    """What actor and critics share."""
    return AutoEncoder(config) if config.method == "sac-ae" else Fusion(config)


class ViewActor(nn.Module):
    """Convolutions of stride 2 on what is shared, the largest value of each map, dense layers."""

    def __init__(
        self, shared: Representation, proprioception: int, config: BaselineSettings,
        outputs: int = ACTION_SIZE,
    ) -> None:  # fmt: skip
        super().__init__()
        widths = (shared.width + proprioception, *(config.actor,) * shared.halvings)
        self.layers = nn.Sequential(*[ConvLayer(a, b, stride=2) for a, b in pairwise(widths)])
        self.head = PooledHead(widths[-1], config.units, outputs)

    def forward(self, features: Features, knows: Vectors) -> Float[Tensor, "n _"]:
        return self.head(self.layers(tiled(features, knows)))


class ViewCritic(nn.Module):
    """Residual blocks of stride 2, the largest value of each map, two dense layers: one number."""

    def __init__(
        self, shared: Representation, proprioception: int, config: BaselineSettings
    ) -> None:
        super().__init__()
        inputs = shared.width + proprioception + ACTION_SIZE
        widths = (inputs, *(config.critic,) * shared.halvings)
        self.layers = nn.Sequential(*[ResidualLayers(a, b, 2) for a, b in pairwise(widths)])
        self.head = PooledHead(widths[-1], config.units, 1)

    def forward(self, features: Features, knows: Vectors, codes: Codes) -> Values:
        return self.head(self.layers(tiled(features, knows, codes)))[:, 0]


class ViewCritics(nn.Module):
    """What actor and critics share, and two critics on it."""

    def __init__(
        self, config: BaselineConfig, proprioception: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.shared = make_representation(config)
        self.twins = nn.ModuleList(
            [ViewCritic(self.shared, proprioception, config) for _ in range(2)]
        )
        initialise(self, generator)

    def both(self, features: Features, knows: Vectors, codes: Codes) -> tuple[Values, Values]:
        """Q of each critic, of shared features."""
        first, second = self.twins
        return first(features, knows, codes), second(features, knows, codes)

    def smaller(self, features: Features, knows: Vectors, codes: Codes) -> Values:
        """The smaller Q of the two."""
        return torch.minimum(*self.both(features, knows, codes))
