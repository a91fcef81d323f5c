"""Options of a command: a frozen dataclass, read from the command line by tyro.

tyro explains a mistake in a box of many lines; here it becomes one line, raised as an error.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import tyro

from saccade.checks import choice
from saccade.errors import UserInputError
from saccade.option_help import EVERYTHING, read_options, screen
from saccade.verbs.command import PresetOptions

OptionsT = TypeVar("OptionsT")
HELP = frozenset({"-h", "--help"})
_LISTED_AT_MOST = 12


def parse_options(options: type[OptionsT], args: Sequence[str], program: str) -> OptionsT:
    """Read `args` into an instance of the dataclass `options`.

    `--help` prints the first screen of the options and exits with 0, `--help GROUP` those of a
    group, `--help all` all.

    Raises:
        UserInputError: An option is unknown, missing or has an impossible value; or there is no
            such group.
        SystemExit: The code is 0, after `--help`.
    """
    default: Any = tyro.MISSING_NONPROP
    if issubclass(options, PresetOptions):
        default = options.from_preset(_preset(options, args))
    read = functools.partial(
        tyro.cli, options, prog=program, default=default, return_unknown_args=True
    )
    if not HELP.isdisjoint(args):
        if described := read_options(options, default):
            print(screen(described, program, _topic(args)), flush=True)
            raise SystemExit(0)
        read(args=["--help"])  # alone: tyro hides the positional arguments that were given
    complaint = io.StringIO()
    try:
        # Both, because tyro draws and colours its boxes as standard output would bear it.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(complaint):
            parsed, unknown = read(args=list(args))
    except SystemExit:
        raise UserInputError(_one_line(complaint.getvalue(), args, program)) from None
    if unknown:
        described = read_options(options, default)
        flags = described.flags() if described else []
        raise UserInputError(_unknown(unknown, flags, program))
    return parsed


def _topic(args: Sequence[str]) -> str:
    """Return the group that is asked for: the word after `--help`, "" where there is none."""
    after = args[max(args.index(word) for word in HELP if word in args) + 1 :]
    return after[0] if after and not after[0].startswith("-") else ""


def _preset(options: type[PresetOptions], args: Sequence[str]) -> str:
    """Return the preset that `args` choose; the last one counts, as for every option."""
    chosen = options.PRESETS[0]
    for position, arg in enumerate(args):
        name, equals, value = arg.partition("=")
        if name != "--preset":
            continue
        if not equals and position + 1 == len(args):
            raise UserInputError(f"--preset needs a name (valid: {', '.join(options.PRESETS)})")
        chosen = value if equals else args[position + 1]
    return choice("preset", chosen, options.PRESETS)


def _unknown(unknown: list[str], flags: list[str], program: str) -> str:
    given = next((arg for arg in unknown if arg.startswith("-")), None)
    if given is None:
        return f"unexpected argument '{unknown[0]}' ({program} --help lists the options)"
    name = given.partition("=")[0].replace("_", "-")
    # The last part of a dotted name is what people remember: --epochs for --offline.epochs.
    same_end = [flag for flag in flags if flag.lstrip("-").split(".")[-1] == name.lstrip("-")]
    close = same_end or difflib.get_close_matches(name, flags, n=3)
    meant = f"; did you mean {' or '.join(close)}?" if close else ""
    listing = f"{program} --help {EVERYTHING} lists the options"
    if 0 < len(flags) <= _LISTED_AT_MOST:
        listing = f"valid: {', '.join(flags)}"
    return f"unknown option {name}{meant} ({listing})"


def _one_line(complaint: str, args: Sequence[str], program: str) -> str:
    """Condense tyro's box: a title, then the mistake, then the help of the option, with rules
    between them. The first versions of tyro 1 draw its frame too."""
    rows = [row.strip(" │").replace("─", "-") for row in complaint.splitlines()]
    text = "\n".join(f"{row.strip('╭╮- ')}\n----" if "╭" in row else row for row in rows)
    _, mistake, *more = (part.strip() for part in re.split(r"\n-{4,}\n", text))
    message = " ".join(mistake.split())
    help_hint = f"({program} --help)"
    if flag := re.match(r"Error parsing (--[\w.-]+): ", message):
        # The option's help: a heading, then the option with the form of its value, then words.
        form = more[0].splitlines()[1].rpartition(flag[1])[2].strip()
        return f"{flag[1]} got {_given(flag[1], args)}, expected {form} {help_hint}"
    if missing := re.match(r"Missing from .*?: (.*)", message):
        return f"missing option {missing[1]} {help_hint}"
    return f"{message} {help_hint}"


def _given(flag: str, args: Sequence[str]) -> str:
    """Return the values that follow `flag`, quoted, as the user wrote them."""
    values: list[str] = []
    for position, arg in enumerate(args):
        name, equals, value = arg.partition("=")
        if name.replace("_", "-") != flag:
            continue
        values = [value] if equals else []
        for following in args[position + 1 :]:
            if following.startswith("--"):
                break
            values.append(following)
    return f"'{' '.join(values)}'"
