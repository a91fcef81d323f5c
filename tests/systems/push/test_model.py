from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import tiny_push
from saccade.systems.push.config import NETWORKS, PushConfig
from saccade.systems.push.model import (
    HEIGHT_SCALE,
    DenseNetReward,
    HourglassReward,
    PushMask,
    RotatingReward,
    build_reward_network,
    rotate_maps,
)
from saccade.systems.push.network_sizes import PAPER_MASK, PAPER_REWARD


@pytest.mark.parametrize("network", [n for n in NETWORKS if n != "glimpse"])
def test_every_network_values_every_push(network: str) -> None:
    torch.manual_seed(0)
    config = PushConfig(
        network=next(n for n in NETWORKS if n == network),
        hourglass=tiny_push.HOURGLASS,
        densenet=tiny_push.DENSENET,
    )
    net = build_reward_network(config).eval()
    with torch.no_grad():
        q = net(torch.rand(2, 1, 64, 64) * 0.1)
    assert q.shape == (2, 16, 64, 64)
    assert torch.isfinite(q).all()
    assert (q[0] - q[1]).abs().max() > 0  # the scene matters


def test_the_mask_answers_logits_of_every_push() -> None:
    assert PushMask(tiny_push.HOURGLASS)(torch.rand(2, 1, 32, 32)).shape == (2, 16, 32, 32)


def test_the_papers_networks_have_their_published_sizes() -> None:
    mask = sum(p.numel() for p in PushMask(PAPER_MASK).parameters())
    reward = sum(p.numel() for p in HourglassReward(PAPER_REWARD, None).parameters())
    assert mask == pytest.approx(0.42e6, rel=0.02)
    assert reward == pytest.approx(1.56e6, rel=0.02)


def test_position_channels_by_hand() -> None:
    """HGlassN-Pos sees, besides the height, how far each pixel is from p_box = (168, 0)."""
    net = build_reward_network(PushConfig(network="hourglass-pos", hourglass=tiny_push.HOURGLASS))
    assert isinstance(net, HourglassReward)
    seen = []
    net.hourglass.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    heights = torch.rand(1, 1, 224, 224)
    with torch.no_grad():
        net(heights)
    x = seen[0]
    assert x.shape == (1, 3, 224, 224)
    torch.testing.assert_close(x[:, :1], heights * HEIGHT_SCALE)
    row, col = x[0, 1], x[0, 2]
    assert row[168, 5] == 0 and col[100, 0] == 0
    assert row[0, 7].item() == pytest.approx(-168 / 224)
    assert row[223, 9].item() == pytest.approx(55 / 224)
    assert col[3, 56].item() == pytest.approx(0.25)


def test_one_prediction_of_the_densenet_covers_a_coarse_cell() -> None:
    """Twice the resolution in, the trunk's stride down: 8 pixels a prediction here."""
    torch.manual_seed(0)
    net = DenseNetReward(tiny_push.DENSENET).eval()
    assert tiny_push.DENSENET.stride == 8
    with torch.no_grad():
        coarse = net.head(net.trunk.features(torch.rand(1, 1, 64, 64)))
    assert coarse.shape == (1, 16, 8, 8)


@pytest.mark.parametrize("k", [0, 4, 8, 12])
def test_rotating_by_a_direction_turns_it_to_the_right(k: int) -> None:
    """A bright spot ahead of the centre, along direction k, ends to the right of the centre."""
    maps = torch.zeros(1, 1, 32, 32)
    angle = 2 * math.pi * k / 16
    row, col = 15.5 + 8.5 * math.sin(angle), 15.5 + 8.5 * math.cos(angle)
    for r in (math.floor(row), math.ceil(row)):
        for c in (math.floor(col), math.ceil(col)):
            maps[0, 0, r, c] = 1.0
    turned = rotate_maps(maps, torch.tensor([angle]))[0, 0]
    rows, cols = torch.nonzero(turned > 0.4).float().mean(dim=0).tolist()
    assert rows == pytest.approx(15.5, abs=0.1) and cols == pytest.approx(24.0, abs=0.1)


def test_rotating_there_and_back_keeps_the_interior() -> None:
    rows, cols = np.mgrid[:48, :48] / 8
    maps = torch.from_numpy(np.sin(rows) + np.cos(cols)).float()[None, None]
    angle = torch.tensor([0.3927])
    again = rotate_maps(rotate_maps(maps, angle), -angle)
    torch.testing.assert_close(again[..., 14:34, 14:34], maps[..., 14:34, 14:34], atol=0.02, rtol=0)


def test_turning_the_scene_by_a_quarter_permutes_the_directions() -> None:
    """The rotating form is equivariant by construction: Q'[k + 4] is Q[k], turned."""
    torch.manual_seed(0)
    net = RotatingReward(tiny_push.DENSENET).eval()
    scene = torch.zeros(1, 1, 64, 64)
    scene[0, 0, 20:34, 26:30] = 0.05
    scene[0, 0, 40:44, 30:50] = 0.03
    turned = scene.transpose(2, 3).flip(3)  # (row, col) -> (col, 63 - row): +col turns to +row
    with torch.no_grad():
        q, q_turned = net(scene), net(turned)
    expected = torch.roll(q, 4, dims=1).transpose(2, 3).flip(3)
    inner = (..., slice(14, 50), slice(14, 50))
    torch.testing.assert_close(q_turned[inner], expected[inner], atol=1e-5, rtol=1e-4)
    assert (q_turned - q)[inner].abs().max() > 1e-3  # not because nothing depends on anything


def test_each_map_can_be_valued_along_its_own_direction() -> None:
    torch.manual_seed(0)
    net = RotatingReward(tiny_push.DENSENET).eval()
    scenes, directions = torch.rand(3, 1, 32, 32) * 0.05, torch.tensor([5, 0, 14])
    with torch.no_grad():
        along, everywhere = net.along(scenes, directions), net(scenes)
    assert along.shape == (3, 1, 32, 32)
    torch.testing.assert_close(along[:, 0], everywhere[torch.arange(3), directions])
