"""What `--help` says of a command's options: a first screen of those that people change, and the
rest by group. A group is the first part of a dotted name: `--mask.edge.offset` belongs to `mask`.
"""

from __future__ import annotations

import argparse
import shutil
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import tyro

from saccade.checks import choice
from saccade.verbs.command import PresetOptions
from saccade.verbs.workers import WorkerOptions

EVERYTHING = "all"
"""Word after `--help` for every option, in place of a group."""
OTHER = "other"
"""Group of the options without a dot that the first screen of a command with presets leaves out."""
_SCALE = ("engine", "ray_address")
"""Options of workers that few people change."""
_ALL_AT_ONCE = 15
"""Most options of a command that shows them all on its first screen."""
_WIDEST, _NARROWEST = 100, 60
"""Most and fewest columns of text; longer lines are hard to read."""
_NAME_SHARE = 0.4
"""Share of a line beyond which a name with its form has its meaning below."""
_HELD = "\N{NO-BREAK SPACE}"
"""Space that holds a default together where a line is broken."""


@dataclass(frozen=True)
class Option:
    """One option as it is written, "--world.use-gl" say."""

    names: tuple[str, ...]
    """All spellings; none for an option that stands without a name."""
    form: str
    """Form of its value: "INT"; the name of what stands without a name."""
    meaning: str
    """Meaning of the option, with its default."""
    section: str
    """Part of its name before the last dot, "" without a dot."""

    @property
    def group(self) -> str:
        """First part of its dotted name, "" for an option that stands alone."""
        return self.section.partition(".")[0]

    def heading(self) -> str:
        """Names and form, as the list shows them."""
        return f"{', '.join(self.names)} {self.form}".strip()


@dataclass(frozen=True)
class Options:
    """The options of a command."""

    about: str
    """Line that says what the command does."""
    listed: list[Option]
    sections: dict[str, str]
    """Line about each section, by its name."""
    main: tuple[str, ...]
    """Names of nested options that the first screen shows too."""

    def flags(self) -> list[str]:
        """Every spelling of every option."""
        return [name for option in self.listed for name in option.names]


def read_options(options: type, default: Any) -> Options | None:
    """Describe the options of a dataclass, but for those that it hides from the command line.

    Args:
        options: Dataclass of the options.
        default: Instance that the defaults come from, or tyro's sign that there is none.

    Returns:
        None where the installed tyro does not tell; its own help is then all there is.
    """
    get_parser = getattr(tyro.extras, "get_parser", None)
    if get_parser is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # tyro 1 has no other list of them
        parser: argparse.ArgumentParser = get_parser(options, default=default)
    listed: list[Option] = []
    sections: dict[str, str] = {}
    for arguments in parser._action_groups:  # argparse has no public list
        for argument in arguments._group_actions:
            if "--help" not in argument.option_strings:
                listed.append(_option(argument))
                sections.setdefault(listed[-1].section, _one_line(arguments.description))
    if issubclass(options, WorkerOptions):  # what every command has comes after what it is about
        shared = {f"--{each.name.replace('_', '-')}" for each in fields(WorkerOptions)}
        listed.sort(key=lambda option: not shared.isdisjoint(option.names))
    main = options.MAIN if issubclass(options, PresetOptions) else ()
    if main:
        named: Any = fields(options)  # pyright: ignore[reportArgumentType]
        own = {f"--{each.name.replace('_', '-')}" for each in named if each.name not in _SCALE}
        listed = [_set_aside(option, own) for option in listed]
        sections[OTHER] = "What else has no group."
    return Options(" ".join((parser.description or "").split()), listed, sections, main)


def _set_aside(option: Option, own: set[str]) -> Option:
    """The option; in `OTHER` if it has no group and is none of a command's own."""
    aside = not option.section and own.isdisjoint(option.names)
    return replace(option, section=OTHER) if aside else option


def _one_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _option(argument: argparse.Action) -> Option:
    names = tuple(argument.option_strings)
    form = str(argument.metavar or "") if names else argument.dest.upper()
    meaning = " ".join((argument.help or "").split())
    for nothing in ("(default: None)", "(default: '')", "(default: )"):
        if meaning.endswith(nothing):  # not given: its meaning says what happens then
            meaning, form = meaning.removesuffix(nothing).rstrip(), form.removeprefix("{None}|")
    for kind in ("INT", "FLOAT", "STR", "PATH"):
        form = form.replace(f"[{kind} [{kind} ...]]", f"[{kind} ...]")
    section = names[0].lstrip("-").rpartition(".")[0] if names else ""
    return Option(names, form, meaning, section)


def screen(options: Options, program: str, topic: str = "") -> str:
    """Return what `PROGRAM --help [TOPIC]` prints, without a line's end at its end.

    Args:
        options: Options of the command.
        program: Program as it is written: "saccade train push".
        topic: A group, "all", or "" for the first screen.

    Raises:
        UserInputError: There is no such group.
    """
    groups = list(dict.fromkeys(option.group for option in options.listed if option.group))
    if topic and choice("group of options", topic, [*groups, EVERYTHING]) != EVERYTHING:
        chosen = [option for option in options.listed if option.group == topic]
        return "\n".join(_sections(options, chosen))
    positional = "".join(f" {option.form}" for option in options.listed if not option.names)
    lines = [f"usage: {program}{positional} [options]", "", *_wrap(options.about, "", "")]
    if topic or len(options.listed) <= _ALL_AT_ONCE:
        return "\n".join([*lines, "", *_sections(options, options.listed)])
    by_name = {name.lstrip("-"): option for option in options.listed for name in option.names}
    shown = [option for option in options.listed if not option.group]
    shown += [by_name[name] for name in options.main if name in by_name]
    lines += ["", *_sections(options, shown, first="options")]
    return "\n".join([*lines, *_group_lines(options, shown, program)])


def _group_lines(options: Options, shown: list[Option], program: str) -> Iterator[str]:
    """Yield a line for each group of which something is not shown."""
    groups = list(dict.fromkeys(option.group for option in options.listed if option not in shown))
    if not groups:
        return
    yield ""
    yield f"more options, by group ({program} --help GROUP; --help {EVERYTHING} for everything):"
    width = max(len(group) for group in groups)
    for group in groups:
        members = [option for option in options.listed if option.group == group]
        about = options.sections.get(group) or options.sections[members[0].section]
        heading = f"  {group:<{width}}  {len(members):>3}  "
        yield from _wrap(about, heading, " " * len(heading))


def _sections(options: Options, chosen: list[Option], first: str = "") -> Iterator[str]:
    """Yield the lines of options under a heading each section; with `first`, all under that."""
    column = _name_column(chosen)
    section = None
    for option in chosen:
        if section is None and first:
            yield f"{first}:"
        elif not first and option.section != section:
            if section is not None:
                yield ""
            about = options.sections[option.section]
            yield from _wrap(f"{option.section or 'options'}: {about}".rstrip(), "", "  ")
        section = option.section
        yield from _lines(option, column)


def _name_column(chosen: list[Option]) -> int:
    """Return the columns of names: those that the longest needs which is not too long."""
    most = int(_NAME_SHARE * _columns())
    lengths = [len(option.heading()) for option in chosen]
    return max((length for length in lengths if length <= most), default=0)


def _lines(option: Option, column: int) -> list[str]:
    """Return name and form, and the meaning beside or, where that is too long, below them."""
    heading = f"  {option.heading()}"
    beside = f"{heading.ljust(column + 2)}  "
    margin = " " * (column + 4)
    if len(beside) == len(margin) or len(beside + option.meaning) <= _columns():
        return _wrap(option.meaning, beside, margin)
    return [heading, *_wrap(option.meaning, margin, margin)]


def _columns() -> int:
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def _wrap(text: str, start: str, margin: str) -> list[str]:
    lines = textwrap.wrap(
        text.replace("(default: ", f"(default:{_HELD}"),
        _columns(),
        initial_indent=start,
        subsequent_indent=margin,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace(_HELD, " ") for line in lines] or [start.rstrip()]
