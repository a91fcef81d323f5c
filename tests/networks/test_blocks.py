"""Blocks against their formulas, padding, folding of norms, random start."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import UserInputError
from saccade.networks.blocks import Basic, Bottleneck, ConvNorm, fold_norms, initialise, make_norm
from saccade.networks.hourglass import Hourglass, HourglassConfig


def settle(network: torch.nn.Module) -> None:
    """Gives every norm weights and running statistics that are not those of the start."""
    generator = torch.Generator().manual_seed(5)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.GroupNorm):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            torch.nn.init.uniform_(module.bias, -0.5, 0.5, generator=generator)
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5, generator=generator)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5, generator=generator)


def norm_of(module: ConvNorm, x: torch.Tensor) -> torch.Tensor:
    """Batch normalisation at inference, written out."""
    norm = module.norm
    assert isinstance(norm, torch.nn.BatchNorm2d)
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None
    assert variance is not None
    scale = norm.weight / (variance + norm.eps).sqrt()
    return scale[:, None, None] * (x - mean[:, None, None]) + norm.bias[:, None, None]


def test_bottleneck_is_its_formula():
    block = Bottleneck(4, 6).eval()
    settle(block)
    x = torch.randn(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    reduce, spatial, expand = block.reduce.conv, block.spatial.conv, block.expand.conv
    middle = F.relu(norm_of(block.reduce, F.conv2d(x, reduce.weight, reduce.bias)))
    assert middle.shape[1] == 2
    padded = F.pad(middle, (1, 1, 1, 1), mode="replicate")
    middle = F.relu(norm_of(block.spatial, F.conv2d(padded, spatial.weight, spatial.bias)))
    residual = norm_of(block.expand, F.conv2d(middle, expand.weight, expand.bias))
    assert isinstance(block.shortcut, torch.nn.Conv2d)
    shortcut = F.conv2d(x, block.shortcut.weight, block.shortcut.bias)
    torch.testing.assert_close(block(x), F.relu(residual + shortcut))


@pytest.mark.parametrize("kind", [Bottleneck, Basic])
def test_a_fresh_block_of_equal_widths_is_the_rectified_identity(kind: type[Bottleneck | Basic]):
    block = kind(8, 8)
    initialise(block, torch.Generator().manual_seed(1))
    x = torch.randn(2, 8, 6, 6, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(block(x), F.relu(x))


def test_replicate_padding_shows_no_border_on_a_constant_image():
    image = torch.full((1, 8, 9, 9), 0.7)
    outputs = {}
    for padding in ("replicate", "zeros"):
        block = Basic(8, 8, padding=padding).eval()
        settle(block)
        outputs[padding] = block(image)
    centre = outputs["replicate"][..., 4:5, 4:5]
    torch.testing.assert_close(outputs["replicate"], centre.expand_as(outputs["replicate"]))
    assert not torch.allclose(outputs["zeros"][..., 0, 0], outputs["zeros"][..., 4, 4])


def test_folding_changes_nothing_but_the_number_of_layers():
    config = HourglassConfig(stem_width=8, front_widths=(8,), width=8, levels=2, out_channels=3)
    network = Hourglass(config, torch.Generator().manual_seed(3)).eval().double()
    settle(network)
    x = torch.randn(2, 1, 16, 16, generator=torch.Generator().manual_seed(4)).double()
    with torch.no_grad():
        before = network(x)
        after = fold_norms(network)(x)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
    torch.testing.assert_close(after, before)


def test_folding_refuses_a_network_that_still_trains():
    with pytest.raises(UserInputError, match="call eval"):
        fold_norms(ConvNorm(1, 1, 3))


def test_group_norm_groups_divide_any_width():
    for channels in (1, 2, 6, 8, 12, 16, 128):
        norm = make_norm("group", channels)
        assert isinstance(norm, torch.nn.GroupNorm)
        assert norm.num_channels == channels
        assert channels // norm.num_groups <= 8


@pytest.mark.usefixtures("unchecked_types")
def test_unknown_norm_names_the_choices():
    with pytest.raises(UserInputError, match="expected one of batch, group"):
        make_norm("layer", 4)  # pyright: ignore[reportArgumentType]
