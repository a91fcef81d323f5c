"""`saccade show RUN|DATASET|WEIGHTS|push`: what is in a folder, as text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from saccade.systems.push.commands import show_dataset, show_weights
from saccade.systems.push.commands.show_run import RUN_VIEW
from saccade.systems.push.commands.train import TRAINING
from saccade.systems.push.pictures.film import VIDEO_FILE
from saccade.systems.push.results import result_table, results_kind
from saccade.verbs.command import Command
from saccade.verbs.evaluate import REPORT_FILE
from saccade.verbs.show import View


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, a dataset, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, a dataset, an evaluation or weights; or "push", the shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        video: Also write a video of the pushes of a dataset.
        objects: Number of objects of the scenario that weights are shown on.
        seed: Seed of that scenario.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    video: bool = False
    objects: int = 10
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    view = View(
        TRAINING,
        result_table,
        RUN_VIEW,
        partial(show_weights.show, objects=options.objects, seed=options.seed),
        partial(show_dataset.show, video=options.video),
        (REPORT_FILE, VIDEO_FILE),
        results_kind,
    )
    return view.show(options.target, options.out)


COMMAND = Command(ShowOptions, run_show)
