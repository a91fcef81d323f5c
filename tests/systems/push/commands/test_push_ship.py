"""A run's weights, shipped with their card."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny_push
from saccade.systems.push.commands.ship import SHIPPING
from saccade.systems.push.commands.train import TRAINING
from saccade.systems.push.config import PushConfig
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train import start_run
from saccade.systems.push.weights import save_policy


@pytest.fixture
def run(tmp_path: Path, recorded: Path) -> Path:
    """A run with untrained weights and three recorded episodes."""
    torch.manual_seed(1)
    config, folder = tiny_push.tiny_config(), tmp_path / "run"
    start_run(folder, config, 7)
    mask, value = PushMask(tiny_push.HOURGLASS), GlimpseQ(tiny_push.GLIMPSE)
    save_policy(folder / "weights", config, mask, 0.37, value)
    shutil.copytree(recorded, folder / "data" / "random")
    return folder


def evaluation(path: Path, in_box: float) -> Path:
    """A results.json as `saccade eval push` writes it."""
    counts = {
        name: {"mean": mean, "std": 0.0, "ci95": [mean, mean]}
        for name, mean in (
            ("objects_in_box", in_box),
            ("objects_on_ground", 0.5),
            ("objects_on_table", 0.25),
            ("actions", 20.0),
        )
    }
    document = {
        "system": "push", "policy": "shipped weights", "command": "saccade eval push --seed 9",
        "objects": 10, "episodes": 100, "seed": 9, **counts, "objects_per_action": in_box / 20,
        "objects_per_action_ci95": [0.4, 0.5],
    }  # fmt: skip
    path.write_text(json.dumps(document))
    return path


def test_the_card_says_what_the_run_says(run: Path, tmp_path: Path) -> None:
    results = evaluation(tmp_path / "results.json", in_box=9.41)
    card = (SHIPPING.ship(run, [results], tmp_path / "shipped") / "README.md").read_text()
    assert "saccade train push" in card and "--seed 7" in card
    assert "threshold is 0.370" in card
    assert "saccade eval push --seed 9" in card
    assert "9.41" in card
    assert "Apache-2.0" in card
    pushes = sum(1 for line in card.splitlines() if line.startswith("| random | 3 |"))
    assert pushes == 1


def test_the_card_counts_only_what_was_trained(run: Path, tmp_path: Path) -> None:
    card = (SHIPPING.ship(run, to=tmp_path / "shipped") / "README.md").read_text()
    for network in (PushMask(tiny_push.HOURGLASS), GlimpseQ(tiny_push.GLIMPSE)):
        trained = sum(p.numel() for p in network.parameters())
        assert f"({trained:,} parameters)" in card


def test_the_card_names_the_settings_that_are_no_options(run: Path, tmp_path: Path) -> None:
    card = (SHIPPING.ship(run, to=tmp_path / "shipped") / "README.md").read_text()
    named = next(line for line in card.splitlines() if line.startswith("Further settings"))
    assert "glimpse" in named and "--glimpse" not in card


def shortest(config: PushConfig, seed: int) -> str:
    return TRAINING.command_of(config, seed)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_command_of_a_preset_names_it(preset: str) -> None:
    expected = f"saccade train push --preset {preset} --seed 3"
    assert shortest(PRESETS[preset](), 3) == expected


def test_the_command_names_what_differs_from_the_nearest_preset() -> None:
    config = PushConfig()
    config = replace(config, offline=replace(config.offline, steps=77))
    expected = "saccade train push --preset cpu --offline.steps 77"
    assert shortest(config, 0) == expected
