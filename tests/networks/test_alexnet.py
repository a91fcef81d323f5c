"""AlexNet's first layers against the published sizes and a literal normalisation."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import UserInputError
from saccade.networks.alexnet import (
    TORCHVISION_ALEXNET,
    AlexNetConfig,
    AlexNetTrunk,
    LocalResponseNorm,
)
from saccade.networks.pretrained import fit_state


def test_sizes_of_the_paper() -> None:
    network = AlexNetTrunk().eval()
    # 96 x 3 x 11^2 + 96, in two groups 256 x 48 x 5^2 + 256, 384 x 256 x 3^2 + 384
    assert sum(p.numel() for p in network.parameters()) == 34_944 + 307_456 + 885_120
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 56, 56)).shape == (1, 384, 14, 14)


def test_stride_and_pools_are_settings() -> None:
    pooled = AlexNetTrunk(AlexNetConfig(widths=(4, 4, 6), stride=1, pools=(True, True))).eval()
    with torch.no_grad():
        assert pooled(torch.zeros(1, 3, 56, 56)).shape == (1, 6, 14, 14)


def test_torchvisions_file_fits_by_name() -> None:
    sizes = {0: (64, 3, 11, 11), 3: (192, 64, 5, 5), 6: (384, 192, 3, 3), 8: (256, 384, 3, 3)}
    published = {f"features.{i}.weight": torch.zeros(shape) for i, shape in sizes.items()}
    published |= {f"features.{i}.bias": torch.zeros(shape[0]) for i, shape in sizes.items()}
    published["classifier.1.weight"] = torch.zeros(2, 2)
    network = AlexNetTrunk(TORCHVISION_ALEXNET)
    network.load_state_dict(fit_state(published, network.state_dict()))
    assert all(bool((p == 0).all()) for p in network.parameters())


def test_outputs_sit_in_the_middle_of_their_pixels() -> None:
    """Mirroring the glimpse mirrors the first map, up to one pixel of its stride of four."""
    network = AlexNetTrunk(AlexNetConfig(widths=(2, 2, 2), groups=1))
    bright = torch.zeros(1, 3, 56, 56)
    bright[..., 28:32, 28:32] = 1.0  # cell (7, 7) of 14 x 14
    with torch.no_grad():
        first = network.features[0]
        assert isinstance(first, torch.nn.Conv2d)
        first.weight.fill_(1.0)
        assert first.bias is not None
        first.bias.zero_()
        maps = first(bright)[0, 0]
    rows = torch.nonzero(maps.sum(dim=1))[:, 0].float()
    assert rows.mean().item() == pytest.approx(7.0, abs=0.5)


def test_response_norm_is_krizhevskys_formula() -> None:
    x = torch.randn(2, 7, 3, 3, generator=torch.Generator().manual_seed(0)).double()
    norm = LocalResponseNorm(size=5, alpha=0.3, beta=0.75, k=2.0)
    expected = torch.empty_like(x)
    for i in range(7):
        around = x[:, max(0, i - 2) : i + 3].square().sum(dim=1)
        expected[:, i] = x[:, i] / (2.0 + 0.3 * around) ** 0.75
    torch.testing.assert_close(norm(x), expected)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UserInputError, match="in 3 groups"):
        AlexNetConfig(groups=5 - 2, widths=(64, 64, 64))
    with pytest.raises(UserInputError, match="stride is 12"):
        AlexNetConfig(stride=12)
