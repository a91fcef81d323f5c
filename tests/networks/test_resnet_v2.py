"""ResNet-50 V2 against the published size and names, and a literal block."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from saccade.networks.resnet_v2 import ResNetV2Trunk


def test_size_and_names_of_timm() -> None:
    with torch.device("meta"):
        network = ResNetV2Trunk().eval()
    # The published network has a last norm and a classifier of 1,000 classes besides.
    whole = sum(p.numel() for p in network.parameters()) + 2 * 2048 + 2048 * 1000 + 1000
    assert whole == 25_549_352
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert shapes["stem.conv.weight"] == (64, 3, 7, 7)
    assert shapes["stages.0.blocks.0.norm1.running_mean"] == (64,)
    assert shapes["stages.0.blocks.0.downsample.conv.weight"] == (256, 64, 1, 1)
    assert shapes["stages.2.blocks.5.conv2.weight"] == (256, 256, 3, 3)
    assert shapes["stages.3.blocks.2.conv3.weight"] == (2048, 512, 1, 1)
    assert "stages.1.blocks.1.downsample.conv.weight" not in shapes


def test_map_sizes() -> None:
    network = ResNetV2Trunk().eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 299, 299)).shape == (1, 2048, 10, 10)
        assert network(torch.zeros(1, 3, 96, 96)).shape == (1, 2048, 3, 3)


def test_a_block_normalises_before_it_convolves() -> None:
    network = ResNetV2Trunk(torch.Generator().manual_seed(0)).eval()
    generator = torch.Generator().manual_seed(1)
    block = "stages.1.blocks.0"
    for name, value in network.state_dict().items():
        if name.startswith(block) and ".norm" in name and value.dim():
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    state = network.state_dict()

    def activated(x: Tensor, name: str) -> Tensor:
        keys = ("running_mean", "running_var", "weight", "bias")
        parts = (state[f"{block}.{name}.{key}"][:, None, None] for key in keys)
        mean, variance, scale, shift = parts
        return F.relu((x - mean) / (variance + 1e-5).sqrt() * scale + shift)

    def weight(name: str) -> Tensor:
        return state[f"{block}.{name}.weight"]

    x = torch.randn(2, 256, 7, 6, generator=generator)
    first = activated(x, "norm1")
    y = activated(F.conv2d(first, weight("conv1")), "norm2")
    y = activated(F.conv2d(y, weight("conv2"), stride=2, padding=1), "norm3")
    expected = F.conv2d(first, weight("downsample.conv"), stride=2) + F.conv2d(y, weight("conv3"))
    with torch.no_grad():
        found = network.get_submodule(block)(x)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert (found < 0).any()
