"""The loss that the settings name is the one that is computed, sequence by sequence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from saccade.systems.smak.batches import BatchConfig, Pairs
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.losses import n_pairs_cosine, tcc
from saccade.systems.smak.objective import has_chance, objective

BATCH = BatchConfig(pairs=12, sequences=3)


def drawn() -> tuple[torch.Tensor, torch.Tensor, Pairs]:
    rng = np.random.default_rng(0)
    anchors, positives = (torch.from_numpy(rng.normal(size=(12, 5))).float() for _ in range(2))
    frames = np.zeros((12, 1, 2, 2, 3), np.uint8)
    times = np.tile(np.linspace(0, 1, 4), 3)
    return anchors, positives, Pairs(frames, frames, np.repeat([4, 7, 9], 4), times)


def test_negatives_are_of_the_same_sequence_unless_they_are_across(config: SmakConfig) -> None:
    anchors, positives, pairs = drawn()
    config = replace(config, batch=BATCH)
    within = objective(anchors, positives, pairs, config)
    parts = [
        n_pairs_cosine(anchors[i : i + 4], positives[i : i + 4], None, 0.2, True) for i in (0, 4, 8)
    ]
    torch.testing.assert_close(within, torch.stack(parts).mean())
    across = objective(
        anchors, positives, pairs, replace(config, batch=replace(BATCH, across=True))
    )
    torch.testing.assert_close(across, n_pairs_cosine(anchors, positives, None, 0.2, True))


def test_cycles_go_to_the_next_sequence(config: SmakConfig) -> None:
    anchors, positives, pairs = drawn()
    config = replace(config, batch=BATCH, model=replace(config.model, method="tcc"))
    first, second = anchors.view(3, 4, 5), positives.view(3, 4, 5)[[2, 0, 1]]
    times = torch.from_numpy(pairs.times).float().view(3, 4)
    expected = tcc(first, second, times, 0.1, 1e-3)
    torch.testing.assert_close(objective(anchors, positives, pairs, config), expected)
    assert not has_chance(config)


@pytest.mark.parametrize("kind", ["n-pairs", "triplet", "lifted", "cosine"])
def test_losses_have_gradients(config: SmakConfig, kind: str) -> None:
    anchors, positives, pairs = drawn()
    anchors.requires_grad_()
    config = replace(config, batch=BATCH, loss=replace(config.loss, kind=kind))
    objective(anchors, positives, pairs, config).backward()
    assert anchors.grad is not None and anchors.grad.abs().sum() > 0
    assert has_chance(config) == (kind in ("n-pairs", "cosine"))
