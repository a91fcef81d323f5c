from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from saccade.options import parse_options
from saccade.systems import SYSTEMS
from saccade.systems.push.commands.evaluate import EvalOptions
from saccade.systems.push.commands.train import TRAINING
from saccade.systems.push.glimpse_q import GlimpseQConfig
from saccade.systems.push.rollout import Protocol
from saccade.verbs.spelling import command_line, hidden_differences
from saccade.worlds.push_box import SceneConfig

TRAIN = TRAINING.options()


@pytest.mark.parametrize(
    ("options", "default"),
    [
        (EvalOptions(), EvalOptions()),
        (EvalOptions(out=Path("a folder/x"), scenarios=Path("s"), objects=3), EvalOptions()),
        (EvalOptions(protocol=Protocol(patience=5), workers=1), EvalOptions()),
        (TRAIN, TRAIN),
        (replace(TRAIN, config=replace(TRAIN.config, gamma=0.4, network="hourglass")), TRAIN),
        (
            replace(
                TRAIN,
                config=replace(
                    TRAIN.config,
                    mask=replace(TRAIN.config.mask, soft=True),
                    data=replace(TRAIN.config.data, reuse=("a data set", "b")),
                ),
            ),
            TRAIN,
        ),
    ],
)
def test_the_line_gives_the_options_back(options, default):
    line = command_line("saccade verb", options, default)
    words = shlex.split(line)
    assert words[:2] == ["saccade", "verb"]
    assert parse_options(type(options), words[2:], "saccade verb") == options


def test_only_what_differs_is_written():
    assert command_line("saccade eval push", EvalOptions(), EvalOptions()) == "saccade eval push"
    options = EvalOptions(protocol=Protocol(patience=5), out=Path("my out"))
    line = command_line("saccade eval push", options, EvalOptions())
    assert line == "saccade eval push --out 'my out' --protocol.patience 5"


def trainings() -> list:
    commands = [system.command("train") for system in SYSTEMS.values()]
    return [command.options.TRAINING for command in commands if command is not None]


@pytest.mark.parametrize("training", trainings(), ids=lambda training: training.system)
def test_a_line_parses_although_hidden_settings_differ_too(training):
    first, *others = training.presets
    usual = training.options.from_preset(first)
    for name in others:
        config = training.presets[name]()
        options = training.options(preset=first, config=config)
        words = shlex.split(command_line("", options, usual))
        given = parse_options(training.options, words, f"saccade train {training.system}")
        left = hidden_differences(options, given)
        assert command_line("", options, given) == ""
        assert left == hidden_differences(options, usual)
        assert bool(left) == (given.config != config)


def test_what_is_no_option_is_named_instead_of_written():
    config = replace(
        TRAIN.config, gamma=0.0, glimpse=GlimpseQConfig(hidden=7),
        world=replace(TRAIN.config.world, scene=SceneConfig(box=None), hover=0.2),
    )  # fmt: skip
    options = replace(TRAIN, config=config, seed=4)
    assert command_line("saccade train push", options, TRAIN) == "saccade train push --seed 4"
    hidden = ["glimpse", "world.scene.box", "world.hover"]
    assert hidden_differences(options, TRAIN) == hidden
    assert TRAINING.command_of(config, 4) == "saccade train push --preset cpu --seed 4"
    assert TRAINING.not_in_command(config, 4) == hidden
