from __future__ import annotations

import pytest
import torch

from saccade.errors import UserInputError
from saccade.systems.arm.paper_method.q_attention.config import PAPER_Q_ATTENTION, QAttentionConfig
from saccade.systems.arm.paper_method.q_attention.network import QAttentionNetwork, TwinQAttention


def test_figure_2_has_this_many_parameters() -> None:
    stems = 2 * (3 * 7 * 7 * 8 + 8)
    fuse = 16 * 8 + 8
    down = 2 * (8 * 25 * 8 + 8)
    up = 2 * (16 * 25 * 8 + 8)
    head = 8 * 9 * 1 + 1
    network = QAttentionNetwork(PAPER_Q_ATTENTION)
    assert sum(p.numel() for p in network.parameters()) == stems + fuse + down + up + head


@pytest.mark.parametrize("fold", [1, 2, 4])
def test_one_q_a_pixel_at_every_fold(fold: int) -> None:
    config = QAttentionConfig(fold=fold, channels=4)
    images = torch.randn(2, 6, 32, 32, generator=torch.Generator().manual_seed(0))
    assert QAttentionNetwork(config)(images).shape == (2, 32, 32)


@pytest.mark.parametrize("fold", [1, 2])
def test_q_moves_with_the_image(fold: int) -> None:
    # Folding and two halvings repeat every 4 fold pixels; away from the border nothing else does.
    config = QAttentionConfig(fold=fold, channels=4, stem_kernel=3)
    network = TwinQAttention(config, torch.Generator().manual_seed(0))
    images = torch.zeros(2, 6, 128, 128)
    images[0, :, 60:66, 56:60] = 1.0
    images[1] = images[0].roll((8, -8), dims=(1, 2))
    with torch.no_grad():
        first, second = network(images)
    assert torch.allclose(first.roll((8, -8), dims=(0, 1)), second, atol=1e-5)


def test_the_smaller_of_the_twins_counts() -> None:
    network = TwinQAttention(QAttentionConfig(channels=4), torch.Generator().manual_seed(0))
    images = torch.randn(3, 6, 16, 16, generator=torch.Generator().manual_seed(1))
    first, second = network.both(images)
    assert not torch.equal(first, second)
    assert torch.equal(network(images), torch.where(first < second, first, second))


def test_a_view_that_cannot_be_halved_twice_is_refused() -> None:
    with pytest.raises(UserInputError, match="view is 60 pixels; expected a multiple of 8"):
        QAttentionConfig(fold=2).check_view(60)
    with pytest.raises(UserInputError, match="stem_kernel is 4; expected an odd number"):
        QAttentionConfig(stem_kernel=4)
