"""Whether an embedding has collapsed: all frames alike, or told apart by one number alone.

Learned from nothing with the paper's literal recipe it does: the loss comes to rest at ln N, that
of N candidates which are all alike, and from there no gradient leads away.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

CHANCE_SHARE = 0.98
"""Share of the chance loss above which nothing is learned: later losses are far below it."""
LEAST_SPREAD = 0.05
"""Spread below which embeddings are all but one point."""
LEAST_RANK = 1.5
"""Effective rank below which embeddings are all but on a line."""


def spread(embeddings: Float[Tensor, "n d"]) -> float:
    """How far embeddings are from being one point, from 0 to 1.

    It is the root mean square distance from their mean, over their root mean square length: 0 where
    all are alike, 1 where their mean is 0.
    """
    found = embeddings.detach().double()
    length = found.square().sum(dim=1).mean().sqrt()
    around = (found - found.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    return float(around / length) if length > 0 else 0.0


def effective_rank(embeddings: Float[Tensor, "n d"]) -> float:
    """Number of directions that embeddings spread over (Roy and Vetterli 2007), 0 for one point.

    It is the exponential of the entropy of their singular values, around their mean.
    """
    found = embeddings.detach().double()
    values = torch.linalg.svdvals(found - found.mean(dim=0))
    if values[0] <= 1e-9 * found.norm():
        return 0.0
    share = values / values.sum()
    return float(torch.special.entr(share).sum().exp())


def chance_loss(candidates: int) -> float:
    """The N-pairs loss of embeddings that are all alike: ln N for N candidates."""
    return math.log(candidates)


def collapse_warnings(
    spread: float, rank: float, loss: float | None = None, candidates: int = 0
) -> list[str]:
    """Lines that say what has collapsed and what to change; none where nothing has.

    Args:
        spread: Spread of recent embeddings.
        rank: Their effective rank.
        loss: Recent mean of an N-pairs loss; None for other losses.
        candidates: Number of positives among which each anchor finds its own (N).
    """
    found = []
    if loss is not None and loss > CHANCE_SHARE * chance_loss(candidates):
        found.append(
            f"the loss is {loss:.3f}, and ln {candidates} = {chance_loss(candidates):.3f} is that "
            "of frames that all look alike: lower fit.learning-rate, weaken augment, set "
            "loss.kind cosine, batch.times stratified and batch.shuffled no"
        )
    if spread < LEAST_SPREAD:
        found.append(
            f"the embeddings are all but one point (spread {spread:.3f}): lower "
            "fit.learning-rate, weaken augment, or set loss.kind cosine"
        )
    elif rank < LEAST_RANK:
        found.append(
            f"the embeddings lie all but on a line (effective rank {rank:.1f}): lower "
            "loss.temperature, or learn from more sequences"
        )
    return found
