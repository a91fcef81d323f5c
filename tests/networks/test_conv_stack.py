from __future__ import annotations

import pytest
import torch

from saccade.errors import UserInputError
from saccade.networks.conv_stack import ConvStack, ConvStackConfig


def test_a_glimpse_of_32_pixels_gives_a_map_of_8() -> None:
    config = ConvStackConfig()
    maps = ConvStack(config)(torch.rand(2, 3, 32, 32))
    assert maps.shape == (2, config.out_channels, 8, 8)


def test_pools_halve_the_map_and_norms_are_a_setting() -> None:
    config = ConvStackConfig(
        in_channels=1, widths=(8, 4), kernels=(5, 3), strides=(1, 1), pools=(True, True),
        norm="none",
    )  # fmt: skip
    stack = ConvStack(config)
    assert stack(torch.rand(1, 1, 28, 28)).shape == (1, 4, 7, 7)
    assert [type(layer).__name__ for layer in stack.layers] == ["Conv2d", "ReLU", "MaxPool2d"] * 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"widths": (8,)}, r"lengths \[1, 3, 3, 3\]"),
        ({"kernels": (5, 4, 3)}, "odd"),
        ({"norm": "layer"}, "group, batch, none"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, says: str) -> None:
    with pytest.raises(UserInputError, match=says):
        ConvStackConfig(**settings)
