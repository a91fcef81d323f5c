"""Hard attention by a map of values: the pixel with the highest one, and the crop around it.

    (x, y) = argmax2D_a' Q(s, a')         (James and Davison 2021, Eq. 4)
    b', p' = crop(b, p, (x, y))

Cropping slices the images, so no gradient reaches the map through it: the map is learned from
values of its own (Q-attention), off the policy. Soft attention, which weighs the whole map instead
and is learned through what comes after it, is here for comparison.

Pixels are (x, y), column and row; the centre of pixel (0, 0) lies at (0, 0).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from saccade.errors import UserInputError

Size = tuple[int, int]
"""Rows and columns."""
Image = TypeVar("Image", bound=np.ndarray)


def argmax_2d(values: Float[Tensor, "n h w"]) -> Int[Tensor, "n 2"]:
    """Pixel (x, y) of the highest value of each map (Eq. 4); of equal ones, the first."""
    best = values.flatten(1).argmax(dim=1)
    columns = values.shape[2]
    return torch.stack([best % columns, best // columns], dim=1)


def value_at(values: Float[Tensor, "n h w"], pixels: Int[Tensor, "n 2"]) -> Float[Tensor, " n"]:
    """Value of each map at its pixel (x, y)."""
    return values[torch.arange(len(values), device=values.device), pixels[:, 1], pixels[:, 0]]


def crop_corner(pixel: Int[np.ndarray, "*n 2"], shape: Size, size: int) -> Int[np.ndarray, "*n 2"]:
    """Top-left pixel (x, y) of the square crop around each pixel, shifted to lie within the image.

    Args:
        pixel: Attended pixels (x, y).
        shape: Rows and columns of the image.
        size: Side of the crop [pixels].

    Raises:
        UserInputError: The crop is larger than the image.
    """
    rows, columns = shape
    if not 1 <= size <= min(shape):
        raise UserInputError(
            f"crop of {size} pixels; expected 1 to {min(shape)} for an image of {rows} x {columns}"
        )
    return np.clip(pixel - size // 2, 0, (columns - size, rows - size))


def crop(image: Image, corner: Int[np.ndarray, " 2"], size: int) -> Image:
    """The square of an image (h, w) or (h, w, c) whose top-left pixel is `corner`: a view."""
    x, y = int(corner[0]), int(corner[1])
    return image[y : y + size, x : x + size]  # pyright: ignore[reportReturnType]


def crop_each(
    images: Shaped[Tensor, "n c h w"], corners: Int[Tensor, "n 2"], size: int
) -> Shaped[Tensor, "n c size size"]:
    """The square of each image whose top-left pixel is its `corner`."""
    span = torch.arange(size, device=images.device)
    rows, columns = corners[:, 1, None] + span, corners[:, 0, None] + span
    each = torch.arange(len(images), device=images.device)[:, None, None]
    # Indices on both sides of the slice put the channels last.
    return images[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def rescale_pixel(
    pixel: Int[np.ndarray, "*n 2"], given: Size, wanted: Size
) -> Int[np.ndarray, "*n 2"]:
    """The pixel of an image of another size that holds the centre of each pixel.

    Args:
        pixel: Pixels (x, y) of an image of size `given`.
        given: Rows and columns of that image.
        wanted: Rows and columns of the other, which shows the same.
    """
    (rows, columns), (other_rows, other_columns) = given, wanted
    # (x + 1/2) w' / w in whole numbers, which round alike on every machine.
    x = (2 * pixel[..., 0] + 1) * other_columns // (2 * columns)
    y = (2 * pixel[..., 1] + 1) * other_rows // (2 * rows)
    return np.stack([x, y], axis=-1)


def soft_attention(
    logits: Float[Tensor, "n h w"], features: Float[Tensor, "n c h w"]
) -> Float[Tensor, "n c h w"]:
    """Features times the softmax of a map over its pixels (Xu et al. 2015, deterministic).

    The weights average to one, so that attention to everything alike changes nothing.
    """
    pixels = logits.shape[1] * logits.shape[2]
    weights = logits.flatten(1).softmax(dim=1).view_as(logits) * pixels
    return features * weights[:, None]
