"""DenseNet against the published size, names and a literal dense connection."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import UserInputError
from saccade.networks.densenet import DENSENET_SMALL, DenseNet, DenseNetConfig
from saccade.networks.pretrained import DENSENET121_URL, fit_state, load_imagenet


def test_densenet121_has_the_published_size_and_names():
    with torch.device("meta"):
        network = DenseNet(DenseNetConfig())
    assert sum(p.numel() for p in network.parameters()) == 7_978_856
    assert len(network.state_dict()) == 727
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert shapes["features.conv0.weight"] == (64, 3, 7, 7)
    assert shapes["features.denseblock1.denselayer1.norm1.running_mean"] == (64,)
    assert shapes["features.denseblock4.denselayer16.conv2.weight"] == (32, 128, 3, 3)
    assert shapes["features.transition3.conv.weight"] == (512, 1024, 1, 1)
    assert shapes["features.norm5.bias"] == (1024,)
    assert shapes["classifier.weight"] == (1000, 1024)


def test_feature_map_size():
    network = DenseNet(DENSENET_SMALL).eval()
    maps = network.forward_features(torch.zeros(1, 3, 96, 64))
    stride = DENSENET_SMALL.stride
    assert maps.shape == (1, DENSENET_SMALL.out_features, 96 // stride, 64 // stride)
    assert DenseNetConfig().out_features == 1024


def test_each_layer_sees_all_maps_before_it():
    config = DenseNetConfig(growth=4, blocks=(3,), init_features=8, classes=5)
    network = DenseNet(config, torch.Generator().manual_seed(0)).eval()
    image = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    state = network.state_dict()

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        keys = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(state[f"{name}.{key}"] for key in keys))

    x = F.conv2d(image, state["features.conv0.weight"], stride=2, padding=3)
    x = F.max_pool2d(F.relu(norm(x, "features.norm0")), 3, stride=2, padding=1)
    for number in (1, 2, 3):
        layer = f"features.denseblock1.denselayer{number}"
        new = F.conv2d(F.relu(norm(x, f"{layer}.norm1")), state[f"{layer}.conv1.weight"])
        new = F.conv2d(
            F.relu(norm(new, f"{layer}.norm2")), state[f"{layer}.conv2.weight"], padding=1
        )
        x = torch.cat([x, new], dim=1)
    x = F.relu(norm(x, "features.norm5")).mean(dim=(2, 3))
    expected = x @ state["classifier.weight"].T + state["classifier.bias"]
    torch.testing.assert_close(network(image), expected)


def test_without_a_classifier_calling_it_is_explained():
    with pytest.raises(UserInputError, match="use forward_features"):
        DenseNet(DENSENET_SMALL)(torch.zeros(1, 3, 64, 64))


def old_name(name: str) -> str:
    """A parameter's name in torchvision's published file."""
    for part in ("norm1", "norm2", "conv1", "conv2"):
        if ".denselayer" in name:
            name = name.replace(f".{part}.", f".{part[:4]}.{part[4]}.")
    return name


def test_published_weights_are_renamed_and_fitted_to_one_channel():
    source = DenseNet(DenseNetConfig(growth=4, blocks=(2, 2), init_features=8, classes=10))
    published = {
        old_name(name): value
        for name, value in source.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in published
    config = DenseNetConfig(in_channels=1, growth=4, blocks=(2, 2), init_features=8, classes=0)
    network = DenseNet(config).eval()
    network.load_state_dict(fit_state(published, network.state_dict()))
    grey = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    expected = source.eval().forward_features(grey.expand(1, 3, 32, 32))
    torch.testing.assert_close(network.forward_features(grey), expected)


def test_weights_of_another_network_are_refused():
    network = DenseNet(DENSENET_SMALL)
    with pytest.raises(UserInputError, match=r"features\.conv0\.weight is of shape \(8, 3, 7, 7\)"):
        fit_state({"features.conv0.weight": torch.zeros(8, 3, 7, 7)}, network.state_dict())
    with pytest.raises(UserInputError, match=r"features\.conv0\.weight is missing"):
        fit_state({}, network.state_dict())


def test_without_internet_the_start_stays_random_and_says_so(monkeypatch: pytest.MonkeyPatch):
    def offline(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", offline)
    network = DenseNet(DENSENET_SMALL, torch.Generator().manual_seed(0))
    before = network.state_dict()["features.conv0.weight"].clone()
    report = load_imagenet(network, DENSENET121_URL)
    assert not report.pretrained
    assert "random start" in report.message
    assert "Name or service not known" in report.message
    assert torch.equal(network.state_dict()["features.conv0.weight"], before)
