"""DenseNet (Huang et al. 2017) with torchvision's parameter names, so that its weights load.

features.conv0 norm0 pool0
features.denseblock1.denselayer1.norm1 conv1 norm2 conv2, denselayer2, ...
features.transition1.norm conv, features.denseblock2, ... features.norm5, classifier
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import MOST_LAYERS, check_least, check_most, check_sizes
from saccade.errors import UserInputError
from saccade.networks.blocks import Norm, initialise, make_norm

MOST_CLASSES = 100_000
"""Most classes of a classifier; ImageNet has 21,841."""


@dataclass(frozen=True)
class DenseNetConfig:
    """Settings of a `DenseNet`; the defaults are DenseNet-121 (7,978,856 parameters).

    Attributes:
        in_channels: Channels of the image.
        growth: Feature maps that each layer adds (k in the paper).
        blocks: Layers of each dense block.
        init_features: Feature maps of the first convolution.
        bottleneck_factor: Width of a layer's 1x1 convolution, in multiples of `growth`.
        classes: Classes of the classifier; 0 for features only, without one.
        norm: Normalisation: "batch" or "group".

    Raises:
        UserInputError: A block has no layers.
    """

    in_channels: int = 3
    growth: int = 32
    blocks: tuple[int, ...] = (6, 12, 24, 16)
    init_features: int = 64
    bottleneck_factor: int = 4
    classes: int = 1000
    norm: Norm = "batch"

    def __post_init__(self) -> None:
        check_sizes(self, "in_channels", "growth", "init_features", prefix="densenet ")
        check_sizes(self, "bottleneck_factor", prefix="densenet ", most=MOST_LAYERS)
        check_least(self, {"classes": 0})
        check_most(self, {"blocks": MOST_LAYERS, "classes": MOST_CLASSES}, prefix="densenet ")
        if not self.blocks or min(self.blocks) < 1:
            raise UserInputError(
                f"densenet blocks are {self.blocks}; expected numbers of 1 or more"
            )

    @property
    def out_features(self) -> int:
        """Width of the feature map after the last dense block (1024 for DenseNet-121)."""
        width = self.init_features
        for number, layers in enumerate(self.blocks):
            width += layers * self.growth
            if number < len(self.blocks) - 1:
                width //= 2
        return width

    @property
    def stride(self) -> int:
        """Pixels of the input for one pixel of the feature map (32 for DenseNet-121)."""
        return 4 * 2 ** (len(self.blocks) - 1)


DENSENET_SMALL = DenseNetConfig(growth=12, blocks=(3, 6, 8, 6), init_features=24, classes=0)
"""A narrow DenseNet for a CPU: the same four blocks and stride, 0.24 M parameters."""


class DenseNet(nn.Module):
    """A DenseNet. `features` is the trunk; calling the network gives class scores.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(self, config: DenseNetConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        width = config.init_features
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(config.in_channels, width, 7, stride=2, padding=3, bias=False),
            norm0=make_norm(config.norm, width),
            relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(3, stride=2, padding=1),
        )
        for number, count in enumerate(config.blocks, start=1):
            layers[f"denseblock{number}"] = _DenseBlock(config, width, count)
            width += count * config.growth
            if number < len(config.blocks):
                layers[f"transition{number}"] = _transition(config, width)
                width //= 2
        layers["norm5"] = make_norm(config.norm, width)
        self.features = nn.Sequential(layers)
        self.classifier = nn.Linear(width, config.classes) if config.classes else None
        initialise(self, generator)

    def forward_features(
        self, x: Float[Tensor, "batch in_channels height width"]
    ) -> Float[Tensor, "batch out_features rows columns"]:
        """The trunk's feature map after its last normalisation, before the ReLU."""
        return self.features(x)

    def forward(
        self, x: Float[Tensor, "batch in_channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Class scores (logits).

        Raises:
            UserInputError: The network was made without a classifier.
        """
        if self.classifier is None:
            raise UserInputError(
                "this DenseNet has no classifier (classes = 0); use forward_features"
            )
        maps = F.relu(self.features(x))
        return self.classifier(maps.mean(dim=(2, 3)))


class _DenseLayer(nn.Module):
    """Layer of norm, ReLU, 1x1, norm, ReLU, 3x3: `growth` new maps from all maps before them."""

    def __init__(self, config: DenseNetConfig, in_channels: int) -> None:
        super().__init__()
        middle = config.bottleneck_factor * config.growth
        self.norm1 = make_norm(config.norm, in_channels)
        self.conv1 = nn.Conv2d(in_channels, middle, 1, bias=False)
        self.norm2 = make_norm(config.norm, middle)
        self.conv2 = nn.Conv2d(middle, config.growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(F.relu(self.norm1(x)))
        return self.conv2(F.relu(self.norm2(x)))


class _DenseBlock(nn.ModuleDict):
    """Layers that each see the outputs of all layers before them."""

    def __init__(self, config: DenseNetConfig, in_channels: int, layers: int) -> None:
        super().__init__()
        for number in range(layers):
            width = in_channels + number * config.growth
            self[f"denselayer{number + 1}"] = _DenseLayer(config, width)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.values():
            x = torch.cat([x, layer(x)], dim=1)
        return x


def _transition(config: DenseNetConfig, width: int) -> nn.Sequential:
    """Halve the width and the resolution between two blocks."""
    return nn.Sequential(
        OrderedDict(
            norm=make_norm(config.norm, width),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(width, width // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, stride=2),
        )
    )
