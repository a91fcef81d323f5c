"""Sizes against the published figures, resolution, locality, settings and their errors."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from saccade.errors import UserInputError
from saccade.networks.hourglass import Hourglass, HourglassConfig

PUSH_REWARD = HourglassConfig()
PUSH_MASK = HourglassConfig(
    stem_width=16,
    front_widths=(16, 16, 32),
    width=64,
    skip_blocks=3,
    decoder_blocks=0,
    upsample="nearest",
    head_hidden=0,
    head_output_norm=True,
)
SMALL = HourglassConfig(
    in_channels=2, out_channels=3, stem_width=8, front_widths=(8,), width=8, levels=2, norm="group"
)


@pytest.mark.parametrize(
    ("config", "parameters", "multiply_adds"),
    [(PUSH_REWARD, 1.56e6, 26e9), (PUSH_MASK, 0.42e6, 7.7e9)],
)
def test_published_sizes(config: HourglassConfig, parameters: float, multiply_adds: float):
    with torch.device("meta"):
        network = Hourglass(config)
        image = torch.zeros(1, 1, 224, 224)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(parameters, rel=0.01)
    with FlopCounterMode(display=False) as counter:
        assert network(image).shape == (1, 16, 224, 224)
    assert counter.get_total_flops() / 2 == pytest.approx(multiply_adds, rel=0.02)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("restore", ["bilinear", "shuffle"])
@pytest.mark.parametrize("block", ["bottleneck", "basic"])
def test_the_output_has_the_inputs_resolution(stride: int, restore: str, block: str):
    config = replace(SMALL, stem_stride=stride, restore=restore, block=block, width=(8, 12, 16))
    network = Hourglass(config)
    assert config.size_multiple == 4 * stride
    assert network(torch.zeros(2, 2, 16, 24)).shape == (2, 3, 16, 24)


def test_fully_convolutional_a_shifted_scene_gives_shifted_maps():
    """Away from the borders, a shift by the coarsest cell shifts the maps, at stride 2 as well."""
    config = replace(
        SMALL, in_channels=1, norm="batch", stem_stride=2, stem_kernel=3, head_kernel=3
    )
    config = replace(
        config, encoder_blocks=1, bottleneck_blocks=1, skip_blocks=1, restore="shuffle"
    )
    network = Hourglass(config, torch.Generator().manual_seed(0)).eval()
    image = torch.zeros(1, 1, 128, 128)
    image[..., 56:72, 56:72] = torch.rand(16, 16, generator=torch.Generator().manual_seed(1))
    shift = config.size_multiple
    with torch.no_grad():
        maps = network(image)
        shifted = network(torch.roll(image, shift, dims=3))
    assert maps.std() > 1e-3
    torch.testing.assert_close(shifted, torch.roll(maps, shift, dims=3))


def test_no_output_activation():
    network = Hourglass(SMALL, torch.Generator().manual_seed(0))
    maps = network(torch.randn(2, 2, 16, 16, generator=torch.Generator().manual_seed(1)))
    assert maps.min() < 0 < maps.max()


def test_group_norm_computes_the_same_in_training_and_inference_and_for_any_batch():
    network = Hourglass(SMALL, torch.Generator().manual_seed(0))
    images = torch.randn(3, 2, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        training = network.train()(images)
        alone = torch.cat([network.eval()(image[None]) for image in images])
    torch.testing.assert_close(training, alone, rtol=1e-4, atol=1e-5)


def test_every_parameter_takes_part_in_the_output():
    network = Hourglass(replace(SMALL, width=(8, 12, 16), head_output_norm=True))
    for module in network.modules():
        if isinstance(module, torch.nn.GroupNorm):
            torch.nn.init.ones_(
                module.weight
            )  # The zeros of the start would hide what is before them.
    images = torch.randn(2, 2, 16, 16, generator=torch.Generator().manual_seed(1))
    weights = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    (network(images) * weights).sum().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_the_same_generator_seed_gives_the_same_start():
    one, two, other = (Hourglass(SMALL, torch.Generator().manual_seed(seed)) for seed in (7, 7, 8))
    name = "encoder.0.0.spatial.conv.weight"
    assert torch.equal(one.state_dict()[name], two.state_dict()[name])
    assert not torch.equal(one.state_dict()[name], other.state_dict()[name])


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("shape", [(1, 2, 16, 18), (1, 1, 16, 16), (2, 16, 16)])
def test_a_wrong_shape_names_what_is_expected(shape: tuple[int, ...]):
    with pytest.raises(
        UserInputError, match=r"expected \(batch, 2, height, width\) .* multiples of 4"
    ):
        Hourglass(SMALL)(torch.zeros(shape))


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"stem_stride": 3}, "stem_stride is 3; expected 1 or 2"),
        ({"stem_kernel": 4}, "stem_kernel is 4; expected an odd number"),
        ({"upsample": "cubic"}, "upsample is 'cubic'; expected one of bilinear, nearest"),
        ({"restore": "crop"}, "restore is 'crop'; expected one of bilinear, shuffle"),
        ({"padding": "reflect"}, "padding is 'reflect'; expected one of replicate, zeros"),
        ({"width": (8, 8)}, r"width is \(8, 8\); expected one number or levels \+ 1 = 3"),
        ({"levels": 0}, "levels is 0; expected 1 or more"),
    ],
)
def test_bad_settings_name_the_choices(setting: dict[str, object], message: str):
    with pytest.raises(UserInputError, match=message):
        replace(SMALL, **setting)  # pyright: ignore[reportArgumentType]
