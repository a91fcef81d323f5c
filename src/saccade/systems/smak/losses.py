"""The losses: pure functions of embeddings.

Anchors and positives are rows: row i of both shows one moment from two views. All other rows are
negatives, or, where `sequences` are given, the other rows of the same sequence: two demonstrations
have moments alike, which should not be pushed apart.

`n_pairs` is the paper's. The others are TCN's ablations, TCC's, and `n_pairs_cosine`, which learns
from nothing where the paper's, without ImageNet weights, comes to rest at ln N.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

LEAST_VARIANCE = 1e-4
"""Number added to variances of times: a hundredth of a sequence, squared. Without it, to arrive at
a wrong moment without a doubt would cost a million."""

Embeddings = Float[Tensor, "n d"]
Sequences = Int[Tensor, " n"] | None
Scalar = Float[Tensor, ""]


def n_pairs(
    anchors: Embeddings,
    positives: Embeddings,
    sequences: Sequences = None,
    length_penalty: float = 0.002,
) -> Scalar:
    """N-pairs loss (Sohn 2016) as TCN and the paper have it.

    It is the cross-entropy of a p^T along its rows, and a quarter of `length_penalty` on the
    squared lengths. Nothing bounds the logits: embeddings that are all alike cost ln n.
    """
    logits = _apart(anchors @ positives.T, sequences)
    lengths = anchors.square().sum(dim=1).mean() + positives.square().sum(dim=1).mean()
    return _diagonal_cross_entropy(logits) + 0.25 * length_penalty * lengths


def n_pairs_cosine(
    anchors: Embeddings,
    positives: Embeddings,
    sequences: Sequences = None,
    temperature: float = 0.2,
    symmetric: bool = True,
) -> Scalar:
    """N-pairs loss of cosines over a temperature.

    Args:
        anchors: Embeddings of one view.
        positives: Embeddings of another.
        sequences: Numbers of the sequences that the rows are of; None: all of one.
        temperature: Temperature of the softmax.
        symmetric: Whether positives also look for their anchors; the mean of both is taken.
    """
    cosines = F.normalize(anchors, dim=1) @ F.normalize(positives, dim=1).T
    logits = _apart(cosines / temperature, sequences)
    forward = _diagonal_cross_entropy(logits)
    return (forward + _diagonal_cross_entropy(logits.T)) / 2 if symmetric else forward


def triplet_semi_hard(
    anchors: Embeddings, positives: Embeddings, sequences: Sequences = None, margin: float = 0.2
) -> Scalar:
    """Triplet loss with semi-hard negatives (Schroff et al. 2015), on squared distances.

    Both rows of a pair are anchors. The negative is the nearest one that is farther than the
    positive; where there is none, the farthest.
    """
    distances, positive, negative = _pairwise(anchors, positives, sequences)
    squared = distances.square()
    near = (squared * positive).sum(dim=1)  # One positive a row.
    farther = negative & (squared > near[:, None])
    semi_hard = squared.masked_fill(~farther, torch.inf).amin(dim=1)
    farthest = squared.masked_fill(~negative, -torch.inf).amax(dim=1)
    chosen = torch.where(farther.any(dim=1), semi_hard, farthest)
    cost = F.relu(near - chosen + margin)
    rows = negative.any(dim=1)
    return torch.where(rows, cost, 0).sum() / rows.sum().clamp(min=1)


def lifted_structured(
    anchors: Embeddings, positives: Embeddings, sequences: Sequences = None, margin: float = 1.0
) -> Scalar:
    """Lifted structured loss (Song et al. 2016): each pair against all negatives of both.

    J_ij = log(sum_k exp(margin - D_ik) + sum_l exp(margin - D_jl)) + D_ij; half the mean of the
    squares of what is above 0.
    """
    distances, positive, negative = _pairwise(anchors, positives, sequences)
    n = len(anchors)
    pushed = (margin - distances).masked_fill(~negative, -torch.inf).logsumexp(dim=1)
    pairs = torch.logaddexp(pushed[:n], pushed[n:]) + (distances * positive).sum(dim=1)[:n]
    return F.relu(pairs).square().mean() / 2


def tcc(
    first: Float[Tensor, "b n d"],
    second: Float[Tensor, "b m d"],
    times: Float[Tensor, "b n"],
    temperature: float = 0.1,
    variance_weight: float = 1e-3,
) -> Scalar:
    """Temporal cycle consistency, cycle-back regression (Dwibedi et al. 2019, Eqs. 4 to 6).

    A moment of the first sequence goes to its soft nearest neighbour in the second, and from there
    back; where it arrives, as a distribution over times, should be where it came from. The
    sequences need not be synchronised.

    Args:
        first: Embeddings of moments of the first sequences.
        second: Embeddings of moments of the second ones.
        times: Times of the moments of the first sequences, 0 at the start to 1 at the end.
        temperature: Temperature of both softmaxes, on squared distances. (Theirs is on squared
            distances a dimension; here embeddings have length 1, whatever their dimension.)
        variance_weight: Weight of the logarithm of the variance (lambda).
    """
    alpha = (-_squared(first, second) / temperature).softmax(dim=2)
    neighbours = alpha @ second
    beta = (-_squared(neighbours, first) / temperature).softmax(dim=2)
    arrival = (beta * times[:, None]).sum(dim=2)
    variance = (beta * (times[:, None] - arrival[:, :, None]).square()).sum(dim=2)
    log_variance = (variance + LEAST_VARIANCE).log()
    return (
        (times - arrival).square() * (-log_variance).exp() + variance_weight * log_variance
    ).mean()


def _squared(a: Float[Tensor, "b n d"], b: Float[Tensor, "b m d"]) -> Float[Tensor, "b n m"]:
    """Squared distances, without the root, whose gradient at 0 is none."""
    cross = a @ b.transpose(1, 2)
    return a.square().sum(dim=2)[:, :, None] + b.square().sum(dim=2)[:, None] - 2 * cross


def _apart(logits: Float[Tensor, "n n"], sequences: Sequences) -> Float[Tensor, "n n"]:
    """Logits in which rows of other sequences are no choice."""
    if sequences is None:
        return logits
    return logits.masked_fill(sequences[:, None] != sequences, -torch.inf)


def _diagonal_cross_entropy(logits: Float[Tensor, "n n"]) -> Scalar:
    return F.cross_entropy(logits, torch.arange(len(logits), device=logits.device))


def _pairwise(
    anchors: Embeddings, positives: Embeddings, sequences: Sequences
) -> tuple[Float[Tensor, "m m"], Bool[Tensor, "m m"], Bool[Tensor, "m m"]]:
    """Distances of anchors and positives, all to all; which are positives, which negatives."""
    n = len(anchors)
    every = torch.cat([anchors, positives])
    moments = torch.arange(n, device=every.device).repeat(2)
    same = moments[:, None] == moments
    itself = torch.eye(2 * n, dtype=torch.bool, device=every.device)
    negative = ~same
    if sequences is not None:
        both = sequences.repeat(2)
        negative = negative & (both[:, None] == both)
    squared = _squared(every[None], every[None])[0].clamp(min=0)
    # The root's gradient at 0 is infinite: it is taken where there is a distance.
    distances = torch.where(squared > 0, squared, 1).sqrt() * (squared > 0)
    return distances, same & ~itself, negative
