"""The first three convolutions of AlexNet (Krizhevsky et al. 2012), for glimpses.

Named as torchvision names them (features.0, features.3, features.6). The defaults are the widths,
groups and local response normalisation of the original; torchvision publishes weights of the later
"one weird trick" variant, which `TORCHVISION_ALEXNET` is: fill it with
`load_imagenet(network, ALEXNET_URL)`.

For tracking, the map must not become too coarse: both max-pools are left out and the padding
centres the first convolution, so that a glimpse of 56 x 56 pixels gives a map of 14 x 14.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import check_sizes
from saccade.errors import UserInputError

ALEXNET_URL = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"


@dataclass(frozen=True)
class AlexNetConfig:
    """Settings of `AlexNetTrunk`.

    Attributes:
        in_channels: Colours of the image.
        widths: Feature maps of the three convolutions (11 x 11, 5 x 5, 3 x 3).
        stride: Stride of the first convolution; 1 is what the text of Kosiorek et al. (2017) says,
            4 what gives the map size it reports.
        groups: Groups of the second convolution.
        response_norm: Whether local response normalisation follows the first two convolutions.
        pools: Whether the 3 x 3 max-pool of stride 2 is kept after the first and after the second.
    """

    in_channels: int = 3
    widths: tuple[int, int, int] = (96, 256, 384)
    stride: int = 4
    groups: int = 2
    response_norm: bool = True
    pools: tuple[bool, bool] = (False, False)

    def __post_init__(self) -> None:
        check_sizes(self, "in_channels", "widths", prefix="alexnet ")
        if self.groups < 1 or any(width % self.groups for width in self.widths[:2]):
            raise UserInputError(
                f"alexnet widths {self.widths} in {self.groups} groups; "
                "expected the first two to be multiples of it"
            )
        if not 1 <= self.stride <= 11:
            raise UserInputError(f"alexnet stride is {self.stride}; expected 1 to 11")

    @property
    def out_channels(self) -> int:
        """Width of the feature map."""
        return self.widths[2]


TORCHVISION_ALEXNET = AlexNetConfig(widths=(64, 192, 384), groups=1, response_norm=False)


class LocalResponseNorm(nn.Module):
    """Local response normalisation over `size` neighbouring channels j around channel i.

    It computes b_i = a_i / (k + alpha sum_j a_j^2)^beta.

    Krizhevsky et al. (2012, section 3.3), with their constants. Torch's own divides alpha by size.
    """

    def __init__(
        self, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
    ) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        return F.local_response_norm(x, self.size, self.alpha * self.size, self.beta, self.k)


class AlexNetTrunk(nn.Module):
    """Trunk of conv1, conv2, conv3 with ReLU, local response normalisation and the pools kept."""

    def __init__(self, config: AlexNetConfig = AlexNetConfig()) -> None:
        super().__init__()
        first, second, third = config.widths
        # (11 - stride + 1) / 2 of padding puts each output in the middle of its stride's pixels.
        padding = (12 - config.stride) // 2
        self.features = nn.Sequential(
            nn.Conv2d(config.in_channels, first, 11, stride=config.stride, padding=padding),
            nn.ReLU(),
            _between(config.response_norm, config.pools[0]),
            nn.Conv2d(first, second, 5, padding=2, groups=config.groups),
            nn.ReLU(),
            _between(config.response_norm, config.pools[1]),
            nn.Conv2d(second, third, 3, padding=1),
            nn.ReLU(),
        )

    def forward(self, glimpse: Float[Tensor, "N C h w"]) -> Float[Tensor, "N K hv wv"]:
        """The feature map: (N, 384, 14, 14) for glimpses of 56 x 56 pixels."""
        return self.features(glimpse)


def _between(response_norm: bool, pool: bool) -> nn.Module:
    """Normalisation and pool as one module, so that torchvision's numbers of the layers stay."""
    layers: list[nn.Module] = [LocalResponseNorm()] if response_norm else []
    if pool:
        layers.append(nn.MaxPool2d(3, stride=2, padding=1))
    return nn.Sequential(*layers)
