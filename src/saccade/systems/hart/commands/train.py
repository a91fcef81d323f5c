"""`saccade train hart`: from generated clips to a tracker."""

from __future__ import annotations

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.presets import PRESETS
from saccade.systems.hart.train import start_run, train
from saccade.systems.hart.weights import SYSTEM
from saccade.verbs.train import Training
from saccade.wording import counted


def _about(config: HartConfig) -> str:
    return f"variant {config.variant}, {counted(config.fit.steps + config.finetune.steps, 'step')}"


MAIN = (
    "variant", "fit.steps", "fit.batch", "fit.learning-rate", "finetune.steps", "data.source",
    "data.folder", "data.clips",
)  # fmt: skip
TRAINING = Training(SYSTEM, HartConfig, PRESETS, MAIN, start_run, train, _about)
COMMAND = TRAINING.command()
