"""ResNet-50 V2 (He et al. 2016, "Identity mappings") up to block4.

Each block normalises before it convolves, so that what blocks add up is never bent. Images are from
-1 to 1; 299 x 299 pixels give 10 x 10 cells of 2,048 features. The parameters are named as timm's,
whose ImageNet weights fit (torchvision has none): `load_imagenet(network, RESNETV2_50_URL)`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import initialise

RESNETV2_50_URL = (
    "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
    "resnetv2_50_a1h-000cdf49.pth"
)
OUT_CHANNELS = 2048
STEM_WIDTH = 64
BLOCKS = (3, 4, 6, 3)
"""Residual blocks of block1 to block4."""
WIDTHS = (256, 512, 1024, 2048)
"""Feature maps of block1 to block4."""
BOTTLENECK = 4
"""Feature maps of a block over those of its 3 x 3 convolution."""


class ResNetV2Trunk(nn.Module):
    """The trunk.

    Args:
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        conv = nn.Conv2d(3, STEM_WIDTH, 7, stride=2, padding=3, bias=False)
        self.stem = nn.ModuleDict({"conv": conv})
        self.stages = nn.ModuleList()
        inputs = STEM_WIDTH
        for number, (width, count) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
            blocks = nn.Sequential(_Block(inputs, width, 1 if number == 0 else 2))
            blocks.extend(_Block(width, width, 1) for _ in range(1, count))
            self.stages.append(nn.ModuleDict({"blocks": blocks}))
            inputs = width
        initialise(self, generator)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 2048 rows columns"]:
        """The feature map block4, which no norm follows."""
        x = F.max_pool2d(self.stem["conv"](images), 3, stride=2, padding=1)
        for stage in self.stages:
            x = stage.get_submodule("blocks")(x)
        return x


class _Block(nn.Module):
    """Norm, ReLU and a convolution, three times: 1x1, 3x3 with the stride, 1x1; and the input."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        middle = width // BOTTLENECK
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, middle, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride=stride, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, width, 1, bias=False)
        self.downsample = None
        if stride != 1 or inputs != width:
            shortcut = nn.Conv2d(inputs, width, 1, stride=stride, bias=False)
            self.downsample = nn.ModuleDict({"conv": shortcut})

    def forward(self, x: Tensor) -> Tensor:
        activated = torch.relu(self.norm1(x))
        shortcut = x if self.downsample is None else self.downsample["conv"](activated)
        x = self.conv2(torch.relu(self.norm2(self.conv1(activated))))
        return shortcut + self.conv3(torch.relu(self.norm3(x)))
