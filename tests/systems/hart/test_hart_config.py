from __future__ import annotations

import json
from dataclasses import replace

import pytest

from saccade.errors import DamagedFileError, UserInputError
from saccade.options import parse_options
from saccade.systems.hart.commands.train import TRAINING
from saccade.systems.hart.config import (
    VARIANTS,
    DataConfig,
    FinetuneConfig,
    FitConfig,
    HartConfig,
    LossConfig,
)
from saccade.systems.hart.model_config import (
    AppearanceConfig,
    MemoryConfig,
    MotionConfig,
    SearchConfig,
)
from saccade.systems.hart.presets import PRESETS
from saccade.training.plain import from_plain, to_plain
from saccade.verbs.lookup import find_weights


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
    assert config.appearance.templates == 2 and config.memory.moved
    assert config.first_stage.appearance.templates == 1 and not config.first_stage.memory.moved
    assert config.finetune_fit.steps == config.finetune.steps
    assert config.finetune_fit.gap_share == config.finetune.gap_share == 0.5
    for name in ("paper-kitti", "paper-kth"):
        paper = PRESETS[name]()
        assert paper.finetune.steps == 0 and paper.first_stage == paper
        assert paper.appearance.templates == 0 and not paper.memory.moved


def test_the_shipped_configuration_has_former_names_and_loads() -> None:
    plain = json.loads((find_weights("hart") / "config.json").read_text())["config"]
    assert plain["arm"] == "hart" and "second" in plain
    assert from_plain(HartConfig, plain, "config.json") == HartConfig()


def test_a_run_with_former_names_loads_to_the_values_that_it_had() -> None:
    former = {
        "arm": "app-att",
        "appearance": {"recent": 0.7},
        "motion": {"doubt": 0.25},
        "search": {"below": 0.1, "sure": 0.9},
        "fit": {"far": 0.3, "lapse": 0.1},
        "second": {"steps": 11, "lapse": 0.75},
    }
    expected = HartConfig(
        variant="app-att",
        appearance=AppearanceConfig(recent_from=0.7),
        motion=MotionConfig(hold_below=0.25),
        search=SearchConfig(below=0.1, found_from=0.9),
        fit=FitConfig(far_share=0.3, gap_share=0.1),
        finetune=FinetuneConfig(steps=11, gap_share=0.75),
    )
    assert from_plain(HartConfig, former, "config.json") == expected
    with pytest.raises(DamagedFileError, match="unknown settings drawl"):
        from_plain(HartConfig, former | {"drawl": 1}, "config.json")


@pytest.mark.parametrize(
    ("variant", "mask", "spatial", "appearance"),
    [
        ("hart", True, 2.0, 3.0),
        ("app-att", True, 2.0, 0.0),
        ("spatial-att", False, 0.0, 0.0),
        ("ratm", False, 0.0, 0.0),
    ],
)
def test_variants_are_the_rows_of_table_1(
    variant: str, mask: bool, spatial: float, appearance: float
) -> None:
    config = HartConfig(variant=variant, loss=LossConfig(spatial=2.0, appearance=3.0))  # pyright: ignore[reportArgumentType]
    assert variant in VARIANTS
    assert config.uses_mask == mask
    assert (config.spatial_weight, config.appearance_weight) == (spatial, appearance)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"siam.*hart, app-att, spatial-att, ratm"):
        replace(HartConfig(), variant="siam")
    with pytest.raises(UserInputError, match=r"text.*none"):
        LossConfig(adaptive="off")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserInputError, match="sequences of 8 to 5"):
        FitConfig(length=8, length_end=5)
    for settings, words in (
        ({"batch": 0}, r"fit\.batch is 0; expected 1 to 65,536"),
        ({"batch": 10**9}, r"fit\.batch is 10+; expected 1 to 65,536"),
        ({"steps": 10**12}, r"fit\.steps is 10+; expected 1 to 1,000,000,000"),
        ({"stage_epochs": 10**12}, r"fit\.stage_epochs is 10+; expected 1 to"),
        ({"forced_steps": 10**12}, r"fit\.forced_steps is 10+; expected at most 1e[+]09"),
        ({"length_end": 10**6}, r"fit\.length_end is 10+; expected at most 100000"),
        ({"checkpoint_every": 0}, "checkpoint_every is 0"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0; expected above 0"),
        ({"gap_share": 2.0}, "gap_share is 2.0; expected 0 to 1"),
    ):
        with pytest.raises(UserInputError, match=words):
            FitConfig(**settings)  # pyright: ignore[reportArgumentType]
    for settings, words in (
        ({"steps": -1}, r"finetune\.steps is -1; expected 0 or more"),
        ({"steps": 10**12}, r"finetune\.steps is 10+; expected at most 1e[+]09"),
        ({"learning_rate": 0.0}, r"finetune\.learning_rate is 0\.0; expected above 0"),
        ({"gap_share": 1.5}, r"finetune\.gap_share is 1\.5; expected 0 to 1"),
    ):
        with pytest.raises(UserInputError, match=words):
            FinetuneConfig(**settings)  # pyright: ignore[reportArgumentType]
    for settings, words in (
        ({"clips": 10**9}, r"data\.clips is 10+; expected 1 to 1,000,000"),
        ({"clips": 0}, r"data\.clips is 0; expected 1 to"),
        ({"width": 10_000}, r"data\.width is 10000; expected 1 to 4,096"),
        ({"frames": 10**6}, r"data\.frames is 10+; expected 1 to 100,000"),
        ({"pool_steps": 10**12}, r"data\.pool_steps is 10+; expected 1 to"),
    ):
        with pytest.raises(UserInputError, match=words):
            DataConfig(**settings)  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserInputError, match="a pool of 1,000,000 clips of 10,000 frames of 160 x"):
        HartConfig(data=DataConfig(clips=10**6, frames=10**4))
    with pytest.raises(UserInputError, match="dropout is 2; expected 0 to below 1"):
        AppearanceConfig(dropout=2)
    with pytest.raises(UserInputError, match="units is 0; expected 1 to 8,192"):
        MemoryConfig(units=0)
    with pytest.raises(UserInputError, match="dorsal_kernels is empty"):
        AppearanceConfig(dorsal_kernels=())


def test_a_setting_that_is_none_any_more_loads_with_its_only_value() -> None:
    assert from_plain(HartConfig, {"ratm": {"context": 1.5}}, "config.json") == HartConfig()
    with pytest.raises(DamagedFileError, match=r"context 2\.0, which is no setting any more"):
        from_plain(HartConfig, {"ratm": {"context": 2.0}}, "config.json")


@pytest.mark.parametrize("name", PRESETS)
def test_settings_that_are_no_options_are_those_of_the_preset(name: str) -> None:
    given = parse_options(TRAINING.options, ["--preset", name, "--fit.steps", "7"], "train")
    preset = PRESETS[name]()
    assert given.config == replace(preset, fit=replace(preset.fit, steps=7))
