"""The card of a run of the arm: what made the weights and what was measured, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from saccade.systems.arm.commands.ship import SHIPPING
from saccade.systems.arm.commands.train import TRAINING
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.episodes import EpisodeResult
from saccade.systems.arm.evaluate import Evaluation, Played
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.presets import PRESETS, smoke_preset
from saccade.systems.arm.results import measures
from saccade.systems.arm.train import start_run
from saccade.systems.arm.weights import save_policy
from saccade.verbs.weights import RUN_WEIGHTS


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of reach_target without own episodes, its weights untrained."""
    smoke = smoke_preset()
    config = replace(smoke, task="reach_target", own=replace(smoke.own, rounds=0))
    run = start_run(tmp_path / "run", config, 7)
    save_policy(run.folder / RUN_WEIGHTS, config, LookAndVoteLearner(config.look_and_vote, 7), {})
    return run.folder


def evaluation(path: Path, **changes: Any) -> Path:
    """A results.json as `saccade eval arm` writes it: three of four done."""
    played = [
        Played(i, EpisodeResult(i > 0, float(i > 0), 2, "" if i else "grasp_lost"), ())
        for i in range(4)
    ]
    what = replace(Evaluation("reach_target", 4, 31), **changes)
    command = f"saccade eval arm --workers 1 --weights /tmp/run --episodes 4 --out {path.parent}"
    document = {"system": "arm", "command": command, **measures(played, what, "/tmp/run")}
    path.write_text(json.dumps(document))
    return path


def test_the_card_gives_commands_that_are_those_of_the_reader(run: Path, tmp_path: Path) -> None:
    results = evaluation(tmp_path / "results.json"), evaluation(tmp_path / "two", disturbed="look")
    card = (SHIPPING.ship(run, results, tmp_path / "shipped") / "README.md").read_text()
    commands = [line.strip() for line in card.splitlines() if line.startswith("    saccade")]
    assert commands == [
        "saccade train arm --preset smoke --seed 7 --task reach_target --own.rounds 0",
        "saccade eval arm --task reach_target --episodes 4 --seed 31",
        "saccade eval arm --task reach_target --episodes 4 --seed 31 --disturbed look",
    ]
    rows = [line for line in card.splitlines() if line.startswith("| reach target")]
    assert rows[0].startswith("| reach target | arm/reach_target | 0.75 [")
    assert rows[1].startswith("| reach target, other look | arm/reach_target | 0.75 [")
    assert str(tmp_path) not in card and "/tmp" not in card


@pytest.mark.parametrize("preset", PRESETS)
def test_the_command_of_a_preset_names_it(preset: str) -> None:
    expected = f"saccade train arm --preset {preset} --seed 3"
    assert TRAINING.command_of(PRESETS[preset](), 3) == expected


def test_settings_of_other_methods_are_not_in_the_command() -> None:
    ours = ArmConfig()
    changed = replace(
        ours,
        pose=replace(ours.pose, imitation=7.0),
        baseline=replace(ours.baseline, units=9),
        replay=replace(ours.replay, updates=11),
        vote=replace(ours.vote, steps=13),
    )
    assert TRAINING.command_of(changed, 0) == "saccade train arm --preset cpu --vote.steps 13"
    paper = replace(changed, method="q-attention")
    command = TRAINING.command_of(paper, 0)
    assert "--pose.imitation 7.0" in command and "--replay.updates 11" in command
    assert "--baseline" not in command and "--vote" not in command
    cloning = TRAINING.command_of(replace(changed, method="bc"), 0)
    assert "--baseline.units 9" in cloning and "--pose" not in cloning
