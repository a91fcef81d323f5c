"""A plain stack of convolutions, for glimpses of some thirty pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import check_choice, check_sizes
from saccade.errors import UserInputError
from saccade.networks.blocks import initialise, make_norm

MOST_KERNEL = 31
"""Largest side of a filter, and largest stride [pixels]."""
StackNorm = Literal["group", "batch", "none"]
STACK_NORMS: tuple[StackNorm, ...] = ("group", "batch", "none")


@dataclass(frozen=True)
class ConvStackConfig:
    """Settings of `ConvStack`; the defaults turn 32 x 32 pixels into a map of 8 x 8.

    Attributes:
        in_channels: Colours of the image.
        widths: Feature maps of each convolution.
        kernels: Sides of the filters [pixels]: odd.
        strides: Stride of each convolution.
        pools: Whether a 2 x 2 max-pool follows each convolution.
        norm: Normalisation after each convolution: "group", "batch" or "none".
    """

    in_channels: int = 3
    widths: tuple[int, ...] = (32, 48, 48)
    kernels: tuple[int, ...] = (5, 3, 3)
    strides: tuple[int, ...] = (2, 2, 1)
    pools: tuple[bool, ...] = (False, False, False)
    norm: StackNorm = "group"

    def __post_init__(self) -> None:
        lengths = [len(v) for v in (self.widths, self.kernels, self.strides, self.pools)]
        if len(set(lengths)) != 1 or lengths[0] == 0:
            raise UserInputError(
                f"conv stack widths, kernels, strides and pools have lengths {lengths}; "
                "expected one length, of at least 1"
            )
        check_sizes(self, "in_channels", "widths", prefix="conv stack ")
        check_sizes(self, "kernels", "strides", prefix="conv stack ", most=MOST_KERNEL)
        if any(kernel % 2 != 1 for kernel in self.kernels):
            raise UserInputError(f"conv stack kernels are {self.kernels}; expected odd numbers")
        check_choice("conv stack norm", self.norm, STACK_NORMS)

    @property
    def out_channels(self) -> int:
        """Width of the feature map."""
        return self.widths[-1]


class ConvStack(nn.Module):
    """Convolution, normalisation, ReLU and pool, as often as the configuration says."""

    def __init__(self, config: ConvStackConfig = ConvStackConfig()) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = config.in_channels
        for width, kernel, stride, pool in zip(
            config.widths, config.kernels, config.strides, config.pools, strict=True
        ):
            layers.append(nn.Conv2d(channels, width, kernel, stride=stride, padding=kernel // 2))
            if config.norm != "none":
                layers.append(make_norm(config.norm, width))
            layers.append(nn.ReLU(inplace=True))
            if pool:
                layers.append(nn.MaxPool2d(2))
            channels = width
        self.layers = nn.Sequential(*layers)
        initialise(self)

    def forward(self, glimpse: Float[Tensor, "N C h w"]) -> Float[Tensor, "N K hv wv"]:
        """The feature map."""
        return self.layers(glimpse)
