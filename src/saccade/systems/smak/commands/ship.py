"""`saccade ship RUN` of an embedding's run: its weights and their card."""

from __future__ import annotations

from pathlib import Path

from saccade.systems.smak.commands.train import TRAINING
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.results import SmakResults, result_table
from saccade.systems.smak.weights import load
from saccade.training.run import Run
from saccade.verbs.ship import Shipping
from saccade.wording import counted


def card_facts(run: Run, config: SmakConfig, weights: Path) -> dict[str, str]:
    """What the card says of a run; see card.md."""
    embedder = load(weights)
    parameters = sum(p.numel() for p in embedder.network.parameters())
    return {
        "about": TRAINING.about(config),
        "parameters": f"{parameters:,}",
        "side": str(config.side),
        "length": str(config.model.size),
        "levels": ", ".join(embedder.levels),
        "together": _together(config),
        "data": _data(config),
        "batches": f"{config.batch.pairs} pairs of {counted(config.batch.sequences, 'sequence')}",
    }


def _together(config: SmakConfig) -> str:
    frames = config.model.frames
    if frames == 1:
        return "Each frame is embedded by itself."
    return (
        f"Each frame is embedded with the {frames - 1} before it, {config.model.frame_step} frames "
        "apart: they have to come in order of time."
    )


def _data(config: SmakConfig) -> str:
    learnt = config.sequences - config.fit.held_out
    if not config.records:
        return "Sequences of a folder of the user's."
    views = counted(config.pouring.views, "view")
    return f"""{learnt:,} rendered sequences of pouring, {views} each, made during this training; no
labels of theirs were used, only times. No real video."""


SHIPPING = Shipping(
    TRAINING,
    Path(__file__).parent.parent / "card.md",
    load,
    card_facts,
    result_table,
    results=lambda document: SmakResults,
)
COMMAND = SHIPPING.command()
