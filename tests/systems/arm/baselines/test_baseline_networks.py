from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from saccade.errors import UserInputError
from saccade.systems.arm.baselines.config import PAPER_BASELINE, BaselineConfig
from saccade.systems.arm.baselines.networks import AutoEncoder, Fusion, ViewActor, ViewCritic
from saccade.systems.arm.off_policy.config import RowConfig

SMALL = BaselineConfig(rows=RowConfig(view=16, crop=8), stem=4, actor=8, critic=8, units=8)


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_the_papers_actor_and_critic_have_these_many_parameters() -> None:
    norm, dense = 2, 64 * 64 + 64
    convs = (74 * 9 + 1) * 64 + 2 * (64 * 9 + 1) * 64 + 3 * norm * 64
    actor = ViewActor(Fusion(PAPER_BASELINE), 10, PAPER_BASELINE)
    assert sum(p.numel() for p in actor.parameters()) == convs + 2 * dense + 64 * 8 + 8
    blocks = (82 * 9 + 1) * 128 + 5 * (128 * 9 + 1) * 128 + 6 * norm * 128
    shortcuts = (82 + 1) * 128 + 2 * (128 + 1) * 128
    head = (128 + 1) * 64 + dense + 64 + 1
    critic = ViewCritic(Fusion(PAPER_BASELINE), 10, PAPER_BASELINE)
    assert sum(p.numel() for p in critic.parameters()) == blocks + shortcuts + head


def test_the_shared_maps_are_as_large_as_the_view() -> None:
    assert Fusion(SMALL)(random(2, 6, 16, 16)).shape == (2, 8, 16, 16)


def test_a_view_is_compressed_to_numbers_and_drawn_again() -> None:
    network = AutoEncoder(replace(SMALL, method="sac-ae", latent=5))
    numbers = network(random(2, 6, 16, 16))
    assert numbers.shape == (2, 5, 1, 1) and numbers.abs().max() < 1
    assert network.reconstruct(numbers).shape == (2, 6, 16, 16)


def test_a_view_that_cannot_be_halved_thrice_is_refused() -> None:
    with pytest.raises(UserInputError, match="view is 20 pixels; expected a multiple of 8"):
        BaselineConfig(rows=RowConfig(view=20))
    with pytest.raises(UserInputError, match="method is 'bcc'; expected one of bc, sac"):
        BaselineConfig(method="bcc")  # pyright: ignore[reportArgumentType]
