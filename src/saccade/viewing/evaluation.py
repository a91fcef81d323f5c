"""An evaluation as a folder: results.json for programs, report.html for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from saccade.errors import DamagedFileError
from saccade.training.storage import read_json
from saccade.viewing.tables import Table, to_text

RESULTS_FILE, REPORT_FILE = "results.json", "report.html"


def show_evaluation(
    folder: Path,
    system: str,
    table: Callable[[dict[str, Any]], Table],
    beside: Iterable[str] = (REPORT_FILE,),
) -> list[Path]:
    """Print the table of a folder's results.json; returns the files beside it that are there.

    Args:
        folder: Folder of the evaluation.
        system: Name of the system that made it.
        table: Function that makes a table of the content of results.json.
        beside: Names of files that have the pictures.

    Raises:
        DamagedFileError: results.json lacks a column of the table.
    """
    path = folder / RESULTS_FILE
    document = read_json(path)
    try:
        text = to_text(table(document))
        command = document["command"]
    except (KeyError, TypeError) as error:
        raise DamagedFileError(
            f"{path} is no evaluation of {system}: {error!r} is missing"
        ) from error
    print(f"evaluation {folder}\n{command}\n\n{text}")
    return [folder / name for name in beside if (folder / name).exists()]


def report_facts(document: Mapping[str, Any]) -> dict[str, str]:
    """Facts of a report: where and how its results came about.

    Args:
        document: Content of results.json, with its command and `describe_surroundings`.
    """
    machine, git = document["machine"], document["git"]
    facts = {
        "command": document["command"],
        "started": document["started"],
        "machine": f"{machine['cpu']}, {machine['cores']} cores",
        "versions": ", ".join(f"{name} {v}" for name, v in document["versions"].items() if v),
    }
    if git:
        changed = " (with changes)" if git["modified"] else ""
        facts["revision"] = f"{git['revision'][:12]}{changed}"
    return facts
