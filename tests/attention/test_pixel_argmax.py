from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.attention.pixel_argmax import (
    argmax_2d,
    crop,
    crop_corner,
    crop_each,
    rescale_pixel,
    soft_attention,
    value_at,
)
from saccade.errors import UserInputError


def test_the_highest_value_is_given_as_column_and_row() -> None:
    values = torch.zeros(2, 4, 6)
    values[0, 3, 1], values[1, 0, 5] = 2.0, 1.0
    assert argmax_2d(values).tolist() == [[1, 3], [5, 0]]


def test_argmax_and_value_agree_with_a_search_of_every_pixel() -> None:
    values = torch.randn(5, 7, 9, generator=torch.Generator().manual_seed(0))
    pixels = argmax_2d(values)
    for one, (x, y), best in zip(values, pixels.tolist(), value_at(values, pixels), strict=True):
        assert one[y, x] == best == one.max()


def test_a_crop_starts_half_its_side_before_the_pixel() -> None:
    assert crop_corner(np.array([40, 61]), (128, 128), 16).tolist() == [32, 53]


def test_a_crop_at_the_border_is_shifted_into_the_image() -> None:
    pixels = np.array([[0, 0], [127, 3], [120, 127], [119, 121]])
    corners = crop_corner(pixels, (128, 128), 16)
    assert corners.tolist() == [[0, 0], [112, 0], [112, 112], [111, 112]]
    assert crop_corner(np.array([5, 5]), (10, 20), 10).tolist() == [0, 0]


def test_a_crop_larger_than_the_image_is_refused_with_what_fits() -> None:
    with pytest.raises(UserInputError, match=r"crop of 17 pixels; expected 1 to 16"):
        crop_corner(np.array([3, 3]), (16, 20), 17)


def test_crops_are_slices_of_colours_and_of_depth() -> None:
    rows, columns = np.mgrid[:10, :12]
    depth, rgb = rows * 100 + columns, np.stack([rows, columns, rows], axis=-1)
    assert crop(depth, np.array([4, 7]), 2).tolist() == [[704, 705], [804, 805]]
    assert crop(rgb, np.array([4, 7]), 2)[1, 0].tolist() == [8, 4, 8]


def test_crops_of_a_batch_are_those_of_each_image() -> None:
    images = torch.randn(4, 3, 9, 11, generator=torch.Generator().manual_seed(1))
    corners = torch.tensor([[0, 0], [6, 4], [2, 3], [6, 0]])
    crops = crop_each(images, corners, 5)
    for one, corner, image in zip(crops, corners.numpy(), images, strict=True):
        expected = crop(image.permute(1, 2, 0).numpy(), corner, 5)
        assert np.array_equal(one.permute(1, 2, 0).numpy(), expected)


def test_a_pixel_of_the_small_view_is_the_centre_of_its_block_in_the_large_one() -> None:
    assert rescale_pixel(np.array([[0, 0], [63, 5]]), (64, 64), (128, 128)).tolist() == [
        [1, 1],
        [127, 11],
    ]
    assert rescale_pixel(np.array([127, 11]), (128, 128), (64, 64)).tolist() == [63, 5]


def test_there_and_back_is_the_same_pixel_of_the_small_view() -> None:
    pixels = np.stack(np.meshgrid(np.arange(48), np.arange(32)), axis=-1).reshape(-1, 2)
    there = rescale_pixel(pixels, (32, 48), (96, 144))
    assert np.array_equal(rescale_pixel(there, (96, 144), (32, 48)), pixels)


def test_soft_attention_to_everything_alike_changes_nothing() -> None:
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(soft_attention(torch.full((2, 4, 5), 3.0), features), features)


def test_soft_attention_to_one_pixel_leaves_only_it() -> None:
    logits = torch.zeros(1, 2, 2)
    logits[0, 1, 0] = 50.0
    attended = soft_attention(logits, torch.ones(1, 1, 2, 2))
    assert torch.allclose(attended, torch.tensor([[[[0.0, 0.0], [4.0, 0.0]]]]), atol=1e-6)


def test_soft_attention_passes_a_gradient_to_its_map_and_a_crop_does_not() -> None:
    logits = torch.randn(1, 3, 3, generator=torch.Generator().manual_seed(3), requires_grad=True)
    features = torch.randn(1, 2, 3, 3, generator=torch.Generator().manual_seed(4))
    soft_attention(logits, features).square().sum().backward()
    assert logits.grad is not None and logits.grad.abs().min() > 0
    corners = torch.from_numpy(crop_corner(argmax_2d(logits).numpy(), (3, 3), 2))
    assert not crop_each(features, corners, 2).requires_grad
