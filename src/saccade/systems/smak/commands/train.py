"""`saccade train smak`: from synchronised views to an embedding."""

from __future__ import annotations

from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.presets import PRESETS
from saccade.systems.smak.train import start_run, train
from saccade.systems.smak.weights import SYSTEM
from saccade.verbs.train import Training
from saccade.wording import counted


def _about(config: SmakConfig) -> str:
    model = config.model
    name = model.method
    if name == "smak":
        name = f"smak Att{''.join(map(str, model.smak.levels))}"
    return f"{name}, {model.trunk.kind} trunk, {counted(config.fit.steps, 'step')}"


MAIN = (
    "data", "sequences", "side", "model.method", "model.trunk.kind", "model.smak.levels",
    "loss.kind", "batch.pairs", "batch.sequences", "fit.steps", "fit.learning-rate",
)  # fmt: skip
TRAINING = Training(SYSTEM, SmakConfig, PRESETS, MAIN, start_run, train, _about)
COMMAND = TRAINING.command()
