"""Gaussian glimpses against literal loops, finite differences and the laws of resampling."""

from __future__ import annotations

import math

import jaxtyping
import numpy as np
import pytest
import torch

from saccade.attention.bicubic_sigma import cubic_kernel, fit_sigma_polynomial
from saccade.attention.gaussian_glimpse import (
    BICUBIC_SIGMA,
    BICUBIC_STRIDES,
    GaussianGlimpseConfig,
    SigmaRule,
    attention_to_boxes,
    boxes_to_attention,
    contribution_map,
    extract_glimpses,
    sample_grid,
    sigma_of_stride,
    swap_axes,
)
from saccade.errors import UserInputError

SMALL = GaussianGlimpseConfig(height=4, width=5)
SHARP = GaussianGlimpseConfig(height=9, width=12, sigma_floor=0.1, sigma_per_stride=0.1)


def images(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def literal(image: torch.Tensor, box: list[float], config: GaussianGlimpseConfig) -> np.ndarray:
    """Eq. 2, sample by sample: a weighted mean of pixels, weights normalised over the image."""
    picture = image.numpy()
    y, x, h, w = box
    dy, dx = h / (config.height - 1), w / (config.width - 1)
    sy, sx = max(0.5, 0.5 * dy), max(0.5, 0.5 * dx)
    glimpse = np.empty((config.height, config.width))
    for i in range(config.height):
        for j in range(config.width):
            total = weight = 0.0
            for r in range(picture.shape[0]):
                for c in range(picture.shape[1]):
                    k = math.exp(
                        -((r - y - i * dy) ** 2) / (2 * sy**2) - (c - x - j * dx) ** 2 / (2 * sx**2)
                    )
                    weight += k
                    total += k * picture[r, c]
            glimpse[i, j] = total / weight
    return glimpse


@pytest.mark.parametrize(
    "box",
    [[2.0, 3.0, 6.0, 8.0], [-3.0, 5.5, 9.0, 4.0], [6.3, -2.0, 12.0, 20.0]],
    ids=["inside", "cut by the upper edge", "larger than the image"],
)
def test_equals_a_literal_loop(box: list[float]) -> None:
    pictures = images(2, 1, 11, 13)
    glimpses = extract_glimpses(pictures, torch.tensor([box, box]).double(), SMALL)
    for n in range(2):
        np.testing.assert_allclose(glimpses[n, 0].numpy(), literal(pictures[n, 0], box, SMALL))


def test_gradients_equal_finite_differences_in_image_and_box() -> None:
    pictures = images(2, 2, 7, 8).requires_grad_()
    boxes = torch.tensor([[1.2, 0.7, 4.9, 6.1], [-1.5, 3.0, 5.0, 7.7]]).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda p, b: extract_glimpses(p, b, SMALL), (pictures, boxes))


def test_gradients_of_the_free_parameters_equal_finite_differences() -> None:
    free = [torch.tensor([[a, b]]).double().requires_grad_() for a, b in ((1, 2), (1.3, 0.8))]
    sigma = torch.tensor([[0.7, 1.1]]).double().requires_grad_()
    picture = images(1, 1, 7, 8)
    assert torch.autograd.gradcheck(lambda *p: sample_grid(picture, *p, SMALL), (*free, sigma))


def test_looking_at_every_pixel_sharply_is_the_identity() -> None:
    pictures = images(1, 3, 9, 12)
    everything = attention_to_boxes(torch.tensor([[0.0, 0.0, 1.0, 1.0]]).double(), 9, 12)
    assert everything.tolist() == [[0, 0, 8, 11]]
    torch.testing.assert_close(extract_glimpses(pictures, everything, SHARP), pictures)


def test_moving_image_and_box_together_changes_nothing() -> None:
    pictures = images(1, 1, 60, 70)
    moved = torch.roll(pictures, (7, -4), dims=(2, 3))
    box = torch.tensor([[20.0, 30.5, 15.0, 11.0]]).double()
    shift = torch.tensor([[7.0, -4.0, 0.0, 0.0]]).double()
    before = extract_glimpses(pictures, box, SMALL)
    torch.testing.assert_close(extract_glimpses(moved, box + shift, SMALL), before)
    assert not torch.allclose(extract_glimpses(moved, box, SMALL), before, atol=1e-3)


def test_each_sample_has_its_own_window_and_each_channel_its_own_values() -> None:
    pictures = images(3, 2, 20, 20)
    boxes = torch.tensor([[1, 2, 8, 9], [10, 3, 5, 5], [0, 0, 19, 19]]).double()
    together = extract_glimpses(pictures, boxes, SMALL)
    for n in range(3):
        for c in range(2):
            alone = extract_glimpses(pictures[n : n + 1, c : c + 1], boxes[n : n + 1], SMALL)
            torch.testing.assert_close(together[n, c], alone[0, 0])


def test_far_outside_the_image_its_border_goes_on() -> None:
    pictures = images(1, 1, 10, 10).requires_grad_()
    box = torch.tensor([[-500.0, 2.0, 8.0, 4.0]]).double().requires_grad_()
    glimpse = extract_glimpses(pictures, box, SMALL)
    torch.testing.assert_close(glimpse[0, 0, 0], glimpse[0, 0, -1])
    assert pictures.min() <= glimpse.min() and glimpse.max() <= pictures.max()
    glimpse.sum().backward()
    assert box.grad is not None and bool(box.grad.isfinite().all())


def test_a_constant_image_stays_constant() -> None:
    boxes = torch.tensor([[-4.0, 3.0, 30.0, 2.0]]).double()
    glimpse = extract_glimpses(torch.full((1, 1, 12, 12), 0.3).double(), boxes, SMALL)
    torch.testing.assert_close(glimpse, torch.full_like(glimpse, 0.3))


def test_a_large_window_averages_instead_of_aliasing() -> None:
    """Stripes finer than the stride come out as their mean; the narrow polynomial aliases."""
    stripes = (torch.arange(240) % 2).double().expand(1, 1, 240, 240)
    box = torch.tensor([[0.0, 0.0, 239.0, 239.0]]).double()
    glimpse = extract_glimpses(stripes, box, GaussianGlimpseConfig(8, 8))
    assert (glimpse[..., 1:-1] - 0.5).abs().max() < 2e-3
    narrow = extract_glimpses(stripes, box, GaussianGlimpseConfig(8, 8, sigma="polynomial"))
    assert (narrow - 0.5).abs().max() > 0.2


def test_area_under_the_attention_is_that_of_the_glimpse_wherever_the_box() -> None:
    boxes = torch.tensor([[3.0, 4.0, 10.0, 12.0], [-20.0, 30.0, 60.0, 5.0]])
    weight = contribution_map(boxes, 32, 40, SMALL)
    torch.testing.assert_close(weight.sum(dim=(1, 2)), torch.full((2,), 20.0))
    # Half of the weight of a window inside lies in the upper half of its box.
    assert weight[0, :8].sum() == pytest.approx(10, abs=1.5)
    assert weight[0, :, 30:].sum() < 1e-3


def test_contributions_are_the_gradient_of_the_summed_glimpse() -> None:
    picture = images(1, 1, 14, 15).requires_grad_()
    box = torch.tensor([[2.0, 3.0, 6.0, 9.0]]).double()
    extract_glimpses(picture, box, SMALL).sum().backward()
    assert picture.grad is not None
    torch.testing.assert_close(picture.grad[:, 0], contribution_map(box, 14, 15, SMALL))


def test_boxes_and_attention_parameters_by_hand_and_back() -> None:
    boxes = torch.tensor([[12.0, 40.0, 11.9, 31.8]])
    attention = boxes_to_attention(boxes, 120, 160)
    torch.testing.assert_close(attention, torch.tensor([[0.1, 0.25, 0.1, 0.2]]))
    torch.testing.assert_close(attention_to_boxes(attention, 120, 160), boxes)
    assert swap_axes(torch.tensor([1.0, 2.0, 3.0, 4.0])).tolist() == [2, 1, 4, 3]


def test_sigma_rules() -> None:
    stride = torch.tensor([0.2, 1.0, 4.0, -4.0])
    torch.testing.assert_close(sigma_of_stride(stride), torch.tensor([0.5, 0.5, 2.0, 2.0]))
    line = GaussianGlimpseConfig(sigma="polynomial", sigma_coefficients=(0.5, 0.25))
    torch.testing.assert_close(sigma_of_stride(stride, line), torch.tensor([0.55, 0.75, 1.5, 1.5]))


def test_the_published_polynomial_is_what_the_fit_gives() -> None:
    fitted = fit_sigma_polynomial(np.linspace(*BICUBIC_STRIDES, 12), signals=60)
    places = np.linspace(0.5, 5.5, 11)
    values = [np.polynomial.polynomial.polyval(places, c) for c in (fitted, BICUBIC_SIGMA)]
    np.testing.assert_allclose(values[0], values[1], atol=0.06)


def test_the_cubic_kernel_interpolates() -> None:
    places = np.arange(-3, 4)
    np.testing.assert_allclose(cubic_kernel(places), [0, 0, 0, 1, 0, 0, 0], atol=1e-12)
    offsets = np.linspace(0, 1, 7)[:, None] + places
    np.testing.assert_allclose(cubic_kernel(offsets).sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"height": 1}, "1 x 28"),
        ({"sigma": "cubic"}, "stride, polynomial"),
        ({"sigma_floor": 0.0}, "above 0"),
    ],
)
def test_impossible_settings_are_refused(
    settings: dict, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A user's program does not execute the annotations, so the values reach our own checks.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(UserInputError, match=says):
        GaussianGlimpseConfig(**settings)


@pytest.mark.parametrize(
    "box",
    [
        (40.3, 60.7, 30.0, 24.0),
        (-12.0, 100.0, 40.0, 90.0),
        (-300.0, -200.0, 20.0, 20.0),
        (300.0, 400.0, 10.0, 10.0),
        (-50.0, -50.0, 400.0, 400.0),
        (20.0, 20.0, 0.5, 0.5),
    ],
)
@pytest.mark.parametrize("sigma", ["stride", "polynomial"])
def test_a_uint8_image_gives_the_same_glimpse_as_all_of_it(
    box: tuple[float, ...], sigma: SigmaRule
) -> None:
    """Only what the filters reach is read of it; elsewhere there might be anything."""
    config = GaussianGlimpseConfig(height=12, width=10, sigma=sigma)
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(256, (1, 3, 120, 160), generator=generator, dtype=torch.uint8)
    boxes = torch.tensor([box])
    whole = extract_glimpses(image.double() / 255, boxes.double(), config)
    part = extract_glimpses(image, boxes, config)
    assert part.dtype == torch.float32
    torch.testing.assert_close(part, whole.float(), atol=2e-5, rtol=0)


def test_the_windows_of_many_uint8_images_may_lie_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (2, 1, 60, 80), generator=generator, dtype=torch.uint8)
    boxes = torch.tensor([[2.0, 3.0, 9.0, 9.0], [40.0, 60.0, 9.0, 9.0]])
    whole = extract_glimpses(images.float() / 255, boxes)
    torch.testing.assert_close(extract_glimpses(images, boxes), whole, atol=2e-5, rtol=0)
