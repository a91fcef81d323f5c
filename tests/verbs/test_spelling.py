from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from saccade.options import parse_options
from saccade.systems.push.commands.evaluate import EvalOptions
from saccade.systems.push.commands.train import TRAINING
from saccade.systems.push.rollout import Protocol
from saccade.verbs.spelling import command_line

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
