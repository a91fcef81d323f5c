"""Dynamic filters: convolutions whose weights a network computes anew for every sample.

De Brabandere et al. (2016); Eq. 3 of Kosiorek et al. (2017): Psi = MLP(alpha), where alpha says
what is looked for. The filters that come out respond to that appearance and to no other.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import UserInputError


@dataclass(frozen=True)
class FilterShape:
    """One dynamic convolution.

    Attributes:
        in_channels: Feature maps it reads.
        out_channels: Feature maps it writes.
        kernel: Side of its filters [cells]: odd.
    """

    in_channels: int
    out_channels: int
    kernel: int = 1

    def __post_init__(self) -> None:
        if min(self.in_channels, self.out_channels) < 1 or self.kernel % 2 != 1:
            raise UserInputError(
                f"dynamic filters {self.in_channels} -> {self.out_channels} of side {self.kernel}; "
                "expected at least one channel and an odd side"
            )

    @property
    def fan_in(self) -> int:
        """Numbers that one output is a weighted sum of."""
        return self.in_channels * self.kernel**2

    @property
    def size(self) -> int:
        """Parameters of one sample: weights and biases."""
        return self.out_channels * (self.fan_in + 1)


def dynamic_conv(
    maps: Float[Tensor, "N C H W"],
    weights: Float[Tensor, "N K C side side"],
    biases: Float[Tensor, "N K"] | None = None,
) -> Float[Tensor, "N K H W"]:
    """Convolves each sample with filters of its own; zeros around the map, whose size is kept."""
    n, channels, height, width = maps.shape
    filters, kernel = weights.shape[1], weights.shape[-1]
    if kernel == 1:
        # One matrix product a sample is several times faster than a grouped convolution.
        out = weights.reshape(n, filters, channels) @ maps.reshape(n, channels, height * width)
        out = out.view(n, filters, height, width)
    else:
        out = F.conv2d(
            maps.reshape(1, n * channels, height, width),
            weights.reshape(n * filters, channels, kernel, kernel),
            padding=kernel // 2,
            groups=n,
        ).view(n, filters, height, width)
    return out if biases is None else out + biases[:, :, None, None]


class DynamicFilters(nn.Module):
    """Layers of dynamic convolutions, each followed by ELU, and the MLP that makes their filters.

    Args:
        condition: Length of alpha.
        hidden: Width of the MLP's hidden layer.
        shapes: The layers, each reading what the one before writes.

    Raises:
        UserInputError: Neighbouring layers do not fit.
    """

    def __init__(self, condition: int, hidden: int, shapes: tuple[FilterShape, ...]) -> None:
        super().__init__()
        for before, after in itertools.pairwise(shapes):
            if before.out_channels != after.in_channels:
                raise UserInputError(
                    f"a dynamic layer writes {before.out_channels} maps and the next reads "
                    f"{after.in_channels}; expected the same number"
                )
        self.shapes = shapes
        self.hidden = nn.Linear(condition, hidden)
        self.output = nn.Linear(hidden, sum(shape.size for shape in shapes))
        self._initialise()

    def filters(self, alpha: Float[Tensor, "N condition"]) -> Float[Tensor, "N size"]:
        """Psi of Eq. 3: weights and biases of every layer, one row a sample."""
        return self.output(F.elu(self.hidden(alpha)))

    def forward(
        self, maps: Float[Tensor, "N C H W"], filters: Float[Tensor, "N size"]
    ) -> Float[Tensor, "N K H W"]:
        """Applies the layers.

        Args:
            maps: Feature maps to be searched.
            filters: Filters from `filters`.
        """
        parts = filters.split([shape.size for shape in self.shapes], dim=1)
        for shape, part in zip(self.shapes, parts, strict=True):
            weights, biases = part.split([shape.size - shape.out_channels, shape.out_channels], 1)
            weights = weights.reshape(
                -1, shape.out_channels, shape.in_channels, shape.kernel, shape.kernel
            )
            maps = F.elu(dynamic_conv(maps, weights, biases))
        return maps

    def _initialise(self) -> None:
        """Starts as an ordinary convolution with He weights, which alpha only bends."""
        with torch.no_grad():
            biases = []
            for shape in self.shapes:
                count = shape.size - shape.out_channels
                biases.append(torch.randn(count) * (2 / shape.fan_in) ** 0.5)
                biases.append(torch.zeros(shape.out_channels))
            self.output.bias.copy_(torch.cat(biases))
            nn.init.normal_(self.output.weight, std=0.3 / self.output.in_features)
