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
