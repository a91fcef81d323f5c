"""The command: `saccade VERB SYSTEM [options]`.

What a verb does for a system lives with the system (`saccade.systems.NAME.commands`); here are
the grammar, the help at every level, and the rule that a mistake costs one clear line.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import saccade
from saccade import systems
from saccade.checks import choice
from saccade.errors import SaccadeError, UserInputError
from saccade.options import HELP, parse_options
from saccade.systems import System
from saccade.verbs import lookup
from saccade.verbs.command import STOPPED, Command

PIPE_CLOSED, USER_MISTAKE = 141, 2
_REFUSALS = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
    errno.EBADF, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP,
)  # fmt: skip
"""Errors of the system for a path or stream that cannot be used; any other is our mistake."""


@dataclass(frozen=True)
class Verb:
    """One word of the grammar: what follows it, and how a system is found from that."""

    run: Callable[[str, list[str]], int]
    follows: str
    help: str


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 for a user's mistake."""
    _occupy_streams()
    try:
        return _guarded(list(sys.argv[1:] if argv is None else argv))
    finally:
        _drop_broken_streams()


def _guarded(args: list[str]) -> int:
    """Run one command; a mistake costs one line."""
    try:
        code = _dispatch(args)
        sys.stdout.flush()
        return code
    except SaccadeError as error:
        return _fail(str(error), error.exit_code)
    except SystemExit as stop:  # after --help
        return int(stop.code or 0)
    except KeyboardInterrupt:
        _say("saccade: interrupted")
        return STOPPED
    except BrokenPipeError:  # nobody reads on: `saccade ... | head`
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        return _fail(f"{error.strerror}: {error.filename or 'while writing'}", USER_MISTAKE)


def _fail(message: str, code: int) -> int:
    _say(f"saccade: error: {' '.join(message.split())}")
    return code


def _say(line: str) -> None:
    with suppress(OSError):  # stderr may be what is broken; the exit code says it too
        print(line, file=sys.stderr, flush=True)


def _occupy_streams() -> None:
    """Put /dev/null in the place of streams that the caller closed (`>&-`).

    Otherwise the next file that is opened takes their number, and what is printed goes into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r"))  # noqa: SIM115


def _drop_broken_streams() -> None:
    """Drop streams that cannot be flushed, lest they fail again, with a traceback, at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _require_working_directory() -> None:
    try:
        os.getcwd()
    except FileNotFoundError as error:  # libraries die of it in ways of their own
        raise UserInputError("the working directory was removed; change to another") from error


def _dispatch(args: list[str]) -> int:
    _print_any_name()
    word, rest = (args[0], args[1:]) if args else ("--help", [])
    if word in HELP:
        print(_overview())
        return 0
    if word in ("-V", "--version"):
        print(f"saccade {saccade.__version__}")
        return 0
    if word.startswith("-"):
        raise UserInputError(f"unknown option {word} before a verb (valid: --help, --version)")
    verb = choice("verb", word, VERBS)
    _require_working_directory()
    return VERBS[verb].run(verb, rest)


def _print_any_name() -> None:
    """Let a file name whose bytes are no text be printed, with escapes in their place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _overview() -> str:
    verbs = [(f"{name} {verb.follows}".strip(), verb.help) for name, verb in VERBS.items()]
    names = [(system.name, system.summary) for system in systems.SYSTEMS.values()]
    return "\n\n".join(
        [
            "usage: saccade VERB SYSTEM [options]",
            "Attention for robot learning: where to look, where to act.",
            "verbs:\n" + _table(verbs),
            "systems:\n" + _table(names),
            "`saccade VERB --help` and `saccade VERB SYSTEM --help` say more.",
        ]
    )


def _verb_help(verb: str) -> str:
    rows = [
        (subject, system.verbs().help(verb))
        for system in systems.SYSTEMS.values()
        if verb in system.verbs()
        for subject in _subjects(verb, system)
    ]
    usage = f"usage: saccade {verb} {VERBS[verb].follows}".strip()
    heading = "worlds:" if verb == "record" else "systems:"
    listing = _table(rows) if rows else "  none yet"
    more = f"`saccade {verb} NAME --help` lists the options."
    return f"{usage}\n\n{VERBS[verb].help}\n\n{heading}\n{listing}\n\n{more}"


def _subjects(verb: str, system: System) -> tuple[str, ...]:
    return system.worlds if verb == "record" else (system.name,)


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {text}" for name, text in rows)


def _has_subject(args: list[str]) -> bool:
    return bool(args) and not args[0].startswith("-")


def _run_command(verb: str, system: System, subject: str, args: list[str]) -> int:
    command = _require_command(verb, system)
    options = parse_options(command.options, args, f"saccade {verb} {subject}".strip())
    return command.run(options)


def _require_command(verb: str, system: System) -> Command:
    command = system.command(verb)
    if command is None:
        able = [name for name, other in systems.SYSTEMS.items() if verb in other.verbs()]
        raise UserInputError(
            f"'{verb}' does not exist for '{system.name}' (valid: {', '.join(able) or 'none yet'})"
        )
    return command


def _system_verb(verb: str, args: list[str]) -> int:
    """Run a verb of a system: `saccade train push ...`."""
    if not _has_subject(args):
        return _help_or_missing(verb, args, systems.SYSTEMS)
    system = systems.SYSTEMS[choice("system", args[0], systems.SYSTEMS)]
    return _run_command(verb, system, system.name, args[1:])


def _world_verb(verb: str, args: list[str]) -> int:
    """Run a verb of a world: `saccade record push_box ...`."""
    if not _has_subject(args):
        worlds = [name for system in systems.SYSTEMS.values() for name in system.worlds]
        return _help_or_missing(verb, args, worlds)
    system = systems.system_of_world(args[0])
    if len(system.worlds) == 1:
        return _run_command(verb, system, args[0], args[1:])
    return _run_command(verb, system, "", args)  # which of its worlds is the command's to know


def _demo_verb(verb: str, args: list[str]) -> int:
    """Run `saccade demo ...`: the main job, or another system's demonstration by name."""
    if _has_subject(args):
        return _system_verb(verb, args)
    return _run_command(verb, next(iter(systems.SYSTEMS.values())), "", args)


def _bench_verb(verb: str, args: list[str]) -> int:
    """Run `saccade bench [SYSTEM] ...`: one system's benchmark, or that of each."""
    if _has_subject(args):
        return _system_verb(verb, args)
    able = [system for system in systems.SYSTEMS.values() if verb in system.verbs()]
    if args and args[0] in HELP and len(able) != 1:
        print(_verb_help(verb))
        return 0
    if args and len(able) > 1:
        names = ", ".join(system.name for system in able)
        raise UserInputError(f"'bench' with {args[0]} needs a system before it (valid: {names})")
    return max((_run_command(verb, system, "", args) for system in able), default=0)


def _folder_verb(verb: str, args: list[str]) -> int:
    """Run `saccade show FOLDER ...` or `saccade ship RUN ...`: the folder says whose it is."""
    if not _has_subject(args):
        return _help_or_missing(verb, args, [])
    name, rest = args[0], args[1:]
    system = systems.SYSTEMS.get(name) or systems.identify(_target(verb, name))
    return _run_command(verb, system, "", [name, *rest])


def _target(verb: str, name: str) -> Path:
    path = Path(name).expanduser()
    if path.exists():
        return path
    if name in lookup.shipped_weights():
        return lookup.WEIGHTS / name
    raise UserInputError(
        f"nothing to {verb} at '{name}': expected {VERBS[verb].follows}, a folder, or a shipped "
        f"name ({', '.join(lookup.shipped_weights())})"
    )


def _help_or_missing(verb: str, args: list[str], valid: Sequence[str] | dict[str, Any]) -> int:
    if args and args[0] in HELP:
        print(_verb_help(verb))
        return 0
    choices = f" (valid: {', '.join(valid)})" if valid else ""
    given = f", got the option {args[0]}" if args else ""
    raise UserInputError(f"'{verb}' needs a {VERBS[verb].follows.split()[0]}{choices}{given}")


def _doctor_verb(verb: str, args: list[str]) -> int:
    from saccade import doctor

    return doctor.run(parse_options(doctor.DoctorOptions, args, f"saccade {verb}"))


VERBS: dict[str, Verb] = {
    "doctor": Verb(_doctor_verb, "", "what this machine has, and what mends what it lacks"),
    "demo": Verb(_demo_verb, "[SYSTEM]", "push ten objects into the box with the shipped weights"),
    "train": Verb(_system_verb, "SYSTEM", "train from nothing, or resume exactly; --preset NAME"),
    "eval": Verb(_system_verb, "SYSTEM", "play the paper's protocol; a table and a report"),
    "run": Verb(_system_verb, "SYSTEM", "apply a system to your own depth image or video"),
    "table": Verb(_system_verb, "SYSTEM", "the paper's tables beside ours, from real runs"),
    "record": Verb(_world_verb, "WORLD", "record a dataset of episodes in a world"),
    "show": Verb(_folder_verb, "RUN|DATASET|WEIGHTS", "pictures, plots and video of what is in it"),
    "ship": Verb(_folder_verb, "RUN", "make a run's weights the shipped ones, with a model card"),
    "export": Verb(_system_verb, "SYSTEM", "write the networks as ONNX files"),
    "bench": Verb(_bench_verb, "[SYSTEM]", "speed, as ratios against peers in the same run"),
}


if __name__ == "__main__":
    sys.exit(main())
