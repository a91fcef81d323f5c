"""What `saccade show` says of an evaluation."""

from __future__ import annotations

from pathlib import Path

from saccade.errors import DamagedFileError
from saccade.systems.hart.showing.results import REPORT_FILE, RESULTS_FILE, result_table
from saccade.training.storage import read_json
from saccade.viewing.tables import to_text


def show(folder: Path) -> list[Path]:
    """Print the table of results.json; the report beside it has the pictures already.

    Raises:
        DamagedFileError: results.json lacks a column of the table.
    """
    path = folder / RESULTS_FILE
    document = read_json(path)
    try:
        text = to_text(result_table(document))
        command = document["command"]
    except (KeyError, TypeError) as error:
        raise DamagedFileError(f"{path} is no evaluation of hart: {error!r} is missing") from error
    print(f"evaluation {folder}\n{command}\n\n{text}")
    return [folder / REPORT_FILE] if (folder / REPORT_FILE).exists() else []
