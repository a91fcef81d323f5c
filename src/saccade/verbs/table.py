"""`saccade table SYSTEM`: make the rows of the paper's tables, print them beside its figures."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from saccade.checks import choice
from saccade.storage.files import write_whole
from saccade.storage.folders import in_use
from saccade.training.interrupt import GracefulStop
from saccade.training.workers import Workers
from saccade.verbs.command import STOPPED
from saccade.verbs.evaluate import REPORT_FILE, RESULTS_FILE, report_facts, results_document
from saccade.verbs.rows import Making, RowT
from saccade.viewing.images import save_png
from saccade.viewing.report import write_report
from saccade.viewing.tables import Table, to_markdown, to_text

TABLE_FILE = "table.md"

Figures = Mapping[str, tuple[str, bytes]]
"""Figures: caption and PNG by file name."""


@dataclass(frozen=True)
class TableView(Generic[RowT]):
    """What is told of a table's rows.

    Attributes:
        title: Title of the report.
        tables: Tables of the rows that have figures.
        figures: Figures of those rows.
        facts: Facts that results.json says beyond the rows and where it comes from.
    """

    title: str
    tables: Callable[[Sequence[RowT]], Sequence[Table]]
    figures: Callable[[Sequence[RowT]], Figures]
    facts: Mapping[str, Any]


def run_table(
    making: Making[RowT],
    view: TableView[RowT],
    rows: Sequence[RowT],
    only: Sequence[str],
    workers: Workers,
    command: str,
    prepare: Callable[[Sequence[RowT], GracefulStop], object] | None = None,
) -> int:
    """Make what is missing, then print and write the tables; returns the exit code.

    Args:
        making: Making of the rows.
        view: View of the rows.
        rows: All rows.
        only: Keys of the rows that are made, or patterns of them ("*.bc"); all if there is none.
        workers: Workers, one a row at a time.
        command: Command line, for results.json.
        prepare: Function that makes what the rows share, before them.

    Raises:
        UserInputError: There is no such row, a run was started with other settings, or a base is
            missing.
        FolderInUseError: Another process writes to the folder.
    """
    keys = [row.key for row in rows]
    wanted = [key for word in only for key in _meant(word, keys)] or keys
    chosen = [row for row in rows if row.key in wanted]
    bases = {row.base for row in chosen}
    for checked in (chosen, [row for row in rows if row.key in bases]):
        making.check(checked)  # before anything that takes long
    with in_use(making.out), GracefulStop() as stop:
        if prepare is not None:
            prepare(chosen, stop)
        done = not stop.requested and making.make(chosen, workers, stop)
        _write(making, view, [row for row in rows if making.shows(row, chosen)], command)
    if not done:
        print(f"stopped; what was done is kept. Go on with: {command}")
    return 0 if done else STOPPED


def _meant(word: str, keys: Sequence[str]) -> list[str]:
    """Keys that a word means: itself, or all that it is a pattern of.

    Raises:
        UserInputError: There is none.
    """
    return fnmatch.filter(keys, word) or [choice("row", word, keys)]


def _write(
    making: Making[RowT], view: TableView[RowT], shown: Sequence[RowT], command: str
) -> None:
    """Print the tables; write table.md, results.json, the figures and report.html."""
    out, tables, figures = making.out, view.tables(shown), view.figures(shown)
    for table in tables:
        print(to_text(table))
    write_whole(out / TABLE_FILE, "\n".join(to_markdown(table) for table in tables).encode())
    facts = {**view.facts, "rows": {row.key: making.kept(row) for row in shown}}
    document = results_document(making.system, command, facts)
    write_whole(out / RESULTS_FILE, (json.dumps(document, indent=1) + "\n").encode())
    for name, (_, picture) in figures.items():
        save_png(out / f"{name}.png", picture)
    drawn = dict(figures.values())
    write_report(out / REPORT_FILE, view.title, tables, figures=drawn, facts=report_facts(document))
    for name in (TABLE_FILE, RESULTS_FILE, *(f"{name}.png" for name in figures), REPORT_FILE):
        print(out / name)
