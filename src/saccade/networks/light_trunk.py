"""A small convolutional trunk for images of about a hundred pixels, on a CPU.

Stages of one convolution of stride 2 and some residual ones of stride 1: 96 x 96 pixels give
12 x 12 cells of 128 features, in a millisecond and a half.

It stands where an ImageNet trunk would, but is learned with what comes after it. So its norm does
not look at the batch ("group"): in contrastive learning, statistics of the batch tell each image
what the others are, which a network learns to read instead of the image; and small batches of
similar frames have other statistics than single frames have later.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import MOST_LAYERS, check_choice, check_sizes
from saccade.errors import UserInputError
from saccade.networks.blocks import ConvNorm, Norm, initialise

STEM_KERNEL = 5
"""Side of the first filters [pixels]: edges and colours; later ones have 3."""


@dataclass(frozen=True)
class LightTrunkConfig:
    """Settings of `LightTrunk`.

    Attributes:
        in_channels: Colours of the image.
        widths: Feature maps of each stage; each halves the size.
        blocks: Residual convolutions of each stage, after the one of stride 2.
        norm: Normalisation after each convolution: "group" or "batch".
    """

    in_channels: int = 3
    widths: tuple[int, ...] = (32, 64, 128)
    blocks: tuple[int, ...] = (0, 1, 1)
    norm: Norm = "group"

    def __post_init__(self) -> None:
        if len(self.widths) != len(self.blocks) or not self.widths:
            raise UserInputError(
                f"light trunk widths are {self.widths} and blocks {self.blocks}; "
                "expected a number of blocks for each width, of at least one"
            )
        check_sizes(self, "in_channels", "widths", prefix="light trunk ")
        if any(not 0 <= count <= MOST_LAYERS for count in self.blocks):
            raise UserInputError(
                f"light trunk blocks are {self.blocks}; expected 0 to {MOST_LAYERS} each"
            )
        check_choice("light trunk norm", self.norm, ("batch", "group"))

    @property
    def out_channels(self) -> int:
        """Width of the feature map."""
        return self.widths[-1]

    @property
    def stride(self) -> int:
        """Pixels of the image for one cell of the feature map."""
        return 2 ** len(self.widths)


class LightTrunk(nn.Module):
    """The trunk; see the module.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(
        self,
        config: LightTrunkConfig = LightTrunkConfig(),
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        channels, kernel = config.in_channels, STEM_KERNEL
        for width, blocks in zip(config.widths, config.blocks, strict=True):
            layers.append(
                ConvNorm(channels, width, kernel, stride=2, norm=config.norm, padding="zeros")
            )
            layers += [_Residual(width, config.norm) for _ in range(blocks)]
            channels, kernel = width, 3
        self.layers = nn.Sequential(*layers)
        initialise(self, generator)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k rows columns"]:
        """The feature map."""
        return self.layers(images)


class _Residual(nn.Module):
    """What a convolution adds to its input."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        self.added = ConvNorm(width, width, 3, norm=norm, padding="zeros", relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.added(x))
