"""`saccade show RUN|EVALUATION|WEIGHTS|hart`: what is in a folder, as text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from saccade.systems.hart.commands import show_weights
from saccade.systems.hart.commands.show_run import RUN_VIEW
from saccade.systems.hart.commands.train import TRAINING
from saccade.systems.hart.pictures.together import either_table, results_kind
from saccade.verbs.command import Command
from saccade.verbs.show import View


@dataclass(frozen=True)
class ShowOptions:
    """Show a run, an evaluation or weights; says which pictures it wrote.

    Attributes:
        target: Folder of a run, an evaluation or weights; or "hart", the shipped ones.
        out: Folder for the pictures; "out/show-NAME" if not given.
        seed: Seed of the generated clip that weights follow.
    """

    target: Annotated[str, tyro.conf.Positional]
    out: Path | None = None
    seed: int = 0


def run_show(options: ShowOptions) -> int:
    """Print what there is and write pictures of it."""
    weights = partial(show_weights.show, seed=options.seed)
    view = View(TRAINING, either_table, RUN_VIEW, weights, results=results_kind)
    return view.show(options.target, options.out)


COMMAND = Command(ShowOptions, run_show)
