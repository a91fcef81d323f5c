"""`saccade train arm`: from demonstrations of a task to a policy."""

from __future__ import annotations

from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.presets import PRESETS
from saccade.systems.arm.train import start_run, train
from saccade.systems.arm.weights import SYSTEM
from saccade.verbs.train import Training
from saccade.worlds.tabletop.tasks import TASKS


def _about(config: ArmConfig) -> str:
    own = config.own_episodes
    after = f", then {own} own episodes" if own else ""
    return f"{config.task}, {config.method}, {config.episodes} demonstrations{after}"


MAIN = (
    "task", "method", "demonstrations", "episodes", "look.steps", "vote.steps", "own.rounds",
    "own.episodes", "replay.updates", "rows.every", "rows.crop",
)  # fmt: skip
TRAINING = Training(
    SYSTEM, ArmConfig, PRESETS, MAIN, start_run, train, _about,
    playable=lambda config: config.task in TASKS, used=ArmConfig.with_unused_of,
)  # fmt: skip
COMMAND = TRAINING.command()
