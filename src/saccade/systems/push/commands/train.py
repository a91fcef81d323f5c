"""`saccade train push`: mask, value network and rounds of acting."""

from __future__ import annotations

from saccade.systems.push.config import PushConfig
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train import start_run, train
from saccade.systems.push.weights import SYSTEM
from saccade.verbs.train import Training


def _about(config: PushConfig) -> str:
    return f"network {config.network}, gamma {config.gamma:g}, mask {config.mask.kind}"


TRAINING = Training(SYSTEM, PushConfig, PRESETS, (), start_run, train, _about)
COMMAND = TRAINING.command()
