"""Put the weights of a run where `saccade.load("push")` finds them, with their model card.

python -m saccade.systems.push.ship RUN [--results results.json ...] [--to FOLDER]
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

from safetensors import safe_open

from saccade.data.push_episodes import PushDataset
from saccade.systems import WEIGHTS
from saccade.systems.push.commands.train import TrainOptions
from saccade.systems.push.config import PushConfig
from saccade.systems.push.model_card import CardFacts, write_model_card
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train_mask import CURVES_FILE, load_curves
from saccade.systems.push.weights import (
    MASK_PREFIX,
    RUN_WEIGHTS,
    SYSTEM,
    VALUE_PREFIX,
    load_policy,
)
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

PROGRAM = "python -m saccade.systems.push.ship"
NEEDED = ("command", "objects", "episodes", "seed", "objects_in_box", "objects_per_action")
"""Fields of results.json that the card shows."""


def ship(run: Path, results: Sequence[Path] = (), to: Path = WEIGHTS / SYSTEM) -> Path:
    """Copy a run's newest weights and write their card; the folder is replaced as a whole.

    Args:
        run: A run of `saccade train push`.
        results: Files results.json of `saccade eval push` with these weights.
        to: The folder of the weights.

    Returns:
        `to`.

    Raises:
        UserInputError: There is no such run, it has no weights, or a result is of something else.
        DamagedFileError: A file cannot be read.
    """
    opened, weights = trained_weights(run, RUN_WEIGHTS, SYSTEM)
    load_policy(weights)
    facts = card_facts(opened, [read_results(path, SYSTEM, NEEDED) for path in results])
    with atomic_folder(to) as folder:
        for name in (MODEL_FILE, CONFIG_FILE, CURVES_FILE):
            if (weights / name).exists():
                shutil.copyfile(weights / name, folder / name)
        write_model_card(folder, facts)
    return to


def card_facts(run: Run, results: Sequence[dict[str, Any]]) -> CardFacts:
    """What the run's files say of its weights."""
    weights = run.folder / RUN_WEIGHTS
    surroundings = read_json(run.folder / RUN_FILE)
    config = from_plain(PushConfig, run.config["config"], str(run.folder / CONFIG_FILE))
    threshold = float(read_json(weights / CONFIG_FILE)["threshold"])
    return CardFacts(
        train_command=train_command(SYSTEM, PRESETS, TrainOptions, seed=run.seed, config=config),
        ship_command=f"{PROGRAM} RUN",
        network=config.network,
        threshold=threshold,
        f_score=_f_score(weights, threshold),
        parameters=_parameters(weights / MODEL_FILE),
        stages=_stages(run.folder / "data"),
        minutes=training_minutes(run, weights / MODEL_FILE),
        surroundings=surroundings,
        results=results,
    )


def _f_score(weights: Path, threshold: float) -> float | None:
    """PushMask's F-score at the threshold, where the run measured its curves."""
    if not (weights / CURVES_FILE).exists():
        return None
    curve = list(load_curves(weights).values())[-1]
    return float(curve.f_score[abs(curve.threshold - threshold).argmin()])


def _parameters(file: Path) -> dict[str, int]:
    """Trained numbers of each network; counters of batch normalisation are none."""
    names = {MASK_PREFIX: "PushMask", VALUE_PREFIX: "the value network"}
    counts: dict[str, int] = {}
    with safe_open(file, framework="pt") as tensors:
        for key in tensors.keys():  # noqa: SIM118 (no mapping)
            if str(key).endswith(("running_mean", "running_var", "num_batches_tracked")):
                continue
            prefix = f"{str(key).partition('.')[0]}."
            name = names.get(prefix, prefix)
            counts[name] = counts.get(name, 0) + prod(tensors.get_slice(key).get_shape())
    return counts


def _stages(data: Path) -> list[tuple[str, int, int]]:
    """Episodes and pushes of every recording of a run."""
    found = []
    for facts in sorted(data.glob("*/dataset.json")):
        lengths = [len(episode) for episode in PushDataset(facts.parent)]
        found.append((facts.parent.name, len(lengths), sum(lengths)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship what the command line names; 2 for a mistake, with one line that says which."""
    return run_program(PROGRAM, str(__doc__), ship, WEIGHTS / SYSTEM, arguments)


if __name__ == "__main__":
    sys.exit(main())
