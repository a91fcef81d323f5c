"""Every tensor of a loss lies on the network's device: "meta" refuses to mix, as a GPU does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType
from typing import Any, cast

import numpy as np
import pytest
import torch

import tiny_push
from saccade.data.push_episodes import PushEpisode
from saccade.systems.push import train_mask, train_value
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import Network
from saccade.systems.push.map_samples import map_samples
from saccade.training.fit import Batch

META = torch.device("meta")
Loss = Callable[[np.random.Generator, int], Batch]


def losses_of(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> list[Loss]:
    """The losses that a module asks to descend, in place of the descents."""
    losses: list[Loss] = []
    monkeypatch.setattr(
        module, "fit", lambda session, stage, network, loss, *_: losses.append(loss)
    )
    monkeypatch.setattr(module, "reduced", lambda *_: nullcontext())  # unknown to "meta"
    return losses


@pytest.mark.parametrize(
    ("network", "gamma"),
    [("hourglass", 0.0), ("hourglass-pos", 0.4), ("densenet", 0.0), ("densenet-rotate", 0.0)],
)
def test_the_reward_networks_loss(
    episodes: list[PushEpisode], monkeypatch: pytest.MonkeyPatch, network: Network, gamma: float
) -> None:
    losses = losses_of(monkeypatch, train_value)
    config = tiny_push.tiny_config(network, "edge", gamma)
    learner = train_value.make_learner(config, 0, Attention(config, None, 0.5), META)
    learner.add(episodes)
    learner.fit(cast(Any, None), "offline", cast(Any, None), 2, 0)
    assert losses[0](np.random.default_rng(0), 0).loss.device == META


def test_glimpse_qs_loss(episodes: list[PushEpisode], monkeypatch: pytest.MonkeyPatch) -> None:
    losses = losses_of(monkeypatch, train_value)
    config = tiny_push.tiny_config()
    learner = train_value.make_learner(config, 0, Attention(config, None, 0.5), META)
    learner.add(episodes)
    learner.fit(cast(Any, None), "offline", cast(Any, None), 2, 0)
    with pytest.raises(RuntimeError, match=r"item\(\) cannot be called on meta"):  # the metrics
        losses[0](np.random.default_rng(0), 0)


def test_push_masks_losses(episodes: list[PushEpisode], monkeypatch: pytest.MonkeyPatch) -> None:
    losses = losses_of(monkeypatch, train_mask)
    config, samples = tiny_push.tiny_config().mask, map_samples(episodes, (0.0, 0.0))
    train_mask.train_mask(cast(Any, None), config, samples, 0, "float32", META)
    devices = [loss(np.random.default_rng(0), 0).loss.device for loss in losses]
    assert devices == [META, META]
