"""The loss of a batch of pairs, whichever it is."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.systems.smak.batches import Pairs
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.losses import (
    lifted_structured,
    n_pairs,
    n_pairs_cosine,
    tcc,
    triplet_semi_hard,
)

Embeddings = Float[Tensor, "n d"]


def objective(
    anchors: Embeddings, positives: Embeddings, pairs: Pairs, config: SmakConfig
) -> Float[Tensor, ""]:
    """The loss that the settings name.

    Args:
        anchors: Embeddings of the pairs' anchors.
        positives: Embeddings of their positives.
        pairs: The pairs.
        config: The settings.
    """
    loss, kind = config.loss, config.loss.of(config.model.method)
    if kind == "tcc":
        return _cycle_consistency(anchors, positives, pairs, config)
    apart = None if config.batch.across else torch.from_numpy(pairs.sequences).to(anchors.device)
    if kind == "n-pairs":
        return n_pairs(anchors, positives, apart, loss.length_penalty)
    if kind == "triplet":
        return triplet_semi_hard(anchors, positives, apart, loss.margin)
    if kind == "lifted":
        return lifted_structured(anchors, positives, apart, loss.lifted_margin)
    return n_pairs_cosine(anchors, positives, apart, loss.temperature, loss.symmetric)


def has_chance(config: SmakConfig) -> bool:
    """Whether embeddings that are all alike cost ln N, N being the candidates of an anchor."""
    return config.loss.of(config.model.method) in ("n-pairs", "cosine")


def _cycle_consistency(
    anchors: Embeddings, positives: Embeddings, pairs: Pairs, config: SmakConfig
) -> Float[Tensor, ""]:
    """TCC from each sequence to the next one of the batch, and to its own other view if alone."""
    each = (config.batch.sequences, config.batch.moments)
    first, second = anchors.unflatten(0, each), positives.unflatten(0, each)
    times = torch.from_numpy(pairs.times).to(anchors).view(each)
    loss = config.loss
    return tcc(first, second.roll(1, dims=0), times, loss.tcc_temperature, loss.tcc_variance)
