"""`saccade ship RUN` of a tracker's run: its weights and their card."""

from __future__ import annotations

from pathlib import Path

from saccade.systems.hart.commands.train import TRAINING
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.pictures.together import either_table, results_kind
from saccade.systems.hart.weights import load_network
from saccade.training.run import Run
from saccade.verbs.ship import Shipping


def card_facts(run: Run, config: HartConfig, weights: Path) -> dict[str, str]:
    """What the card says of a run; see card.md."""
    return {
        "variant": config.variant,
        "parameters": f"{sum(p.numel() for p in load_network(weights).parameters()):,}",
        "glimpse": f"{config.glimpse.height} x {config.glimpse.width}",
        "data": _data(config),
        "steps": _steps(config),
    }


def _steps(config: HartConfig) -> str:
    fit, finetune = config.fit, config.finetune.steps
    steps = f"{fit.steps:,} steps" + (f" and {finetune:,} of a second stage" if finetune else "")
    return f"{steps} of {fit.batch} sequences of\n{fit.length} to {fit.length_end} frames"


def _data(config: HartConfig) -> str:
    data, scene = config.data, config.scene
    if data.source != "synthetic":
        return f"{data.source.upper()}, as the paper trained on it."
    pools = -(-(config.fit.steps + config.finetune.steps) // data.pool_steps)
    return f"""{pools * data.clips:,} generated clips of {scene.frames} frames of {scene.width} x
{scene.height} pixels, made during this training from photographs and rendered shapes: cut-out
objects that move over photographs, with distractors, occluders, blur, noise and a moving camera.
No real video."""


SHIPPING = Shipping(
    TRAINING,
    Path(__file__).parent.parent / "card.md",
    load_network,
    card_facts,
    either_table,
    results=results_kind,
)
COMMAND = SHIPPING.command()
