"""Shipping weights: what is copied, what the card says, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saccade.errors import DamagedFileError
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


def test_a_run_without_weights_is_refused(tmp_path: Path, saccade) -> None:
    folder = start_run(tmp_path / "run", SMOKE, seed=3).folder
    saccade("ship", folder, "--to", tmp_path / "shipped").mistake("has no weights yet")
    assert not (tmp_path / "shipped").exists()


def test_results_of_something_else_are_refused(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    for document in ({"system": "push"}, {"system": "hart", "command": "saccade eval hart"}):
        file.write_text(json.dumps(document))
        with pytest.raises(DamagedFileError, match=r"results\.json"):
            SHIPPING.ship(run, [file], tmp_path / "shipped")
