"""Shipping weights: what is copied, what the card says, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.commands.ship import SHIPPING
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.train import start_run
from saccade.systems.hart.weights import load, save_tracker
from saccade.verbs.weights import RUN_WEIGHTS

SMOKE = smoke_preset()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has been trained, as far as its files say."""
    folder = start_run(tmp_path / "run", SMOKE, seed=3).folder
    save_tracker(folder / RUN_WEIGHTS, SMOKE, build_tracker(SMOKE))
    return folder


def test_shipped_weights_are_the_runs_and_their_card_names_the_command(
    run: Path, tmp_path: Path
) -> None:
    folder = SHIPPING.ship(run, to=tmp_path / "shipped")
    assert {path.name for path in folder.iterdir()} == {
        "model.safetensors", "config.json", "README.md",
    }  # fmt: skip
    original = (run / RUN_WEIGHTS / "model.safetensors").read_bytes()
    assert (folder / "model.safetensors").read_bytes() == original
    load(folder)
    card = (folder / "README.md").read_text()
    assert "saccade train hart --preset smoke --seed 3" in card
    assert "Not measured yet" in card
    count = sum(p.numel() for p in build_tracker(SMOKE).parameters())
    assert f"{count:,} parameters" in card
