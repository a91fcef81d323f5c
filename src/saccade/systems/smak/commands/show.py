"""`saccade show RUN|DATASET|EVALUATION|WEIGHTS|smak`: what is in a folder, as text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from saccade.systems.smak.commands.show_dataset import show_dataset
from saccade.systems.smak.commands.show_run import RUN_VIEW
from saccade.systems.smak.commands.show_weights import show_weights
from saccade.systems.smak.commands.train import TRAINING
from saccade.systems.smak.results import SmakResults, result_table
from saccade.verbs.command import Command
from saccade.verbs.show import View


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, a dataset, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, a dataset, an evaluation or weights; or "smak", the shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        data: Folder of the sequences that weights are shown; "" for unseen ones of the pouring
            world.
        seed: Seed of the sequences of the pouring world.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    data: str = ""
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    weights = partial(show_weights, data=options.data, seed=options.seed)
    view = View(
        TRAINING,
        result_table,
        RUN_VIEW,
        weights,
        show_dataset,
        results=lambda document: SmakResults,
    )
    return view.show(options.target, options.out)


COMMAND = Command(ShowOptions, run_show)
