from __future__ import annotations

import json
from dataclasses import replace

import pytest

import tiny_push
from saccade.errors import DamagedFileError, UserInputError
from saccade.systems.push.config import (
    DataConfig,
    FitConfig,
    MaskConfig,
    OnlineConfig,
    PolicyConfig,
    PushConfig,
)
from saccade.systems.push.presets import PRESETS
from saccade.training.plain import from_plain, to_plain
from saccade.worlds.push_box import SceneConfig, WorldConfig
from saccade.worlds.push_box.box import BoxPlacement


def through_json(config: PushConfig) -> PushConfig:
    return from_plain(PushConfig, json.loads(json.dumps(to_plain(config))), "config.json")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_json(name: str) -> None:
    config = PRESETS[name]()
    assert through_json(config) == config


def test_what_is_not_a_default_survives_json() -> None:
    config = tiny_push.tiny_config("hourglass", "edge", gamma=0.4)
    scene = SceneConfig(box=BoxPlacement("bottom", -0.03), arm=False)
    config = replace(config, world=WorldConfig(scene=scene, ideal_view=True))
    assert through_json(config) == config
    gathering = replace(config, world=WorldConfig(scene=SceneConfig(box=None)))
    assert through_json(gathering).world.scene.box is None


def test_the_smoke_preset_is_small_and_the_paper_preset_is_the_papers() -> None:
    smoke, paper = PRESETS["smoke"](), PRESETS["paper"]()
    assert smoke.data.episodes <= 10 and smoke.offline.steps <= 20
    assert paper.network == "hourglass" and paper.mask.changed_pixels == 1000
    assert paper.hourglass.level_widths == (128,) * 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"network": "transformer"}, r"transformer.*glimpse, hourglass"),
        ({"gamma": 1.0, "network": "hourglass"}, "gamma is 1.0"),
        ({"gamma": 0.4}, "expected 0"),
        ({"reward": "sparse"}, r"sparse.*paper, report"),
    ],
)
def test_impossible_settings_are_refused(change: dict, says: str) -> None:
    with pytest.raises(UserInputError, match=says):
        replace(PushConfig(), **change)


def test_impossible_parts_are_refused() -> None:
    with pytest.raises(UserInputError, match=r"magic.*learned, edge, none"):
        MaskConfig(kind="magic")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserInputError, match="candidates"):
        PolicyConfig(candidates=0)


@pytest.mark.parametrize(
    ("part", "change", "says"),
    [
        (MaskConfig, {"refine_steps": 10**12}, "mask.refine_steps is 1000.*at most 1e[+]09"),
        (MaskConfig, {"heuristic_steps": -1}, "mask.heuristic_steps is -1; expected 0 or more"),
        (MaskConfig, {"batch": 0}, "mask.batch is 0; expected 1 to 65,536"),
        (MaskConfig, {"test_pushes": 10**9}, "mask.test_pushes is 10.*expected 1 to 1,000,000"),
        (MaskConfig, {"kernel_sigma": 1e9}, "mask.kernel_sigma is 1000.*expected at most 56"),
        (DataConfig, {"episodes": 10**9}, "data.episodes is 10.*expected at most 1e[+]06"),
        (DataConfig, {"pushes": 10_001}, "data.pushes is 10001; expected 1 to 10,000"),
        (DataConfig, {"max_objects": 21}, "data.max_objects is 21; expected 1 to 20"),
        (DataConfig, {"min_objects": 5, "max_objects": 4}, "data.min_objects is 5; expected at"),
        (FitConfig, {"batch": 10**6}, "offline.batch is 1000000; expected 1 to 65,536"),
        (FitConfig, {"steps": 10**10}, "offline.steps is 10.*expected at most 1e[+]09"),
        (FitConfig, {"checkpoint_every": 0}, "offline.checkpoint_every is 0; expected 1 to"),
        (FitConfig, {"oversample": 1.5}, "offline.oversample is 1.5; expected 0 to 1"),
        (OnlineConfig, {"rounds": 10**10}, "online.rounds is 10.*expected at most"),
        (OnlineConfig, {"episodes": 10**7}, "online.episodes is 10.*expected 1 to 1,000,000"),
        (OnlineConfig, {"target_update": 0}, "online.target_update is 0; expected 1 to"),
        (OnlineConfig, {"cylinders": -0.1}, "online.cylinders is -0.1; expected 0 to 1"),
    ],
)
def test_what_only_training_uses_has_a_largest_size_too(
    part: type, change: dict, says: str
) -> None:
    with pytest.raises(UserInputError, match=says):
        part(**change)


def test_a_run_of_absurd_size_is_refused_before_anything_is_made() -> None:
    plain = json.loads(json.dumps(to_plain(PushConfig())))
    plain["offline"]["batch"] = 10**12
    with pytest.raises(DamagedFileError, match=r"config.json is damaged: offline.batch is 10+;"):
        from_plain(PushConfig, plain, "config.json")


def test_the_defaults_are_the_cpu_preset() -> None:
    assert PRESETS["cpu"]() == PushConfig(
        data=DataConfig(), offline=FitConfig(), online=OnlineConfig()
    )


def test_settings_of_former_versions_still_load() -> None:
    former = json.loads(json.dumps(to_plain(PushConfig())))
    former["online"] = {"rounds": 7, "next_best": 99}
    former["policy"] = {"candidates": 9, "memory_radius": 4}
    config = from_plain(PushConfig, former, "config.json")
    assert config.online == OnlineConfig(rounds=7) and config.policy == PolicyConfig(candidates=9)
    assert config.online.weight_decay == config.offline.weight_decay
    former["policy"] = {"memory_radius": 5}
    with pytest.raises(DamagedFileError, match="memory_radius 5, which is no setting any more"):
        from_plain(PushConfig, former, "config.json")
