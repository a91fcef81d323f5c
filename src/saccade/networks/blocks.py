"""Building blocks of the convolutional networks: convolution + normalisation, residual blocks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from saccade.checks import check_choice
from saccade.errors import UserInputError

Norm = Literal["batch", "group"]
Padding = Literal["replicate", "zeros"]
BlockKind = Literal["bottleneck", "basic"]
PADDINGS: tuple[Padding, ...] = ("replicate", "zeros")

GROUP_SIZE = 8
"""Channels per group of a group normalisation (fewer where the width is not a multiple of it)."""


def make_norm(norm: Norm, channels: int) -> nn.Module:
    """The normalisation layer called `norm` for `channels` feature maps.

    Group normalisation does not depend on the batch, so training and inference compute the same
    function even with a batch of one; batch normalisation folds into the convolution at inference.

    Raises:
        UserInputError: `norm` is neither "batch" nor "group".
    """
    check_choice("norm", norm, ("batch", "group"))
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    return nn.GroupNorm(channels // math.gcd(channels, GROUP_SIZE), channels)


class ConvNorm(nn.Module):
    """A convolution, its normalisation and, if asked, ReLU; the size is only divided by `stride`.

    The convolution has a bias although the normalisation makes it redundant: the published
    parameter counts include it, and folding the normalisation needs it.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        *,
        stride: int = 1,
        norm: Norm = "batch",
        padding: Padding = "replicate",
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.conv = make_conv(in_channels, out_channels, kernel, stride=stride, padding=padding)
        self.norm = make_norm(norm, out_channels)
        self.relu = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Float[Tensor, "batch _ _ _"]) -> Float[Tensor, "batch _ _ _"]:
        return self.relu(self.norm(self.conv(x)))


def make_conv(
    in_channels: int, out_channels: int, kernel: int, *, stride: int = 1, padding: Padding
) -> nn.Conv2d:
    """A convolution with an odd kernel, padded so that stride 1 keeps the size of the map."""
    # A 1x1 kernel pads nothing, and the zero-padding code path skips a copy of the whole map.
    mode = "zeros" if kernel == 1 else padding
    return nn.Conv2d(
        in_channels, out_channels, kernel, stride=stride, padding=kernel // 2, padding_mode=mode
    )


class Bottleneck(nn.Module):
    """Residual bottleneck: 1x1 to half of the **input** width, 3x3, 1x1 to the output width.

    Each convolution is followed by its normalisation and a ReLU; the last ReLU comes after the sum,
    so that the residual may be negative. Half of the input rather than of the output width is what
    yields the published parameter and multiply-add counts (see `hourglass`).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        norm: Norm = "batch",
        padding: Padding = "replicate",
    ) -> None:
        super().__init__()
        middle = max(1, in_channels // 2)
        self.reduce = ConvNorm(in_channels, middle, 1, norm=norm, padding=padding)
        self.spatial = ConvNorm(middle, middle, 3, norm=norm, padding=padding)
        self.expand = ConvNorm(middle, out_channels, 1, norm=norm, padding=padding, relu=False)
        self.shortcut = _shortcut(in_channels, out_channels)

    def forward(
        self, x: Float[Tensor, "batch _ height width"]
    ) -> Float[Tensor, "batch _ height width"]:
        residual = self.expand(self.spatial(self.reduce(x)))
        return torch.relu(residual + self.shortcut(x))


class Basic(nn.Module):
    """Residual block of two 3x3 convolutions: fewer, larger operations, which a CPU runs faster."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        norm: Norm = "batch",
        padding: Padding = "replicate",
    ) -> None:
        super().__init__()
        self.spatial = ConvNorm(in_channels, out_channels, 3, norm=norm, padding=padding)
        self.expand = ConvNorm(
            out_channels, out_channels, 3, norm=norm, padding=padding, relu=False
        )
        self.shortcut = _shortcut(in_channels, out_channels)

    def forward(
        self, x: Float[Tensor, "batch _ height width"]
    ) -> Float[Tensor, "batch _ height width"]:
        return torch.relu(self.expand(self.spatial(x)) + self.shortcut(x))


ResidualBlock = Bottleneck | Basic


def make_block(kind: BlockKind) -> Callable[..., ResidualBlock]:
    """The residual block class called `kind`.

    Raises:
        UserInputError: `kind` is neither "bottleneck" nor "basic".
    """
    check_choice("block", kind, ("bottleneck", "basic"))
    return Bottleneck if kind == "bottleneck" else Basic


def _shortcut(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Identity() if in_channels == out_channels else nn.Conv2d(in_channels, out_channels, 1)


def initialise(network: nn.Module, generator: torch.Generator | None = None) -> None:
    """Set every parameter of `network`: He normal weights, zero biases, unit norms.

    The last normalisation of each residual block starts at zero, so that a deep network starts as
    a shallow one (Goyal et al. 2017, section 5.1). Without a `generator`, torch's global one draws.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    for module in network.modules():
        if isinstance(module, Bottleneck | Basic):
            nn.init.zeros_(module.expand.norm.weight)  # pyright: ignore[reportArgumentType]


def fold_norms(network: nn.Module) -> nn.Module:
    """Fold every batch normalisation after a convolution into that convolution, in place.

    This is for inference: same outputs up to rounding, about a third less memory traffic. Group
    normalisations depend on the input and stay. The network must be in eval mode.

    Raises:
        UserInputError: `network` is in training mode.
    """
    if network.training:
        raise UserInputError("fold_norms was given a network in training mode; call eval() first")
    for module in network.modules():
        if isinstance(module, ConvNorm) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    return network
