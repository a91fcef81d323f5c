"""What `--help` shows first, by group and in full."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import pytest
import tyro

from saccade import options as reading
from saccade.errors import UserInputError
from saccade.option_help import Options, read_options, screen
from saccade.options import parse_options
from saccade.verbs.command import PresetOptions

PROGRAM = "saccade train box"


@dataclass(frozen=True)
class Edge:
    """Where things end."""

    offset: float = 0.02
    """From the start of the push to the edge, the very first one that is found, [m]."""
    secret: tyro.conf.Suppress[int] = 7
    """Nobody changes it."""


@dataclass(frozen=True)
class Mask:
    """What is looked through."""

    kind: Literal["learned", "edge"] = "edge"
    """Its kind."""
    weights: str = ""
    """A folder, or none."""
    widths: tuple[int, ...] = (1, 2)
    """Of each level."""
    soft: bool = False
    """Whether Q is multiplied by it."""
    edge: Edge = field(default_factory=Edge)
    """Edges."""


@dataclass(frozen=True)
class Stage:
    """Gradient descent on recorded pushes.

    A second paragraph.
    """

    steps: int = 1200
    """Gradient steps."""
    learning_rate: float = 1e-3
    """Peak."""
    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0
    e: int = 0
    f: int = 0


@dataclass(frozen=True)
class Inner:
    """One nest more."""

    depth: int = 1


@dataclass(frozen=True)
class Outer:
    """Holds nothing itself."""

    inner: Inner = field(default_factory=Inner)


@dataclass(frozen=True)
class Train(PresetOptions):
    """Train what puts a box into a box, and say more of it than fits one line of a terminal."""

    PRESETS: ClassVar[tuple[str, ...]] = ("cpu", "smoke")
    MAIN: ClassVar[tuple[str, ...]] = ("offline.learning-rate", "mask.kind")

    preset: str = "cpu"
    """Where other defaults come from."""
    out: Path | None = None
    """Folder of the run."""
    offline: Stage = field(default_factory=Stage)
    mask: Mask = field(default_factory=Mask)
    outer: Outer = field(default_factory=Outer)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        return cls(preset=name, offline=Stage(steps={"cpu": 1200, "smoke": 2}[name]))


@dataclass(frozen=True)
class Plain:
    """Options without presets."""

    episodes: int
    """How many."""
    offline: Stage = field(default_factory=Stage)
    other: Stage = field(default_factory=Stage)
    mask: Mask = field(default_factory=Mask)


def described(options: type, default: object = tyro.MISSING_NONPROP) -> Options:
    found = read_options(options, default)
    assert found is not None
    return found


def shown(text: str) -> list[str]:
    """Names of the options at the beginning of lines."""
    return re.findall(r"^  (--[\w.-]+)", text, flags=re.MULTILINE)


@pytest.fixture(autouse=True)
def width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def test_the_first_screen_has_what_stands_alone_and_the_main_settings_then_groups():
    text = screen(described(Train, Train()), PROGRAM)
    assert text.startswith("usage: saccade train box [options]\n\nTrain what puts")
    assert shown(text) == ["--preset", "--out", "--offline.learning-rate", "--mask.kind"]
    assert text.endswith(
        "more options, by group (saccade train box --help GROUP; --help all for everything):\n"
        "  offline    8  Gradient descent on recorded pushes.\n"
        "  mask       5  What is looked through.\n"
        "  outer      1  One nest more."
    )


@dataclass(frozen=True)
class Settings:
    network: str = "small"
    gamma: float = 0.5
    offline: Stage = field(default_factory=Stage)
    mask: Mask = field(default_factory=Mask)


@dataclass(frozen=True)
class Aside(PresetOptions):
    """Train."""

    MAIN: ClassVar[tuple[str, ...]] = ("network", "offline.steps")
    seed: int = 0
    config: Annotated[Settings, tyro.conf.arg(name="")] = field(default_factory=Settings)


def test_settings_without_a_dot_are_aside_unless_they_are_main():
    found = described(Aside, Aside())
    first = screen(found, PROGRAM)
    assert shown(first) == ["--seed", "--network", "--offline.steps"]
    assert "  other" in first and "--gamma" not in first
    assert "--gamma FLOAT" in screen(found, PROGRAM, "other")


def test_without_presets_the_first_screen_has_what_stands_alone():
    text = screen(described(Plain), PROGRAM)
    assert shown(text) == ["--episodes"]
    assert "--episodes INT  How many. (required)" in text
    assert "  mask       5  What is looked through." in text


def test_a_group_holds_its_nested_groups_with_meanings_and_defaults():
    assert screen(described(Train, Train()), PROGRAM, "mask").splitlines() == [
        "mask: What is looked through.",
        "  --mask.kind {learned,edge}   Its kind. (default: edge)",
        "  --mask.weights STR           A folder, or none.",
        "  --mask.widths [INT ...]      Of each level. (default: 1 2)",
        "  --mask.soft, --mask.no-soft  Whether Q is multiplied by it. (default: False)",
        "",
        "mask.edge: Edges.",
        "  --mask.edge.offset FLOAT     From the start of the push to the edge, the very",
        "                               first one that is found, [m]. (default: 0.02)",
    ]


def test_everything_is_everything_but_what_is_hidden():
    options = described(Train, Train())
    text = screen(options, PROGRAM, "all")
    assert shown(text) == [option.names[0] for option in options.listed]
    assert len(options.listed) == 16
    assert "secret" not in text


def test_few_options_are_shown_at_once():
    text = screen(described(Stage), PROGRAM)
    assert len(shown(text)) == 8
    assert "more options" not in text
    assert text == screen(described(Stage), PROGRAM, "all")


@pytest.mark.parametrize("topic", ["", "mask", "all"])
@pytest.mark.parametrize("columns", [80, 120])
def test_lines_are_short_and_without_colour(monkeypatch, topic, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = screen(described(Train, Train()), PROGRAM, topic)
    prose = [line for line in text.splitlines() if not line.startswith("more options")]
    assert max(map(len, prose)) <= min(columns, 100)
    assert "\x1b" not in text


def test_an_unknown_group_is_named_with_all_groups():
    with pytest.raises(
        UserInputError, match=r"'mas'; did you mean mask\?.*offline, mask, outer, all"
    ):
        parse_options(Train, ["--help", "mas"], PROGRAM)


@pytest.mark.parametrize(
    "args", [["--preset", "smoke", "-h", "offline"], ["--help", "offline", "--preset=smoke"]]
)
def test_the_defaults_of_a_group_are_those_of_the_preset(capsys, args):
    with pytest.raises(SystemExit, match="^0$"):
        parse_options(Train, args, PROGRAM)
    out = capsys.readouterr().out
    assert "--offline.steps INT            Gradient steps. (default: 2)" in out
    assert "--mask" not in out


def test_a_hidden_option_is_not_suggested():
    with pytest.raises(UserInputError) as caught:
        parse_options(Train, ["--secret", "3"], PROGRAM)
    assert "mask.edge.secret" not in str(caught.value)
    with pytest.raises(UserInputError, match=r"unknown option --offset; did you mean --mask\.edge"):
        parse_options(Train, ["--offset", "3"], PROGRAM)


def test_a_tyro_that_does_not_tell_shows_its_own_help(monkeypatch, capsys):
    monkeypatch.setattr(reading, "read_options", lambda options, default: None)
    with pytest.raises(SystemExit, match="^0$"):
        parse_options(Train, ["--help"], PROGRAM)
    assert "--mask.edge.offset" in capsys.readouterr().out
    with pytest.raises(UserInputError, match="unknown option --secret"):
        parse_options(Train, ["--secret", "3"], PROGRAM)


def test_a_complaint_in_a_frame_is_one_line_too():
    complaint = """╭─ Value error ───────────────────────────────────────────╮
│ Error parsing --offline.steps: invalid literal for int  │
│ 'many'                                                  │
│ ─────────────────────────────────────────────────────── │
│ Argument helptext:                                      │
│     --offline.steps INT                                 │
│ ─────────────────────────────────────────────────────── │
│ For full helptext, see saccade train box --help         │
╰─────────────────────────────────────────────────────────╯
"""
    assert reading._one_line(complaint, ["--offline.steps", "many"], PROGRAM) == (
        "--offline.steps got 'many', expected INT (saccade train box --help)"
    )
