"""`saccade show RUN|EVALUATION|WEIGHTS|hart`: what is in a folder, as text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from saccade import systems
from saccade.systems.hart.commands import show_run, show_weights
from saccade.systems.hart.showing.results import result_table
from saccade.systems.hart.showing.together import is_together, together_table
from saccade.systems.hart.weights import SYSTEM
from saccade.training.run import is_run
from saccade.verbs.command import Command
from saccade.viewing.evaluation import RESULTS_FILE, show_evaluation
from saccade.viewing.tables import Table


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, an evaluation or weights; or "hart", the shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        seed: Of weights: which generated clip they follow.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    folder = systems.shown_folder(options.target, SYSTEM)
    out = options.out or Path("out") / f"show-{folder.name or 'folder'}"
    for path in _shown(folder, out, options):
        print(path)
    return 0


def _table(document: dict[str, Any]) -> Table:
    """The table of an evaluation of either kind."""
    return together_table(document) if is_together(document) else result_table(document)


def _shown(folder: Path, out: Path, options: ShowOptions) -> list[Path]:
    """Show the folder as what it is; returns the files that were written, or are there."""
    if (folder / RESULTS_FILE).is_file():
        return show_evaluation(folder, SYSTEM, _table)
    if not is_run(folder):
        return show_weights.show(folder, out, options.seed)
    written = show_run.show(folder, out)
    if not show_run.has_weights(folder):
        return written
    return [*written, *show_weights.show(folder, out, options.seed)]


COMMAND = Command(ShowOptions, run_show)
