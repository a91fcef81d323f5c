"""Gaussian glimpses: a window of an image, resampled by one Gaussian filter a row and a column.

    g = A_y x A_x^T                       (Kosiorek et al. 2017, Eq. 2)

Two batched matrix products, differentiable in the image and in the window. Row i of A_y is a
Gaussian over the image's rows, centred at y + i d_y with stride d_y = h / (rows - 1), and sums to
one over the pixels of the image; A_x likewise. So a glimpse spans its box from edge to edge, and a
row that lies outside the image repeats the image's border.

Coordinates: pixel j of an image lies at j. Boxes are (y, x, h, w) in pixels, (y, x) their upper
left corner. Attention parameters are boxes in units of the image,

    a = (y / H, x / W, h / (H - 1), w / (W - 1)),

so that a = (0, 0, 1, 1) looks at every pixel once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Real, UInt8
from torch import Tensor

from saccade.checks import check_choice, check_sizes
from saccade.errors import UserInputError

SigmaRule = Literal["stride", "polynomial"]
MOST_PIXELS = 1024
"""Most rows and most columns of a glimpse."""
SIGMA_RULES: tuple[SigmaRule, ...] = ("stride", "polynomial")

BICUBIC_SIGMA = (0.391712, 0.040663, -0.034585, 0.009321, -0.000784)
"""Coefficients from `bicubic_sigma.fit_sigma_polynomial` for 60 strides in `BICUBIC_STRIDES`; sigma
is about 0.4 pixels at all of them."""
BICUBIC_STRIDES = (0.1, 6.0)
"""Strides [pixels] that were fitted; the polynomial is not used outside."""
REACH = 6.0
"""Standard deviations at which a Gaussian is nothing: 2e-8 of its peak, less than float32 tells."""
NEGLIGIBLE = 1e-20
"""Weight that changes no sum of float32 bytes."""


@dataclass(frozen=True)
class GaussianGlimpseConfig:
    """Size of a glimpse and width of its filters.

    Attributes:
        height: Rows of the glimpse.
        width: Columns of the glimpse.
        sigma: Rule for the Gaussians' width at their stride d: "stride" is
            max(sigma_floor, sigma_per_stride |d|), which never aliases; "polynomial" is the
            paper's regression, which imitates bicubic resampling and aliases for large windows.
        sigma_floor: Narrowest Gaussian [pixels].
        sigma_per_stride: Width over stride.
        sigma_coefficients: Coefficients of the polynomial, from the constant upwards; it gives
            sigma in pixels for a stride in pixels.
    """

    height: int = 28
    width: int = 28
    sigma: SigmaRule = "stride"
    sigma_floor: float = 0.5
    sigma_per_stride: float = 0.5
    sigma_coefficients: tuple[float, ...] = BICUBIC_SIGMA

    def __post_init__(self) -> None:
        check_sizes(self, "height", "width", prefix="glimpse ", most=MOST_PIXELS)
        if min(self.height, self.width) < 2:
            raise UserInputError(
                f"a glimpse of {self.height} x {self.width} pixels; expected at least 2 x 2"
            )
        check_choice("glimpse sigma", self.sigma, SIGMA_RULES)
        if self.sigma_floor <= 0:
            raise UserInputError(f"glimpse sigma_floor is {self.sigma_floor}; expected above 0")


def extract_glimpses(
    images: Real[Tensor, "N C H W"],
    boxes: Float[Tensor, "N 4"],
    config: GaussianGlimpseConfig = GaussianGlimpseConfig(),
) -> Float[Tensor, "N C h w"]:
    """The window `boxes[n]` of each image (Eq. 2).

    Args:
        images: Images of any size; uint8 ones as in `sample_grid`.
        boxes: Boxes (y, x, h, w) in pixels; they may lie partly or wholly outside.
        config: Size of the glimpse (h, w), and the filters' widths.
    """
    stride = strides(boxes, config)
    return sample_grid(images, boxes[:, :2], stride, sigma_of_stride(stride, config), config)


def sample_grid(
    images: Real[Tensor, "N C H W"],
    first: Float[Tensor, "N 2"],
    stride: Float[Tensor, "N 2"],
    sigma: Float[Tensor, "N 2"],
    config: GaussianGlimpseConfig,
) -> Float[Tensor, "N C h w"]:
    """The window of each image with every parameter free, as Kahou et al. (2017) learn them.

    Args:
        images: Images of any size. Of uint8 images only what the filters reach is read and
            converted to 0..1, so that the cost does not grow with them.
        first: Place (row, column) at which the first filters are centred [pixels].
        stride: Distance between neighbouring centres, along rows and columns [pixels].
        sigma: Standard deviations, above 0 [pixels].
        config: Settings, of which only the size of the glimpse is used.
    """
    scale = 1.0
    if images.dtype == torch.uint8:
        images, first = _within_reach(images, first, stride, sigma, config)
        scale = 1 / 255
    n, channels, rows, columns = images.shape
    vertical = gaussian_filters(first[:, 0], stride[:, 0], sigma[:, 0], config.height, rows)
    lateral = gaussian_filters(first[:, 1], stride[:, 1], sigma[:, 1], config.width, columns)
    # Columns first: one product over all rows and channels, and no copy of a filter a channel.
    narrow = images.reshape(n, channels * rows, columns) @ lateral.transpose(1, 2)
    # Scaling a filter costs less than scaling the image.
    return (scale * vertical)[:, None] @ narrow.view(n, channels, rows, config.width)


def _within_reach(
    images: UInt8[Tensor, "N C H W"],
    first: Float[Tensor, "N 2"],
    stride: Float[Tensor, "N 2"],
    sigma: Float[Tensor, "N 2"],
    config: GaussianGlimpseConfig,
) -> tuple[Float[Tensor, "N C h w"], Float[Tensor, "N 2"]]:
    """The part of the images that any filter weighs, 0..255, and `first` in its pixels."""
    size = first.new_tensor(images.shape[2:])
    cells = first.new_tensor([config.height - 1, config.width - 1])
    # A filter outside the image repeats the border, which therefore is always within reach.
    ends = torch.stack([first, first + stride * cells]).clamp(min=0).minimum(size - 1)
    low = (ends.amin(dim=0) - REACH * sigma).amin(dim=0).floor().clamp(min=0)
    high = (ends.amax(dim=0) + REACH * sigma).amax(dim=0).ceil().minimum(size - 1)
    (top, left), (bottom, right) = low.int().tolist(), high.int().tolist()
    part = images[:, :, top : bottom + 1, left : right + 1]
    return part.contiguous().to(first.dtype), first - low


def gaussian_filters(
    first: Float[Tensor, " N"],
    stride: Float[Tensor, " N"],
    sigma: Float[Tensor, " N"],
    count: int,
    pixels: int,
) -> Float[Tensor, "N {count} {pixels}"]:
    """A of Eq. 2 along one axis: row i is a Gaussian at first + i stride; each row sums to one."""
    steps = torch.arange(count, dtype=first.dtype, device=first.device)
    place = torch.arange(pixels, dtype=first.dtype, device=first.device)
    centres = first[:, None] + steps * stride[:, None]
    distance = (place - centres[..., None]) / sigma[:, None, None]
    # A softmax normalises without 0 / 0 where a filter is far outside the image.
    weights = torch.softmax(-0.5 * distance.square(), dim=-1)
    # Subnormal numbers, which tails end in, make a matrix product fifty times slower.
    return F.threshold(weights, NEGLIGIBLE, 0.0)


def strides(
    boxes: Float[Tensor, "*n 4"], config: GaussianGlimpseConfig = GaussianGlimpseConfig()
) -> Float[Tensor, "*n 2"]:
    """Distance of neighbouring samples along rows and columns [pixels]."""
    cells = boxes.new_tensor([config.height - 1, config.width - 1])
    return boxes[..., 2:] / cells


def sigma_of_stride(
    stride: Float[Tensor, "*n"], config: GaussianGlimpseConfig = GaussianGlimpseConfig()
) -> Float[Tensor, "*n"]:
    """Width of the Gaussians for their stride, both in pixels (section 3)."""
    size = stride.abs()
    if config.sigma == "stride":
        return (config.sigma_per_stride * size).clamp(min=config.sigma_floor)
    size = size.clamp(*BICUBIC_STRIDES)
    sigma = torch.zeros_like(size)
    for coefficient in reversed(config.sigma_coefficients):
        sigma = sigma * size + coefficient
    return sigma.clamp(min=0.1)


def contribution_map(
    boxes: Float[Tensor, "N 4"],
    height: int,
    width: int,
    config: GaussianGlimpseConfig = GaussianGlimpseConfig(),
) -> Float[Tensor, "N {height} {width}"]:
    """Weight of each pixel of a height x width image in the glimpse, all samples summed.

    Sums to config.height x config.width an image, whatever the box: what is drawn as "attention".
    """
    stride = strides(boxes, config)
    sigma = sigma_of_stride(stride, config)
    weigh = [
        gaussian_filters(boxes[:, axis], stride[:, axis], sigma[:, axis], count, pixels).sum(dim=1)
        for axis, count, pixels in ((0, config.height, height), (1, config.width, width))
    ]
    return weigh[0][:, :, None] * weigh[1][:, None, :]


def boxes_to_attention(
    boxes: Float[Tensor, "*n 4"], height: int, width: int
) -> Float[Tensor, "*n 4"]:
    """(y, x, h, w) in pixels of a height x width image to attention parameters a (unitless)."""
    return boxes / attention_units(boxes, height, width)


def attention_to_boxes(
    attention: Float[Tensor, "*n 4"], height: int, width: int
) -> Float[Tensor, "*n 4"]:
    """The inverse of `boxes_to_attention`."""
    return attention * attention_units(attention, height, width)


def attention_units(like: Tensor, height: int, width: int) -> Float[Tensor, "4"]:
    """Pixels of one unit of each attention parameter: (H, W, H - 1, W - 1)."""
    return like.new_tensor([height, width, height - 1, width - 1])


def swap_axes(boxes: Float[Tensor, "*n 4"]) -> Float[Tensor, "*n 4"]:
    """(x, y, w, h), as most files and programs have boxes, to (y, x, h, w), and back again."""
    return boxes[..., [1, 0, 3, 2]]
