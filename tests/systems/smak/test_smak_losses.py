"""The losses against literal loops, figures of another library, and finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from saccade.systems.smak.losses import (
    lifted_structured,
    n_pairs,
    n_pairs_cosine,
    tcc,
    triplet_semi_hard,
)

TWO_SEQUENCES = torch.tensor([0, 0, 0, 1, 1, 1])


def drawn(n: int = 6, d: int = 4, noise: float = 0.7) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    anchors = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return anchors, anchors + noise * torch.randn(n, d, generator=generator, dtype=torch.float64)


def cross_entropy(rows: list[list[float]]) -> float:
    """Mean of -log of the diagonal's share of its row."""
    costs = [math.log(sum(map(math.exp, row))) - row[i] for i, row in enumerate(rows)]
    return sum(costs) / len(costs)


def test_n_pairs_is_a_cross_entropy_and_a_penalty_on_lengths() -> None:
    anchors, positives = drawn()
    rows = [[float(a @ p) for p in positives] for a in anchors]
    lengths = [float(a @ a) + float(p @ p) for a, p in zip(anchors, positives, strict=True)]
    expected = cross_entropy(rows) + 0.25 * 0.3 * sum(lengths) / 6
    assert n_pairs(anchors, positives, length_penalty=0.3).item() == pytest.approx(expected)


def test_figures_of_pytorch_metric_learning() -> None:
    """Of its version 2.9.0: NPairsLoss, with an LpRegularizer of 0.001, and LiftedStructureLoss."""
    anchors, positives = drawn()
    assert n_pairs(anchors, positives, None, 0.0).item() == pytest.approx(0.9908317871727162)
    assert n_pairs(anchors, positives).item() == pytest.approx(0.9949021503503671)
    assert lifted_structured(anchors, positives).item() == pytest.approx(4.384483243396289)


def test_embeddings_that_are_all_alike_cost_ln_n() -> None:
    same = torch.ones(16, 32)
    assert n_pairs(same, same, None, 0.0).item() == pytest.approx(math.log(16))
    assert n_pairs_cosine(same, same).item() == pytest.approx(math.log(16))


def test_cosine_is_both_ways_and_knows_no_lengths() -> None:
    anchors, positives = drawn()
    cosine = torch.nn.CosineSimilarity(dim=0)
    rows = [[float(cosine(a, p)) / 0.2 for p in positives] for a in anchors]
    forward = cross_entropy(rows)
    back = cross_entropy([list(column) for column in zip(*rows, strict=True)])
    one_way = n_pairs_cosine(anchors, 3 * positives, symmetric=False)
    assert one_way.item() == pytest.approx(forward)
    assert n_pairs_cosine(2 * anchors, positives).item() == pytest.approx((forward + back) / 2)


@pytest.mark.parametrize("loss", [n_pairs, n_pairs_cosine])
def test_sequences_by_themselves_are_batches_of_their_own(loss: Callable[..., Tensor]) -> None:
    anchors, positives = drawn()
    halves = [loss(anchors[part], positives[part]) for part in (slice(0, 3), slice(3, 6))]
    expected = (halves[0] + halves[1]) / 2
    torch.testing.assert_close(loss(anchors, positives, TWO_SEQUENCES), expected)


def literal_triplets(anchors: Tensor, positives: Tensor, groups: list[int], margin: float) -> float:
    every, moments = [*anchors, *positives], [*range(len(anchors))] * 2
    costs = []
    for i, one in enumerate(every):
        others = [j for j in range(len(every)) if j != i]
        far = {j: float((one - every[j]).square().sum()) for j in others}
        positive = next(far[j] for j in others if moments[j] == moments[i])
        negatives = [
            far[j]
            for j in others
            if moments[j] != moments[i] and groups[moments[j]] == groups[moments[i]]
        ]
        farther = [distance for distance in negatives if distance > positive]
        chosen = min(farther) if farther else max(negatives)
        costs.append(max(0.0, positive - chosen + margin))
    return sum(costs) / len(costs)


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])  # 3.0: some have no farther negative
@pytest.mark.parametrize("groups", [[0] * 6, [0, 0, 0, 1, 1, 1]])
def test_triplets_take_the_nearest_of_the_farther(noise: float, groups: list[int]) -> None:
    anchors, positives = drawn(noise=noise)
    found = triplet_semi_hard(anchors, positives, torch.tensor(groups), margin=2.0)
    expected = literal_triplets(anchors, positives, groups, 2.0)
    assert found.item() == pytest.approx(expected)
    assert (expected > 0) == (noise > 0.3 or groups[-1] == 0)


def literal_lifted(anchors: Tensor, positives: Tensor, groups: list[int], margin: float) -> float:
    every, moments = [*anchors, *positives], [*range(len(anchors))] * 2

    def far(i: int, j: int) -> float:
        return float((every[i] - every[j]).square().sum()) ** 0.5

    def pushed(i: int) -> float:
        return sum(
            math.exp(margin - far(i, j))
            for j in range(len(every))
            if moments[j] != moments[i] and groups[moments[j]] == groups[moments[i]]
        )

    costs = []
    for i in range(len(anchors)):
        j = i + len(anchors)
        costs.append(max(0.0, math.log(pushed(i) + pushed(j)) + far(i, j)) ** 2)
    return sum(costs) / (2 * len(costs))


@pytest.mark.parametrize("groups", [[0] * 6, [0, 0, 0, 1, 1, 1]])
def test_lifted_structure_pushes_all_negatives_of_both(groups: list[int]) -> None:
    anchors, positives = drawn()
    found = lifted_structured(anchors, positives, torch.tensor(groups), margin=1.5)
    assert found.item() == pytest.approx(literal_lifted(anchors, positives, groups, 1.5))


def literal_tcc(first: Tensor, second: Tensor, times: Tensor, tau: float, weight: float) -> float:
    def shares(one: Tensor, others: Tensor) -> list[float]:
        powers = [math.exp(-float((one - other).square().sum()) / tau) for other in others]
        return [power / sum(powers) for power in powers]

    costs = []
    for i, one in enumerate(first):
        pairs = zip(shares(one, second), second, strict=True)
        neighbour = torch.stack([share * other for share, other in pairs]).sum(dim=0)
        beta = shares(neighbour, first)
        mean = sum(b * float(t) for b, t in zip(beta, times, strict=True))
        variance = sum(b * (float(t) - mean) ** 2 for b, t in zip(beta, times, strict=True)) + 1e-4
        costs.append((float(times[i]) - mean) ** 2 / variance + weight * math.log(variance))
    return sum(costs) / len(costs)


def test_cycles_come_back_to_their_moment() -> None:
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    second = torch.randn(2, 4, 3, generator=generator, dtype=torch.float64)
    times = torch.rand(2, 5, generator=generator, dtype=torch.float64).sort(dim=1).values
    found = tcc(first, second, times, temperature=1.0, variance_weight=0.1)
    each = [literal_tcc(*parts, 1.0, 0.1) for parts in zip(first, second, times, strict=True)]
    assert found.item() == pytest.approx(sum(each) / 2)


def test_cycles_prefer_sequences_that_pass_alike() -> None:
    times = torch.linspace(0, 1, 8)[None]
    along = torch.stack([times, times.square()], dim=2)
    shuffled = along[:, torch.randperm(8, generator=torch.Generator().manual_seed(1))] * 0.1
    assert tcc(along, along, times, 0.01) < tcc(along, shuffled, times, 0.01)


@pytest.mark.parametrize(
    "loss",
    [
        n_pairs,
        n_pairs_cosine,
        lambda *p: triplet_semi_hard(*p, margin=2.0),
        lifted_structured,
        lambda a, p: tcc(a[None], p[None], torch.linspace(0, 1, 6, dtype=a.dtype)[None]),
    ],
)
def test_gradients_are_finite_differences(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    anchors, positives = (part.requires_grad_() for part in drawn())
    assert torch.autograd.gradcheck(loss, (anchors, positives))


@pytest.mark.parametrize("loss", [n_pairs, n_pairs_cosine, triplet_semi_hard, lifted_structured])
def test_frames_that_look_alike_have_finite_gradients(loss: Callable[..., Tensor]) -> None:
    anchors = torch.ones(6, 4, requires_grad=True)
    loss(anchors, torch.ones(6, 4), TWO_SEQUENCES).backward()
    assert anchors.grad is not None
    assert bool(anchors.grad.isfinite().all())
