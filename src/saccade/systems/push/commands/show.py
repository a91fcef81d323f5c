"""`saccade show RUN|DATASET|WEIGHTS|push`: what is in a folder, as text and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from saccade import systems
from saccade.systems.push.commands import show_dataset, show_run, show_weights
from saccade.systems.push.showing.film import VIDEO_FILE
from saccade.systems.push.showing.results import result_table
from saccade.systems.push.weights import SYSTEM
from saccade.training.run import is_run
from saccade.verbs.command import Command
from saccade.viewing.evaluation import REPORT_FILE, RESULTS_FILE, show_evaluation


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, a dataset, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, a dataset, an evaluation or weights; or "push", the shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        video: Of a dataset: also a video of its pushes.
        objects: Of weights: objects of the scenario that they are shown on.
        seed: Of weights: which scenario.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    video: bool = False
    objects: int = 10
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    folder = systems.shown_folder(options.target, SYSTEM)
    out = options.out or Path("out") / f"show-{folder.name or 'folder'}"
    for path in _shown(folder, out, options):
        print(path)
    return 0


def _shown(folder: Path, out: Path, options: ShowOptions) -> list[Path]:
    """Show the folder as what it is; returns the files that were written."""
    if (folder / RESULTS_FILE).is_file():
        return show_evaluation(folder, SYSTEM, result_table, (REPORT_FILE, VIDEO_FILE))
    if (folder / "dataset.json").is_file():
        return show_dataset.show(folder, out, options.video)
    weights: Callable[[], list[Path]] = lambda: show_weights.show(  # noqa: E731
        folder, out, options.objects, options.seed
    )
    if not is_run(folder):
        return weights()
    written = show_run.show(folder, out)
    return [*written, *weights()] if show_run.has_weights(folder) else written


COMMAND = Command(ShowOptions, run_show)
