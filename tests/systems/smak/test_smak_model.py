"""The networks: published numbers of parameters, a literal forward pass, and what leaves them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from saccade.networks.light_trunk import LightTrunkConfig
from saccade.systems.smak.model import EmbeddingNetwork, with_motion
from saccade.systems.smak.model_config import (
    METHODS,
    RESNET_HEAD,
    Method,
    ModelConfig,
    SmakHeadConfig,
    TccHeadConfig,
    TcnHeadConfig,
    TrunkConfig,
)
from saccade.systems.smak.peers import SpatialSoftArgmax, TccHead, TcnHead
from saccade.systems.smak.smak_head import SmakHead

TINY = ModelConfig(
    trunk=TrunkConfig(light=LightTrunkConfig(widths=(8, 16), blocks=(0, 1))),
    smak=SmakHeadConfig(widths=(8, 12, 16, 8)),
    tcn=TcnHeadConfig(widths=(8, 8), hidden=16),
    tcc=TccHeadConfig(widths=(8, 8), hidden=(16,)),
    size=6,
)
IMAGENET_CHANNELS = 288
"""Feature maps of Mixed_5d."""


def learned(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def seen(n: int, frames: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.randint(0, 256, (n, frames, 3, 32, 40), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize(
    ("config", "channels", "published", "exact"),
    [
        (SmakHeadConfig(), IMAGENET_CHANNELS, 1082, 1_082_368),
        (SmakHeadConfig(extended=True), IMAGENET_CHANNELS, 1580, 1_580_480),
        (SmakHeadConfig(normalisation="softmax"), IMAGENET_CHANNELS, 1082, 1_082_368),
        (RESNET_HEAD, 2048, 1080, 1_080_096),
    ],
)
def test_parameters_of_table_1(
    config: SmakHeadConfig, channels: int, published: int, exact: int
) -> None:
    found = learned(SmakHead(channels, config))
    assert found == exact
    assert found // 1000 == published


def test_parameters_of_tcn() -> None:
    assert learned(TcnHead(IMAGENET_CHANNELS, TcnHeadConfig())) == pytest.approx(5.85e6, rel=1e-3)


def test_levels_of_299_pixels() -> None:
    head = SmakHead(IMAGENET_CHANNELS, SmakHeadConfig()).eval()
    with torch.no_grad():
        found = head.attend(torch.zeros(1, IMAGENET_CHANNELS, 35, 35))
    assert found.embedding.shape == (1, 32)
    assert [tuple(level.shape) for level in found.maps] == [(1, 35, 35), (1, 18, 18), (1, 9, 9)]


@pytest.mark.parametrize("levels", [(1, 2), (1, 3), (2, 3), (1, 2, 3)])
@pytest.mark.parametrize("normalisation", ["sigmoid", "softmax", "none"])
def test_the_head_is_figure_2(levels: tuple[int, ...], normalisation: str) -> None:
    config = SmakHeadConfig(levels=levels, normalisation=normalisation, widths=(8, 12, 16, 8))  # pyright: ignore[reportArgumentType]
    head = SmakHead(6, config, "batch", 5, torch.Generator().manual_seed(1)).eval()
    for name, value in head.state_dict().items():
        if name.endswith(("norm.bias", "running_mean")):
            value.normal_(generator=torch.Generator().manual_seed(2))
    state = head.state_dict()
    maps = torch.randn(3, 6, 10, 12, generator=torch.Generator().manual_seed(3))
    embedding, weights = literal_head(maps, state, levels, normalisation)
    with torch.no_grad():
        found = head.attend(maps)
        torch.testing.assert_close(found.embedding, embedding, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(head(maps), embedding, rtol=1e-4, atol=1e-5)
    for level, expected in zip(found.maps, weights, strict=True):
        torch.testing.assert_close(level, expected, rtol=1e-4, atol=1e-5)


def literal_head(
    maps: Tensor, state: dict[str, Tensor], levels: tuple[int, ...], normalisation: str
) -> tuple[Tensor, list[Tensor]]:
    """L1 of one convolution, L2, L3 and g of two, the first of which halves the size."""
    found = []
    for level, (count, stride) in enumerate(((1, 1), (2, 2), (2, 2), (2, 2))):
        for number in range(count):
            name = f"levels.{level}.{number}"
            maps = F.conv2d(
                maps, state[f"{name}.conv.weight"], stride=stride if number == 0 else 1, padding=1
            )
            mean, shift = (state[f"{name}.norm.{key}"] for key in ("running_mean", "bias"))
            maps = (maps - mean[:, None, None]) / 1.00001**0.5 + shift[:, None, None]
            maps = maps.clamp(min=0)
        found.append(maps)
    g = found[3].mean(dim=(2, 3))
    vectors, weights = [], []
    for level in levels:
        local = F.conv2d(found[level - 1], state[f"attention.{level}.project.weight"])
        weight = torch.ones_like(local[:, 0])
        if normalisation != "none":
            u = state[f"attention.{level}.u"]
            scores = ((local + g[:, :, None, None]) * u[:, None, None]).sum(dim=1)
            weight = scores.sigmoid()
            if normalisation == "softmax":
                weight = scores.exp() / scores.exp().sum(dim=(1, 2), keepdim=True)
        total = (local * weight[:, None]).sum(dim=(2, 3))
        vectors.append(total if normalisation == "softmax" else total / weight[0].numel())
        weights.append(weight)
    return torch.cat(vectors, 1) @ state["embed.weight"].T + state["embed.bias"], weights


def test_soft_argmax_finds_a_bright_cell() -> None:
    maps = torch.zeros(1, 2, 3, 5)
    maps[0, 0, 2, 1] = 50.0
    maps[0, 1, 0, 4] = 50.0
    points, weights = SpatialSoftArgmax()(maps)
    # x of both maps, then y of both: column 1 of 5 is -0.5, row 2 of 3 is 1.
    torch.testing.assert_close(points, torch.tensor([[-0.5, 1.0, 1.0, -1.0]]))
    assert weights[0, 0, 2, 1].item() == pytest.approx(1.0)


def test_the_map_of_tcc_says_where_its_maxima_are() -> None:
    head = TccHead(3, TccHeadConfig(widths=(4,), hidden=(8,))).eval()
    maps = torch.randn(2, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = head.attend(maps)
        torch.testing.assert_close(found.embedding, head(maps))
        convolved = head.convolutions(maps)
    assert found.maps[0].sum(dim=(1, 2)).tolist() == pytest.approx([1.0, 1.0])
    place = int(convolved[0, 0].argmax())
    assert found.maps[0][0].flatten()[place] >= 1 / 4


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("frames", [1, 3])
def test_every_method_embeds_and_attends_alike(method: Method, frames: int) -> None:
    network = EmbeddingNetwork(replace(TINY, method=method, frames=frames)).eval()
    images = seen(4, frames)
    with torch.no_grad():
        embedding = network(images)
        attended = network.attend(images)
        kept = network.embed_features(network.features(images))
    assert embedding.shape == (4, 6)
    torch.testing.assert_close(attended.embedding, embedding)
    torch.testing.assert_close(kept, embedding)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(4))
    assert len(attended.maps) == (3 if method == "smak" else 1)
    assert all(level.shape[0] == 4 for level in attended.maps)


@pytest.mark.parametrize("method", METHODS)
def test_every_weight_learns(method: Method) -> None:
    network = EmbeddingNetwork(replace(TINY, method=method, unit_length=False))
    network(seen(8)).square().sum().backward()
    still = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not still


def test_no_frame_changes_anothers_embedding_even_in_training() -> None:
    network = EmbeddingNetwork(TINY).train()
    images = seen(4)
    with torch.no_grad():
        torch.testing.assert_close(network(images)[2:3], network(images[2:3]), rtol=1e-4, atol=1e-5)


def test_frames_of_bytes_and_of_shares_are_one() -> None:
    network = EmbeddingNetwork(TINY).eval()
    with torch.no_grad():
        torch.testing.assert_close(network(seen(2)), network(seen(2) / 255), rtol=1e-4, atol=1e-5)


def test_motion_is_the_change_since_earlier_frames() -> None:
    features = torch.arange(2 * 3 * 2, dtype=torch.float32).view(2, 3, 2, 1, 1).square()
    expected = torch.stack([torch.cat([f[2], f[2] - f[0], f[2] - f[1]]) for f in features])
    torch.testing.assert_close(with_motion(features), expected)
    torch.testing.assert_close(with_motion(features[:, 2:]), features[:, 2])


def test_a_frozen_trunk_keeps_its_weights_and_statistics() -> None:
    trunk = replace(TINY.trunk, frozen=True, light=replace(TINY.trunk.light, norm="batch"))
    network = EmbeddingNetwork(replace(TINY, trunk=trunk)).train()
    before = {name: value.clone() for name, value in network.trunk.state_dict().items()}
    descent = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], 0.1)
    network(seen(4)).sum().backward()
    descent.step()
    assert all(torch.equal(before[n], v) for n, v in network.trunk.state_dict().items())


def test_the_start_comes_from_the_generator() -> None:
    first, second = (EmbeddingNetwork(TINY, torch.Generator().manual_seed(7)) for _ in range(2))
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
