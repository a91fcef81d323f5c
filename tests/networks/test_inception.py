"""Inception's first layers against the published size and names, and a literal block."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from saccade.errors import UserInputError
from saccade.networks.inception import InceptionTrunk
from saccade.networks.pretrained import fit_state


def test_size_and_names_of_torchvision() -> None:
    network = InceptionTrunk().eval()
    assert sum(p.numel() for p in network.parameters()) == 991_200
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert shapes["Conv2d_1a_3x3.conv.weight"] == (32, 3, 3, 3)
    assert shapes["Conv2d_2b_3x3.bn.running_var"] == (64,)
    assert shapes["Conv2d_3b_1x1.conv.weight"] == (80, 64, 1, 1)
    assert shapes["Mixed_5b.branch_pool.conv.weight"] == (32, 192, 1, 1)
    assert shapes["Mixed_5c.branch5x5_2.conv.weight"] == (64, 48, 5, 5)
    assert shapes["Mixed_5d.branch3x3dbl_3.conv.weight"] == (96, 96, 3, 3)
    assert not any(name.endswith("conv.bias") for name in shapes)
    assert len(shapes) == 6 * (5 + 3 * 7)


def test_map_sizes() -> None:
    network = InceptionTrunk().eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 299, 299)).shape == (1, 288, 35, 35)
        assert network(torch.zeros(1, 3, 96, 96)).shape == (1, 288, 9, 9)
        assert network(torch.zeros(1, 3, 27, 27)).shape == (1, 288, 1, 1)


def test_a_block_is_four_branches_side_by_side() -> None:
    network = InceptionTrunk(torch.Generator().manual_seed(0)).eval()
    generator = torch.Generator().manual_seed(1)
    for name, value in network.state_dict().items():  # norms that do something
        if name.startswith("Mixed_5b") and ".bn." in name and value.dim():
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    state = network.state_dict()

    def layer(x: Tensor, name: str, padding: int = 0) -> Tensor:
        name = f"Mixed_5b.{name}"
        x = F.conv2d(x, state[f"{name}.conv.weight"], padding=padding)
        keys = ("running_mean", "running_var", "weight", "bias")
        mean, variance, scale, shift = (state[f"{name}.bn.{key}"][:, None, None] for key in keys)
        return F.relu((x - mean) / (variance + 0.001).sqrt() * scale + shift)

    x = torch.randn(2, 192, 6, 5, generator=generator)
    wide = layer(layer(x, "branch5x5_1"), "branch5x5_2", 2)
    twice = layer(layer(layer(x, "branch3x3dbl_1"), "branch3x3dbl_2", 1), "branch3x3dbl_3", 1)
    # Cells beyond the edge count as zeros in the mean, as in the weights' training.
    pooled = F.pad(x, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1).mean(dim=(4, 5))
    branches = [layer(x, "branch1x1"), wide, twice, layer(pooled, "branch_pool")]
    with torch.no_grad():
        torch.testing.assert_close(
            network.Mixed_5b(x), torch.cat(branches, dim=1), rtol=1e-4, atol=1e-4
        )


def test_the_published_file_fits_by_name() -> None:
    published = {name: torch.zeros_like(v) for name, v in InceptionTrunk().state_dict().items()}
    published = {n: v for n, v in published.items() if not n.endswith("num_batches_tracked")}
    published |= {
        "AuxLogits.fc.bias": torch.zeros(1000),
        "Mixed_6a.branch3x3.bn.bias": torch.ones(3),
    }
    network = InceptionTrunk()
    network.load_state_dict(fit_state(published, network.state_dict()))
    assert all(bool((p == 0).all()) for p in network.parameters())


def test_images_that_leave_no_cell_are_refused() -> None:
    with pytest.raises(UserInputError, match="26 x 40 pixels; expected 27 or more"):
        InceptionTrunk()(torch.zeros(1, 3, 26, 40))
