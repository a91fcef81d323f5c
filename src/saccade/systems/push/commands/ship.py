"""`saccade ship RUN` of a push run: its weights and their card."""

from __future__ import annotations

from math import prod
from pathlib import Path

from safetensors import safe_open

from saccade.data.push_episodes import PushDataset
from saccade.systems.push.commands.train import TRAINING
from saccade.systems.push.config import PushConfig
from saccade.systems.push.results import result_table, results_kind
from saccade.systems.push.train_mask import load_curves
from saccade.systems.push.weights import CURVES_FILE, MASK_PREFIX, VALUE_PREFIX, load_policy
from saccade.training.checkpoint import MODEL_FILE
from saccade.training.run import Run
from saccade.verbs.ship import Shipping


def card_facts(run: Run, config: PushConfig, weights: Path) -> dict[str, str]:
    """What the card says of a run; see card.md."""
    counts = _parameters(weights / MODEL_FILE)
    return {
        "networks": " and ".join(f"{name} ({n:,} parameters)" for name, n in counts.items()),
        "network": config.network,
        "threshold": _threshold(weights),
        "recorded": "\n".join(_recorded(run.folder / "data")),
    }


def _threshold(weights: Path) -> str:
    """PushMask's threshold, and its F-score there where the run measured its curves."""
    threshold = load_policy(weights).attention.threshold
    if not (weights / CURVES_FILE).exists():
        return f"{threshold:.3f}"
    curve = list(load_curves(weights).values())[-1]
    score = float(curve.f_score[abs(curve.threshold - threshold).argmin()])
    return f"{threshold:.3f}, the best F-score on held-out pushes ({score:.3f}, {CURVES_FILE})"


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


def _recorded(data: Path) -> list[str]:
    """Episodes and pushes of every recording of a run, a row of the card's table each."""
    rows = []
    for facts in sorted(data.glob("*/dataset.json")):
        lengths = [len(episode) for episode in PushDataset(facts.parent)]
        rows.append(f"| {facts.parent.name} | {len(lengths):,} | {sum(lengths):,} |")
    return rows


SHIPPING = Shipping(
    TRAINING,
    Path(__file__).parent.parent / "card.md",
    load_policy,
    card_facts,
    result_table,
    beside=(CURVES_FILE,),
    results=results_kind,
)
COMMAND = SHIPPING.command()
