"""`saccade eval SYSTEM`: play, keep, results.json for programs, report.html for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as brief
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

from saccade.errors import DamagedFileError, UserInputError
from saccade.left_out import LeftOut, listed, nothing_left
from saccade.storage.files import write_whole
from saccade.storage.folders import in_use
from saccade.storage.json_files import read_json
from saccade.storage.json_schema import check_json
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.training.provenance import describe_surroundings
from saccade.verbs.command import STOPPED
from saccade.viewing.tables import Table, to_text
from saccade.wording import counted

RESULTS_FILE, REPORT_FILE = "results.json", "report.html"

LARGEST = 1e12
"""Largest value that a measure may have."""
LONGEST_TEXT, LONGEST_REASON = 1000, 200
"""Largest numbers of letters of a text in results.json, and of what is said of a damaged one."""
_DOES_NOT_FIT = (KeyError, ValueError, UserInputError)
"""Errors of making a table of parts that are as declared and do not fit each other."""

PlayedT = TypeVar("PlayedT")
Stop = Callable[[], bool]
"""Callback that is asked between two pieces of work; once it is true, no more come."""


class LeftOutResult(TypedDict):
    """What results.json says of a case that is not in it."""

    name: str
    reason: str


class Results(TypedDict):
    """What every results.json holds; a system's own declares the fields of its measures too.

    `read_evaluation` checks it before anything is made of it.
    """

    system: str
    command: str
    left_out: NotRequired[list[LeftOutResult]]


ResultsKind = Callable[[Mapping[str, Any]], type]
"""Function that gives the declaration, a `Results`, of a results.json of a system."""


def every_results(document: Mapping[str, Any]) -> type:
    """The declaration of what every results.json holds."""
    return Results


@dataclass(frozen=True)
class Evaluation(Generic[PlayedT]):
    """What `saccade eval SYSTEM` plays, and how the system tells of it.

    Attributes:
        system: Name of the system.
        command: Command line, for results.json (`spelling.command_line`).
        out: Folder of the results.
        count: Number of cases: scenarios, sequences.
        noun: Noun for a case: what it is called.
        play: Function that plays the cases in order, each when it is asked for, until told to
            stop; one that proves to be of no use is left out.
        so_far: Numbers that the progress shows of the cases that were played.
        measure: Function that gives the system's own fields of results.json; a number that is not
            finite is no JSON, None stands for it.
        table: Table of what results.json holds; `show`, `ship` and `read_evaluation` use it too.
        report: Writer of report.html into `out`; takes what results.json holds, the played cases,
            how many of them may be pictured, and whether to stop.
        left_out: Cases that were known to be of no use, and are not in `count`.
    """

    system: str
    command: str
    out: Path
    count: int
    noun: str
    play: Callable[[Stop], Iterator[PlayedT | LeftOut]]
    so_far: Callable[[Sequence[PlayedT]], Mapping[str, float]]
    measure: Callable[[Sequence[PlayedT]], Mapping[str, Any]]
    table: Callable[[dict[str, Any]], Table]
    report: Callable[[dict[str, Any], Sequence[PlayedT], int, Stop], Path]
    left_out: Sequence[LeftOut] = ()

    def run(self, pictured: int) -> int:
        """Play, print the table, write the files, list what was left out; returns the exit code.

        What was played counts, whatever ends the evaluation: it is in results.json.

        Raises:
            FolderInUseError: Another process writes to the folder.
            UserInputError: All cases are left out.
        """
        played: list[PlayedT] = []
        left_out = list(self.left_out)
        with in_use(self.out), GracefulStop() as stop:
            try:
                self._play(played, left_out, stop.is_requested)
            finally:
                document = self._keep(played, left_out) if played else {}
            done = len(played) + len(left_out) - len(self.left_out)
            if not played and done == self.count:
                raise nothing_left(left_out, self.noun)
            if not played:
                print(f"stopped before the first {self.noun} was over; nothing was written")
                return STOPPED
            limit = 0 if stop.requested else pictured
            print(self.report(document, played, limit, stop.is_requested))
        for line in listed(left_out):
            print(line)
        if done < self.count:
            print(f"stopped after {done} of {counted(self.count, self.noun)}")
            return STOPPED
        return 0

    def _play(self, played: list[PlayedT], left_out: list[LeftOut], stop: Stop) -> None:
        with progress(total=self.count, description="evaluation") as bar:
            for one in self.play(stop):
                if isinstance(one, LeftOut):
                    left_out.append(one)
                else:
                    played.append(one)
                bar.update(1, **(self.so_far(played) if played else {}))

    def _keep(self, played: Sequence[PlayedT], left_out: Sequence[LeftOut]) -> dict[str, Any]:
        """Print the table and write results.json; returns what it holds."""
        measured = {**self.measure(played), "left_out": left_out_fields(left_out)}
        document = results_document(self.system, self.command, measured)
        print(to_text(self.table(document)), end="")
        print(write_results(self.out, document))
        return document


def results_document(system: str, command: str, measures: Mapping[str, Any]) -> dict[str, Any]:
    """What results.json holds: the measures, and where they come from."""
    return {"system": system, "command": command, **measures, **describe_surroundings()}


def left_out_fields(left_out: Sequence[LeftOut]) -> list[dict[str, str]]:
    """What results.json says of what was left out."""
    return [{"name": one.name, "reason": one.reason} for one in left_out]


def write_results(folder: Path, document: Mapping[str, Any]) -> Path:
    """Write results.json; the file appears whole."""
    path = folder / RESULTS_FILE
    write_whole(path, (json.dumps(document, indent=1, allow_nan=False) + "\n").encode())
    return path


def read_evaluation(
    path: Path,
    system: str,
    table: Callable[[dict[str, Any]], Table],
    kind: ResultsKind = every_results,
    told: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> tuple[str, Table]:
    """The command and the table of a results.json.

    Args:
        path: The file.
        system: Name of the system that it must be of.
        table: Table of what it holds.
        kind: Declaration of what it holds.
        told: Function that gives what is told of it; all that it holds if there is none.

    Raises:
        DamagedFileError: The file is of something else, or is not as declared.
    """
    document = read_json(path)
    if not isinstance(document, dict) or document.get("system") != system:
        raise DamagedFileError(f"{path} is no evaluation of {system}; expected its {RESULTS_FILE}")
    try:
        check_json(document, kind(document))
        document = told(document) if told is not None else document
        command, shown = document["command"], table(document)
        _check_cells([command, shown.caption, *shown.notes])
        _check_cells([cell for row in shown.rows for cell in row])
        to_text(shown)
    except _DOES_NOT_FIT as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        reason = " ".join(what.split())[:LONGEST_REASON]
        raise DamagedFileError(f"{path} is no evaluation of {system}: {reason}") from error
    return command, shown


def _check_cells(cells: Sequence[Any]) -> None:
    """Refuse what a table of measures has no place for.

    Raises:
        ValueError: A cell is neither a short text, nor a number, nor a mean with its interval.
    """
    for cell in cells:
        parts = cell if isinstance(cell, tuple) else (cell,)
        is_text = isinstance(cell, str) and len(cell) <= LONGEST_TEXT and cell.isprintable()
        is_number = all(type(part) in (int, float) and abs(part) <= LARGEST for part in parts)
        if not (is_text or (is_number and len(parts) in (1, 3))):
            raise ValueError(f"{brief(cell)} is no measure")


def report_facts(document: Mapping[str, Any]) -> dict[str, str]:
    """What a report says of where and how its results came about.

    Args:
        document: Content of results.json, with its command and `describe_surroundings`.
    """
    machine, git = document["machine"], document["git"]
    facts = {
        "command": document["command"],
        "started": document["started"],
        "machine": f"{machine['cpu']}, {counted(machine['cores'], 'core')}",
        "versions": ", ".join(f"{name} {v}" for name, v in document["versions"].items() if v),
    }
    if git:
        changed = " (with changes)" if git["modified"] else ""
        facts["revision"] = f"{git['revision'][:12]}{changed}"
    return facts
