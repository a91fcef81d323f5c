"""Inception v3 (Szegedy et al. 2016) up to the layer Mixed_5d, with torchvision's parameter names.

Conv2d_1a_3x3 to Conv2d_4a_3x3, with two max-pools, then three blocks of four branches each. Images
are from -1 to 1; 299 x 299 pixels give 35 x 35 cells of 288 features. Its ImageNet weights fit:
`load_imagenet(network, INCEPTION_URL)`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import UserInputError
from saccade.networks.blocks import initialise

INCEPTION_URL = "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth"
OUT_CHANNELS = 288
LEAST_SIDE = 27
"""Least rows and columns of an image [pixels]: less leave no cell."""
NORM_EPSILON = 1e-3
"""Number added to variances, as in the weights' training."""


class InceptionTrunk(nn.Module):
    """The trunk.

    Args:
        generator: Source of the random start; None for torch's global generator.
    """

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = _ConvBn(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = _ConvBn(32, 32, 3)
        self.Conv2d_2b_3x3 = _ConvBn(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = _ConvBn(64, 80, 1)
        self.Conv2d_4a_3x3 = _ConvBn(80, 192, 3)
        self.Mixed_5b = _InceptionA(192, 32)
        self.Mixed_5c = _InceptionA(256, 64)
        self.Mixed_5d = _InceptionA(288, 64)
        initialise(self, generator)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 288 rows columns"]:
        """The feature map Mixed_5d.

        Raises:
            UserInputError: The images are too small to leave a cell.
        """
        if min(images.shape[2:]) < LEAST_SIDE:
            raise UserInputError(
                f"images are {images.shape[2]} x {images.shape[3]} pixels; expected "
                f"{LEAST_SIDE} or more for an Inception trunk"
            )
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(images)))
        x = F.max_pool2d(x, 3, stride=2)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = F.max_pool2d(x, 3, stride=2)
        return self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x)))


class _ConvBn(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(
        self, inputs: int, width: int, kernel: int, *, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, width, kernel, stride=stride, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(width, eps=NORM_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.bn(self.conv(x)))


class _InceptionA(nn.Module):
    """Block of branches 1x1, 5x5, twice 3x3, and a mean-pool, side by side."""

    def __init__(self, inputs: int, pooled: int) -> None:
        super().__init__()
        self.branch1x1 = _ConvBn(inputs, 64, 1)
        self.branch5x5_1 = _ConvBn(inputs, 48, 1)
        self.branch5x5_2 = _ConvBn(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = _ConvBn(inputs, 64, 1)
        self.branch3x3dbl_2 = _ConvBn(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _ConvBn(96, 96, 3, padding=1)
        self.branch_pool = _ConvBn(inputs, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        wide = self.branch5x5_2(self.branch5x5_1(x))
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        pooled = self.branch_pool(F.avg_pool2d(x, 3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), wide, twice, pooled], dim=1)
