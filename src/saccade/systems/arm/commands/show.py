"""`saccade show RUN|DATASET|EVALUATION|WEIGHTS`: what is in a folder, as text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from saccade.systems.arm.commands.show_dataset import show_dataset
from saccade.systems.arm.commands.show_run import RUN_VIEW
from saccade.systems.arm.commands.show_weights import show_weights
from saccade.systems.arm.commands.train import TRAINING
from saccade.systems.arm.pictures.film import FILMS
from saccade.systems.arm.results import result_table
from saccade.verbs.command import Command
from saccade.verbs.evaluate import REPORT_FILE
from saccade.verbs.show import View


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, a dataset, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, a dataset, an evaluation or weights; or "arm/TASK", shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        seed: Seed of the episode that weights play.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    weights = partial(show_weights, seed=options.seed)
    view = View(
        TRAINING, result_table, RUN_VIEW, weights, show_dataset, beside=(FILMS, REPORT_FILE)
    )
    return view.show(options.target, options.out)


COMMAND = Command(ShowOptions, run_show)
