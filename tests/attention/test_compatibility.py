"""Compatibility and its weights against Eqs. 1 and 2, place by place."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from saccade.attention.compatibility import attend, compatibility

N, D, H, W = 2, 5, 3, 4


@pytest.fixture
def drawn() -> tuple[Tensor, Tensor, Tensor]:
    """Local features, global features and u."""
    generator = torch.Generator().manual_seed(0)
    shapes = ((N, D, H, W), (N, D), (D,))
    local, whole, u = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
    return local, whole, u


def literal_score(local: Tensor, whole: Tensor, u: Tensor, place: tuple[int, int, int]) -> float:
    """c_i = <u, l_i + g>."""
    n, y, x = place
    return sum(float(u[d] * (local[n, d, y, x] + whole[n, d])) for d in range(D))


def places() -> list[tuple[int, int, int]]:
    return [(n, y, x) for n in range(N) for y in range(H) for x in range(W)]


def test_scores_are_equation_2(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    scores = compatibility(*drawn)
    for place in places():
        assert scores[place].item() == pytest.approx(literal_score(*drawn, place), abs=1e-12)


def test_the_sigmoid_weighs_a_mean(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    local = drawn[0]
    expected = torch.zeros(N, D, dtype=torch.float64)
    for n, y, x in places():
        weight = 1 / (1 + math.exp(-literal_score(*drawn, (n, y, x))))
        expected[n] += weight * local[n, :, y, x] / (H * W)
    vector, weights = attend(local, compatibility(*drawn))
    torch.testing.assert_close(vector, expected)
    assert weights.shape == (N, H, W)
    assert ((weights > 0) & (weights < 1)).all()


def test_the_softmax_weighs_a_sum(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    local = drawn[0]
    vector, weights = attend(local, compatibility(*drawn), "softmax")
    torch.testing.assert_close(weights.sum(dim=(1, 2)), torch.ones(N, dtype=torch.float64))
    first, second = (literal_score(*drawn, place) for place in ((0, 0, 0), (0, 2, 3)))
    ratio = weights[0, 0, 0] / weights[0, 2, 3]
    assert ratio.item() == pytest.approx(math.exp(first - second))
    expected = torch.zeros(N, D, dtype=torch.float64)
    for n, y, x in places():
        expected[n] += weights[n, y, x] * local[n, :, y, x]
    torch.testing.assert_close(vector, expected)


def test_without_attention_places_count_alike(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    vector, weights = attend(drawn[0], compatibility(*drawn), "none")
    torch.testing.assert_close(vector, drawn[0].mean(dim=(2, 3)))
    assert (weights == 1).all()


def test_u_is_learned_through_the_weights(drawn: tuple[Tensor, Tensor, Tensor]) -> None:
    local, whole, u = drawn
    u.requires_grad_()

    def total(u: Tensor) -> Tensor:
        return attend(local, compatibility(local, whole, u))[0].square().sum()

    assert torch.autograd.gradcheck(total, u)
