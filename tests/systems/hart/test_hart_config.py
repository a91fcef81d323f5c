from __future__ import annotations

import json
from dataclasses import replace

import pytest

from saccade.errors import UserInputError
from saccade.systems.hart.config import ARMS, FitConfig, HartConfig, LossConfig, SecondConfig
from saccade.systems.hart.model_config import AppearanceConfig, MemoryConfig
from saccade.systems.hart.presets import PRESETS
from saccade.training.plain import from_plain, to_plain


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_json(name: str) -> None:
    config = PRESETS[name]()
    plain = json.loads(json.dumps(to_plain(config)))
    assert from_plain(HartConfig, plain, "config.json") == config


def test_the_papers_figures() -> None:
    kitti, kth = PRESETS["paper-kitti"](), PRESETS["paper-kth"]()
    assert (kitti.glimpse.height, kth.glimpse.height) == (56, 28)
    assert kitti.memory.units == 100 and kitti.memory.zoneout == 0.05
    assert kitti.fit.learning_rate == 3.33e-6 and kth.fit.learning_rate == 3.33e-5
    assert kth.appearance.in_channels == 1 and kitti.appearance.in_channels == 3


def test_a_first_stage_leaves_out_what_only_trackers_can_use() -> None:
    config = HartConfig()
    assert config.appearance.templates == 2 and config.memory.moved and config.second.lapse == 0.5
    assert config.first.appearance.templates == 1 and not config.first.memory.moved
    assert config.second_fit.steps == config.second.steps and config.second_fit.lapse == 0.5
    for name in ("paper-kitti", "paper-kth"):
        paper = PRESETS[name]()
        assert paper.second.steps == 0 and paper.first == paper
        assert paper.appearance.templates == 0 and not paper.memory.moved


@pytest.mark.parametrize(
    ("arm", "mask", "spatial", "appearance"),
    [
        ("hart", True, 2.0, 3.0),
        ("app-att", True, 2.0, 0.0),
        ("spatial-att", False, 0.0, 0.0),
        ("ratm", False, 0.0, 0.0),
    ],
)
def test_arms_are_the_rows_of_table_1(
    arm: str, mask: bool, spatial: float, appearance: float
) -> None:
    config = HartConfig(arm=arm, loss=LossConfig(spatial=2.0, appearance=3.0))  # pyright: ignore[reportArgumentType]
    assert arm in ARMS
    assert config.uses_mask == mask
    assert (config.spatial_weight, config.appearance_weight) == (spatial, appearance)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"siam.*hart, app-att, spatial-att, ratm"):
        replace(HartConfig(), arm="siam")
    with pytest.raises(UserInputError, match=r"text.*none"):
        LossConfig(adaptive="off")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserInputError, match="sequences of 8 to 5"):
        FitConfig(length=8, length_end=5)
    for settings, words in (
        ({"batch": 0}, "batch is 0; expected 1 or more"),
        ({"checkpoint_every": 0}, "checkpoint_every is 0"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0; expected above 0"),
        ({"lapse": 2.0}, "lapse is 2.0; expected 0 to 1"),
    ):
        with pytest.raises(UserInputError, match=words):
            FitConfig(**settings)  # pyright: ignore[reportArgumentType]
    for settings, words in (
        ({"steps": -1}, r"second\.steps is -1; expected 0 or more"),
        ({"learning_rate": 0.0}, r"second\.learning_rate is 0\.0; expected above 0"),
        ({"lapse": 1.5}, r"second\.lapse is 1\.5; expected 0 to 1"),
    ):
        with pytest.raises(UserInputError, match=words):
            SecondConfig(**settings)  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserInputError, match="dropout is 2; expected 0 to below 1"):
        AppearanceConfig(dropout=2)
    with pytest.raises(UserInputError, match="units is 0; expected 1 or more"):
        MemoryConfig(units=0)
    with pytest.raises(UserInputError, match="dorsal_kernels is empty"):
        AppearanceConfig(dorsal_kernels=())
