"""Put the weights of a run where `saccade.load("hart")` finds them, with their model card.

python -m saccade.systems.hart.ship RUN [--results results.json ...] [--to FOLDER]
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saccade.systems import WEIGHTS
from saccade.systems.hart.commands.train import TrainOptions
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model_card import CardFacts, write_model_card
from saccade.systems.hart.presets import PRESETS
from saccade.systems.hart.weights import RUN_WEIGHTS, SYSTEM, load_network
from saccade.training.checkpoint import CONFIG_FILE, MODEL_FILE
from saccade.training.plain import from_plain
from saccade.training.run import RUN_FILE, Run
from saccade.training.storage import atomic_folder, read_json
from saccade.verbs.ship import (
    read_results,
    run_program,
    train_command,
    trained_weights,
    training_minutes,
)

PROGRAM = "python -m saccade.systems.hart.ship"
NEEDED = ("command", "mean", "sequences")
"""Fields of results.json that the card shows."""


def ship(run: Path, results: Sequence[Path] = (), to: Path = WEIGHTS / SYSTEM) -> Path:
    """Copy a run's weights and write their card; the folder is replaced as a whole.

    Args:
        run: A run of `saccade train hart`.
        results: Files results.json of `saccade eval hart` with these weights.
        to: The folder of the weights.

    Returns:
        `to`.

    Raises:
        UserInputError: There is no such run, or it has no weights.
        DamagedFileError: A file cannot be read, or a result is of something else.
    """
    opened, weights = trained_weights(run, RUN_WEIGHTS, SYSTEM)
    facts = card_facts(opened, [read_results(path, SYSTEM, NEEDED) for path in results])
    with atomic_folder(to) as folder:
        for name in (MODEL_FILE, CONFIG_FILE):
            shutil.copyfile(weights / name, folder / name)
        write_model_card(folder, facts)
    return to


def card_facts(run: Run, results: Sequence[dict[str, Any]]) -> CardFacts:
    """What the run's files say of its weights."""
    weights = run.folder / RUN_WEIGHTS
    config = from_plain(HartConfig, run.config["config"], str(run.folder / CONFIG_FILE))
    return CardFacts(
        train_command=train_command(SYSTEM, PRESETS, TrainOptions, seed=run.seed, config=config),
        ship_command=f"{PROGRAM} RUN",
        config=config,
        parameters=sum(p.numel() for p in load_network(weights).parameters()),
        minutes=training_minutes(run, weights / MODEL_FILE),
        surroundings=read_json(run.folder / RUN_FILE),
        results=results,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship what the command line names; 2 for a mistake, with one line that says which."""
    return run_program(PROGRAM, str(__doc__), ship, WEIGHTS / SYSTEM, arguments)


if __name__ == "__main__":
    sys.exit(main())
