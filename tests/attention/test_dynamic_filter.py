"""Dynamic filters against a literal loop over samples, filters and cells."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.attention.dynamic_filter import DynamicFilters, FilterShape, dynamic_conv
from saccade.errors import UserInputError


def literal(maps: torch.Tensor, weights: torch.Tensor, biases: torch.Tensor) -> torch.Tensor:
    """Correlation with zeros around the map, cell by cell."""
    n, channels, height, width = maps.shape
    filters, side = weights.shape[1], weights.shape[-1]
    reach = side // 2
    out = torch.zeros(n, filters, height, width, dtype=maps.dtype)
    for s in range(n):
        for k in range(filters):
            for i in range(height):
                for j in range(width):
                    total = biases[s, k].item()
                    for c in range(channels):
                        for u in range(side):
                            for v in range(side):
                                r, q = i + u - reach, j + v - reach
                                if 0 <= r < height and 0 <= q < width:
                                    weight = weights[s, k, c, u, v].item()
                                    total += maps[s, c, r, q].item() * weight
                    out[s, k, i, j] = total
    return out


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("side", [1, 3])
def test_equals_a_literal_loop(side: int) -> None:
    maps, weights = draw(3, 2, 4, 5, seed=0), draw(3, 4, 2, side, side, seed=1)
    biases = draw(3, 4, seed=2)
    torch.testing.assert_close(dynamic_conv(maps, weights, biases), literal(maps, weights, biases))
    unbiased = dynamic_conv(maps, weights)
    torch.testing.assert_close(unbiased, literal(maps, weights, torch.zeros(3, 4)))


@pytest.mark.parametrize("side", [1, 3])
def test_gradients_equal_finite_differences(side: int) -> None:
    maps, weights = draw(2, 2, 3, 4, seed=0), draw(2, 2, 2, side, side, seed=1)
    inputs = (maps.requires_grad_(), weights.requires_grad_(), draw(2, 2, seed=2).requires_grad_())
    assert torch.autograd.gradcheck(dynamic_conv, inputs)


def test_layers_take_their_filters_in_order_weights_before_biases() -> None:
    shapes = (FilterShape(3, 2, 1), FilterShape(2, 4, 3))
    assert [shape.size for shape in shapes] == [8, 76]
    layers = DynamicFilters(5, 6, shapes).double()
    filters, maps = draw(2, 84, seed=3), draw(2, 3, 4, 4, seed=4)
    first = literal(maps, filters[:, :6].reshape(2, 2, 3, 1, 1), filters[:, 6:8])
    second = filters[:, 8:80].reshape(2, 4, 2, 3, 3)
    expected = F.elu(literal(F.elu(first), second, filters[:, 80:]))
    torch.testing.assert_close(layers(maps, filters), expected)


def test_filters_start_like_an_ordinary_convolution_and_depend_on_alpha() -> None:
    torch.manual_seed(0)
    layers = DynamicFilters(16, 32, (FilterShape(200, 50, 1), FilterShape(50, 50, 3)))
    alpha = torch.randn(4, 16)
    filters = layers.filters(alpha).detach()
    assert filters.shape == (4, 200 * 50 + 50 + 50 * 50 * 9 + 50)
    assert filters[:, :10000].std() == pytest.approx((2 / 200) ** 0.5, rel=0.15)
    assert filters[:, 10050:32550].std() == pytest.approx((2 / 450) ** 0.5, rel=0.15)
    assert (filters[0] - filters[1]).abs().max() > 1e-3


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UserInputError, match="writes 4 maps and the next reads 5"):
        DynamicFilters(2, 2, (FilterShape(3, 4), FilterShape(5, 6)))
    with pytest.raises(UserInputError, match="odd side"):
        FilterShape(3, 4, 2)
