import numpy as np
import pytest
import torch

from saccade.networks.light_trunk import LightTrunk, LightTrunkConfig
from saccade.systems.smak.pretext.network import Pretext, mirrored, pretext_loss, vary
from saccade.systems.smak.pretext.pictures import Targets


def make_targets(n=2, side=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    axes = torch.nn.functional.normalize(torch.randn(n, side, side, 3, generator=generator), dim=3)
    x, y, z = axes.unbind(3)
    return Targets(
        torch.randint(0, 8, (n, side, side), generator=generator),
        torch.rand(n, side, side, generator=generator),
        torch.stack([x * x, y * y, z * z, x * y, x * z, y * z], dim=3),
        torch.randn(n, side, side, 2, generator=generator),
        torch.rand(n, side, side, 3, generator=generator),
    ), (x, y, z)


def as_predicted(targets, sure=50.0):
    logits = sure * torch.nn.functional.one_hot(targets.kinds, 8).float()
    return logits, targets.depths, targets.axes, targets.offsets, targets.colours


def test_the_loss_of_the_labels_themselves_is_nothing():
    targets, _ = make_targets()
    found = pretext_loss(as_predicted(targets), targets)
    assert found.total.item() == pytest.approx(0.0, abs=1e-5)
    assert found.terms["kinds_right"] == 1.0


def test_where_nothing_is_only_kind_and_depth_count():
    targets, _ = make_targets()
    targets = targets._replace(kinds=torch.zeros_like(targets.kinds))
    logits, depths, axes, offsets, colours = as_predicted(targets)
    found = pretext_loss((logits, depths + 0.25, axes + 1, offsets + 1, colours + 1), targets)
    assert found.total.item() == pytest.approx(0.25, abs=1e-5)


def test_errors_are_means_over_the_cells_of_bodies():
    targets, _ = make_targets()
    kinds = torch.zeros_like(targets.kinds)
    kinds[0, 1, 2] = 3
    targets = targets._replace(kinds=kinds)
    logits, depths, axes, offsets, colours = as_predicted(targets)
    offsets = offsets.clone()
    offsets[0, 1, 2] += torch.tensor([0.1, -0.3])
    found = pretext_loss((logits, depths, axes, offsets, colours), targets)
    assert found.terms["offsets"] == pytest.approx(0.4, abs=1e-5)


def test_a_mirrored_axis_is_the_axis_of_the_mirrored_body():
    targets, (x, y, z) = make_targets()
    x = -x  # the mirror turns x round
    expected = torch.stack([x * x, y * y, z * z, x * y, x * z, y * z], dim=3).flip(2)
    torch.testing.assert_close(mirrored(targets).axes, expected)
    torch.testing.assert_close(mirrored(mirrored(targets)).offsets, targets.offsets)


def test_varied_images_keep_their_range_and_layout():
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    images, _ = vary(pictures, make_targets(3)[0], rng)
    assert images.shape == (3, 3, 16, 16)
    assert images.min() >= -1 and images.max() <= 1


def test_a_few_pictures_can_be_learned_by_heart():
    torch.manual_seed(0)
    trunk = LightTrunk(LightTrunkConfig(widths=(8, 16), blocks=(0, 1)))
    network = Pretext(trunk, 16, cells=1)
    targets, _ = make_targets(n=2, side=4)
    images = torch.rand(2, 3, 16, 16) * 2 - 1
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    first = pretext_loss(network(images), targets).total.item()
    for _ in range(150):
        optimiser.zero_grad()
        found = pretext_loss(network(images), targets)
        found.total.backward()
        optimiser.step()
    assert found.total.item() < 0.2 * first
    assert found.terms["kinds_right"] > 0.95
