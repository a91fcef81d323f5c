"""The light trunk: its sizes, and that no image changes another's features."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import UserInputError
from saccade.networks.light_trunk import LightTrunk, LightTrunkConfig


def drawn(n: int) -> torch.Tensor:
    return torch.randn(n, 3, 96, 96, generator=torch.Generator().manual_seed(1))


def test_sizes() -> None:
    config = LightTrunkConfig()
    network = LightTrunk(config).eval()
    # 5 x 5 from 3 to 32; 3 x 3 to 64, and there once more; 3 x 3 to 128, and there once more.
    convolutions = 32 * 75 + 64 * 288 + 64 * 576 + 128 * 576 + 128 * 1152
    rest = 3 * (32 + 64 + 64 + 128 + 128)  # a bias, a scale and a shift of each
    assert sum(p.numel() for p in network.parameters()) == convolutions + rest
    with torch.no_grad():
        assert network(drawn(2)).shape == (2, config.out_channels, 12, 12)
        assert network(torch.zeros(1, 3, 100, 41)).shape == (1, 128, 13, 6)
    assert (config.out_channels, config.stride) == (128, 8)


def test_a_residual_convolution_adds_to_its_input() -> None:
    network = LightTrunk(LightTrunkConfig(widths=(8,), blocks=(1,)))
    x = drawn(1)
    state = network.state_dict()

    def group_norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.group_norm(x, 1, state[f"{name}.norm.weight"], state[f"{name}.norm.bias"])

    first = F.conv2d(x, state["layers.0.conv.weight"], state["layers.0.conv.bias"], 2, 2)
    first = F.relu(group_norm(first, "layers.0"))
    name = "layers.1.added"
    added = F.conv2d(first, state[f"{name}.conv.weight"], state[f"{name}.conv.bias"], padding=1)
    expected = F.relu(first + group_norm(added, name))
    torch.testing.assert_close(network(x), expected)


def test_no_image_changes_anothers_features_even_in_training() -> None:
    network = LightTrunk().train()
    images = drawn(3)
    with torch.no_grad():
        together, alone = network(images), network(images[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-4)


def test_the_start_comes_from_the_generator() -> None:
    first, second, other = (
        LightTrunk(generator=torch.Generator().manual_seed(seed)).state_dict() for seed in (3, 3, 4)
    )
    name = "layers.1.conv.weight"
    assert torch.equal(first[name], second[name])
    assert not torch.equal(first[name], other[name])


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserInputError, match="a number of blocks for each width"):
        LightTrunkConfig(widths=(8, 8), blocks=(1,))
    with pytest.raises(UserInputError, match="blocks are"):
        LightTrunkConfig(widths=(8,), blocks=(-1,))
    with pytest.raises(UserInputError, match="expected one of batch, group"):
        LightTrunkConfig(norm="layer")  # pyright: ignore[reportArgumentType]
