"""A larger network begins by following exactly as the smaller one whose weights it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from moving_square import moving_square
from saccade.errors import UserInputError
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig, Variant
from saccade.systems.hart.learning.inherit import inherit
from saccade.systems.hart.presets import smoke_preset

SMOKE = smoke_preset()


def less(config: HartConfig) -> HartConfig:
    assert config.appearance.recent_from < 1 and config.memory.moved
    return config.first_stage


@pytest.mark.parametrize("variant", ["hart", "app-att", "spatial-att"])
def test_what_is_new_has_no_say_at_first(variant: Variant) -> None:
    config = replace(SMOKE, variant=variant)
    torch.manual_seed(0)
    donor, heir = build_tracker(less(config)).eval(), build_tracker(config).eval()
    # far from the small weights that a network starts with
    for parameter in donor.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    inherit(heir, donor)
    frames, boxes = moving_square(5)
    with torch.no_grad():
        one, two = donor(frames, boxes[0]), heir(frames, boxes[0])
    torch.testing.assert_close(two.box, one.box)
    torch.testing.assert_close(two.location, one.location)
    assert (one.box[-1] - boxes[0]).abs().max() > 0.1


def test_what_is_new_can_be_learnt() -> None:
    torch.manual_seed(0)
    donor, heir = build_tracker(less(SMOKE)), build_tracker(SMOKE)
    inherit(heir, donor)
    frames, boxes = moving_square(5)
    heir(frames, boxes[0]).box.square().sum().backward()
    known, more = (
        donor.get_parameter("to_features.weight"),
        heir.get_parameter("to_features.weight"),
    )
    assert more.grad is not None
    new = (more == 0).all(dim=0)
    assert new.sum() == more.shape[1] - known.shape[1] > 4
    assert (more.grad[:, new] != 0).any(dim=0).float().mean() > 0.5


def test_other_networks_are_refused() -> None:
    other = replace(SMOKE, memory=replace(SMOKE.memory, units=17))
    with pytest.raises(UserInputError, match="of a network of other settings"):
        inherit(build_tracker(SMOKE), build_tracker(less(other)))
