"""A fully convolutional hourglass: one output map per channel, at the resolution of the input.

Encoder, bottleneck and decoder of residual blocks with a branch of skip blocks at every resolution
(Newell et al. 2016; U-Net-like, as used for pushing by Ewerton et al.). The published networks are

| setting            | PushReward       | PushMask         |
|--------------------|------------------|------------------|
| `stem_width`       | 32               | 16               |
| `front_widths`     | (32, 32, 64)     | (16, 16, 32)     |
| `width`            | 128              | 64               |
| `skip_blocks`      | 2                | 3                |
| `decoder_blocks`   | 1                | 0                |
| `upsample`         | "bilinear"       | "nearest"        |
| `head_hidden`      | 16               | 0                |
| `head_output_norm` | False            | True             |
| parameters         | 1.56 M           | 0.42 M           |
| cost at 224 x 224  | 26 GMAC          | 7.7 GMAC         |

with the defaults everywhere else. What differs for speed on a CPU is a setting: `stem_stride=2`,
`block="basic"`, one width per level, `padding="zeros"`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import (
    MOST_LAYERS,
    MOST_UNITS,
    check_choice,
    check_counts,
    check_least,
    check_most,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.networks.blocks import (
    PADDINGS,
    BlockKind,
    ConvNorm,
    Norm,
    Padding,
    initialise,
    make_block,
    make_conv,
    make_norm,
)

Upsample = Literal["bilinear", "nearest"]
Restore = Literal["bilinear", "shuffle"]
MOST_LEVELS = 12
"""Most halvings: of 4096 pixels, one is left."""
MOST_KERNEL = 31
"""Largest side of a filter [pixels]."""
UPSAMPLES: tuple[Upsample, ...] = ("bilinear", "nearest")
RESTORES: tuple[Restore, ...] = ("bilinear", "shuffle")


@dataclass(frozen=True)
class HourglassConfig:
    """Settings of an `Hourglass`. Widths are numbers of feature maps, kernels are odd, in pixels.

    Attributes:
        in_channels: Channels of the input.
        out_channels: Maps of the output.
        stem_width: Width of the first convolution.
        stem_kernel: Kernel of the first convolution.
        stem_stride: Stride of the first convolution: 1, or 2 to work at half the resolution; the
            output is then brought back to that of the input.
        front_widths: Output widths of the residual blocks between stem and hourglass.
        width: Width of the hourglass: one for all, or `levels + 1`, from the finest to the
            bottleneck.
        levels: Number of times that the resolution is halved.
        encoder_blocks: Residual blocks before each halving.
        bottleneck_blocks: Residual blocks at the coarsest resolution.
        skip_blocks: Residual blocks of the branch at each resolution.
        decoder_blocks: Residual blocks after each doubling.
        block: Form of the residual blocks: "bottleneck" or "basic".
        norm: Normalisation: "batch" or "group".
        padding: Padding of the convolutions: "replicate" or "zeros".
        upsample: Doubling in the decoder: "bilinear" or "nearest".
        head_kernel: Kernel of the head.
        head_hidden: Width of the head's hidden layer; 0 makes the head a single convolution.
        head_output_norm: Whether to normalise the output maps, as PushMask does before its sigmoid.
        restore: Way in which `stem_stride` is undone: "bilinear" interpolation, or "shuffle" for
            sub-pixel maps of its own (pixel shuffle).

    Raises:
        UserInputError: A setting is out of its range; the message names it and the valid choices.
    """

    in_channels: int = 1
    out_channels: int = 16
    stem_width: int = 32
    stem_kernel: int = 7
    stem_stride: int = 1
    front_widths: tuple[int, ...] = (32, 32, 64)
    width: int | tuple[int, ...] = 128
    levels: int = 4
    encoder_blocks: int = 3
    bottleneck_blocks: int = 3
    skip_blocks: int = 2
    decoder_blocks: int = 1
    block: BlockKind = "bottleneck"
    norm: Norm = "batch"
    padding: Padding = "replicate"
    upsample: Upsample = "bilinear"
    head_kernel: int = 7
    head_hidden: int = 16
    head_output_norm: bool = False
    restore: Restore = "bilinear"

    def __post_init__(self) -> None:
        _require(self.stem_stride in (1, 2), "stem_stride", self.stem_stride, "1 or 2")
        check_counts(self, "levels", "encoder_blocks", "bottleneck_blocks")
        check_least(self, {"skip_blocks": 0, "decoder_blocks": 0, "head_hidden": 0})
        blocks = ("encoder_blocks", "bottleneck_blocks", "skip_blocks", "decoder_blocks")
        check_most(self, {"levels": MOST_LEVELS} | dict.fromkeys(blocks, MOST_LAYERS))
        check_most(self, {"head_hidden": MOST_UNITS})
        check_sizes(self, "in_channels", "out_channels", "stem_width", "front_widths", "width")
        check_sizes(self, "stem_kernel", "head_kernel", most=MOST_KERNEL)
        for name in ("stem_kernel", "head_kernel"):
            kernel = getattr(self, name)
            _require(kernel >= 1 and kernel % 2 == 1, name, kernel, "an odd number")
        check_choice("hourglass upsample", self.upsample, UPSAMPLES)
        check_choice("hourglass restore", self.restore, RESTORES)
        check_choice("hourglass padding", self.padding, PADDINGS)
        count = len(self.level_widths)
        expected = f"one number or levels + 1 = {self.levels + 1} numbers"
        _require(count == self.levels + 1, "width", self.width, expected)

    @property
    def level_widths(self) -> tuple[int, ...]:
        """Widths from the finest resolution to the bottleneck, `levels + 1` of them."""
        if isinstance(self.width, int):
            return (self.width,) * (self.levels + 1)
        return tuple(self.width)

    @property
    def size_multiple(self) -> int:
        """Number of which height and width of the input must be multiples."""
        return self.stem_stride * 2**self.levels


def _require(condition: bool, name: str, given: object, choices: str) -> None:
    if not condition:
        raise UserInputError(f"hourglass {name} is {given}; expected {choices}")


class Hourglass(nn.Module):
    """Stem, front blocks, hourglass and head; the module's docstring has the published settings.

    The output has no activation: the caller applies ReLU, sigmoid or none.

    Args:
        config: The settings.
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(self, config: HourglassConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        widths = config.level_widths
        self.stem = ConvNorm(
            config.in_channels,
            config.stem_width,
            config.stem_kernel,
            stride=config.stem_stride,
            norm=config.norm,
            padding=config.padding,
        )
        self.front = _blocks(config, config.stem_width, config.front_widths)
        front_out = config.front_widths[-1] if config.front_widths else config.stem_width
        encoder_in = (front_out, *widths[:-2])
        level_range = range(config.levels)
        self.encoder = nn.ModuleList(
            _blocks(config, encoder_in[i], (widths[i],) * config.encoder_blocks)
            for i in level_range
        )
        self.skip = nn.ModuleList(
            _blocks(config, widths[i], (widths[i],) * config.skip_blocks) for i in level_range
        )
        self.bottleneck = _blocks(config, widths[-2], (widths[-1],) * config.bottleneck_blocks)
        self.match = nn.ModuleList(_match(widths[i + 1], widths[i]) for i in level_range)
        self.decoder = nn.ModuleList(
            _blocks(config, widths[i], (widths[i],) * config.decoder_blocks) for i in level_range
        )
        self.head = _head(config)
        initialise(self, generator)

    def forward(
        self, x: Float[Tensor, "batch in_channels height width"]
    ) -> Float[Tensor, "batch out_channels height width"]:
        """One map per output channel, with the height and width of the input.

        Raises:
            UserInputError: The shape does not fit the configuration.
        """
        self._check_input(x)
        x = self.front(self.stem(x))
        skips: list[Tensor] = []
        for encode, skip in zip(self.encoder, self.skip, strict=True):
            x = encode(x)
            skips.append(skip(x))
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for level in reversed(range(self.config.levels)):
            x = _double(self.match[level](x), self.config.upsample) + skips[level]
            x = self.decoder[level](x)
        return self._restore(self.head(x))

    def _restore(self, maps: Tensor) -> Tensor:
        if self.config.stem_stride == 1:
            return maps
        if self.config.restore == "shuffle":
            return F.pixel_shuffle(maps, self.config.stem_stride)
        return _double(maps, "bilinear")

    def _check_input(self, x: Tensor) -> None:
        multiple, channels = self.config.size_multiple, self.config.in_channels
        ok = x.dim() == 4 and x.shape[1] == channels
        if not ok or x.shape[2] % multiple or x.shape[3] % multiple:
            raise UserInputError(
                f"the hourglass was given a tensor of shape {tuple(x.shape)}; expected "
                f"(batch, {channels}, height, width) with height and width multiples of {multiple}"
            )


def _blocks(config: HourglassConfig, in_channels: int, widths: tuple[int, ...]) -> nn.Sequential:
    make = make_block(config.block)
    inputs = (in_channels, *widths[:-1])
    return nn.Sequential(
        *(
            make(before, after, norm=config.norm, padding=config.padding)
            for before, after in zip(inputs, widths, strict=False)
        )
    )


def _match(coarse: int, fine: int) -> nn.Module:
    """Bring the coarse level's width to the finer level's, before upsampling, where it is cheap."""
    return nn.Identity() if coarse == fine else nn.Conv2d(coarse, fine, 1)


def _double(x: Tensor, mode: Upsample) -> Tensor:
    if mode == "nearest":
        return F.interpolate(x, scale_factor=2, mode="nearest")
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def _head(config: HourglassConfig) -> nn.Sequential:
    width, kernel = config.level_widths[0], config.head_kernel
    shuffled = config.restore == "shuffle" and config.stem_stride == 2
    out_channels = config.out_channels * (4 if shuffled else 1)
    layers: list[nn.Module] = []
    if config.head_hidden:
        layers.append(
            ConvNorm(width, config.head_hidden, kernel, norm=config.norm, padding=config.padding)
        )
        width = config.head_hidden
    layers.append(make_conv(width, out_channels, kernel, padding=config.padding))
    if config.head_output_norm:
        layers.append(make_norm(config.norm, out_channels))
    return nn.Sequential(*layers)
