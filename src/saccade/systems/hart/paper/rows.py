"""The rows of the paper's Table 1: how each is trained here, and what was published for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from saccade.data.tracking.sources import FRAMES, SEQUENCES, SequenceSource
from saccade.systems.hart.config import HartConfig, Variant
from saccade.systems.hart.evaluation.named_trackers import TrackerName
from saccade.systems.hart.presets import PRESETS
from saccade.verbs import rows as verb

TablePreset = Literal["cpu", "smoke"]
HART = "hart"
ABLATION = (HART, "app-att", "no-spatial-loss")
"""Keys of the rows of section 6. Without the loss on appearance attention HART is App Att."""
TEST_SEED = 2021
"""Seed of the generated test set of all tables; its photographs are in no training."""


@dataclass(frozen=True)
class Budget:
    """What every trained row gets, and what every row is evaluated on.

    Attributes:
        steps: Gradient steps of the first stage; windows are forced and sequences grow in the same
            shares of them as in the preset.
        finetune: Gradient steps of the second stage.
        batch: Number of sequences in a step.
        clips: Number of clips in a pool.
        sequences: Number of generated test clips.
        frames: Number of frames of each test clip.
    """

    steps: int = 1_500
    finetune: int = 600
    batch: int = 32
    clips: int = 500
    sequences: int = SEQUENCES
    frames: int = FRAMES


def budget_of(preset: TablePreset) -> Budget:
    """The budget of a preset's table: the default, or that of a preset which learns nothing."""
    if preset == "cpu":
        return Budget()
    config = PRESETS[preset]()
    return Budget(
        config.fit.steps, config.finetune.steps, config.fit.batch, config.data.clips,
        sequences=4, frames=8,
    )  # fmt: skip


@dataclass(frozen=True)
class Row(verb.Row):
    """One row: a tracker that is evaluated on the sequences of all.

    Attributes:
        tracker: Name of the tracker, where it is not trained.
        published: Mean IoU in the paper, the first frame included, by dataset.
    """

    config: HartConfig | None = None
    tracker: TrackerName = "hart"
    published: Mapping[str, float] = field(default_factory=dict)


def rows(preset: TablePreset, budget: Budget) -> list[Row]:
    """All rows, in the order of the table: from the worst published to the best."""
    published: dict[Variant, dict[str, float]] = {
        "ratm": {"KITTI": 0.14, "KTH": 0.5503},
        "spatial-att": {"KITTI": 0.60},
        "app-att": {"KITTI": 0.78},
        "hart": {"KITTI": 0.81, "KTH": 0.7711},
    }
    labels: dict[Variant, str] = {
        "ratm": "RATM (Kahou et al.)",
        "spatial-att": "Spatial Att",
        "app-att": "App Att",
        "hart": "HART",
    }
    base = row_config(preset, budget)
    variants = [
        Row(key, label, config=_variant_config(base, key, preset), published=published[key])
        for key, label in labels.items()
    ]
    without = replace(base, loss=replace(base.loss, spatial=0.0))
    return [
        *variants,
        Row("no-spatial-loss", "HART without loss on the window", without),
        *_peers(),
    ]


def _variant_config(base: HartConfig, variant: Variant, preset: TablePreset) -> HartConfig:
    """The settings of a variant: all alike, but RATM is lent HART's features, as on KITTI."""
    config = replace(base, variant=variant)
    if variant != "ratm" or preset == "smoke":
        return config
    return replace(config, ratm=replace(base.ratm, stack=base.appearance.stack, features="hart"))


def _peers() -> list[Row]:
    labels: dict[TrackerName, str] = {
        "still": "box that never moves",
        "mosse": "MOSSE",
        "medianflow": "MedianFlow",
        "kcf": "KCF",
        "mil": "MIL",
        "csrt": "CSRT",
        "hart": "HART, shipped weights",
    }
    keys = {"hart": "shipped"}
    return [Row(keys.get(name, name), label, tracker=name) for name, label in labels.items()]


def row_config(preset: TablePreset, budget: Budget) -> HartConfig:
    """The settings that all trained rows share."""
    config = PRESETS[preset]()
    share = budget.steps / config.fit.steps
    fit = replace(
        config.fit,
        steps=budget.steps,
        batch=budget.batch,
        forced_steps=round(share * config.fit.forced_steps),
        stage_epochs=max(1, round(share * config.fit.stage_epochs)),
    )
    finetune = replace(config.finetune, steps=budget.finetune)
    data = replace(config.data, clips=budget.clips)
    return replace(config, fit=fit, finetune=finetune, data=data)


def held_out(preset: TablePreset, budget: Budget) -> SequenceSource:
    """The generated test clips."""
    data = PRESETS[preset]().data
    return SequenceSource(
        sequences=budget.sequences, frames=budget.frames, seed=TEST_SEED,
        height=data.height, width=data.width,
    )  # fmt: skip


def seen_in_training(preset: TablePreset, budget: Budget, seed: int) -> SequenceSource:
    """Clips of the photographs that the rows learn from ("HART (train)" of Figure 5)."""
    return replace(held_out(preset, budget), split="train", seed=seed)
