"""`saccade train push`: mask, value network and rounds of acting."""

from __future__ import annotations

from saccade.systems.push.config import PushConfig
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train import start_run, train
from saccade.systems.push.weights import SYSTEM
from saccade.verbs.train import Training


def _about(config: PushConfig) -> str:
    return f"network {config.network}, gamma {config.gamma:g}, mask {config.mask.kind}"


MAIN = (
    "network", "mask.kind", "data.episodes", "data.reuse", "offline.steps", "online.rounds",
    "online.episodes", "world.scene.box.edge",
)  # fmt: skip
TRAINING = Training(SYSTEM, PushConfig, PRESETS, MAIN, start_run, train, _about)
COMMAND = TRAINING.command()
