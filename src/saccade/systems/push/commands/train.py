"""`saccade train push`: from nothing to a policy, stopped and resumed at any moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Self

import tyro

from saccade.systems.push.config import PushConfig
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train import start_run, train
from saccade.training.provenance import usable_cores
from saccade.training.run import Run
from saccade.verbs.command import Command, PresetOptions
from saccade.verbs.train import Launch


@dataclass(frozen=True)
class TrainOptions(PresetOptions):
    """Train a push policy. Ctrl-C or SIGTERM saves and prints how to go on (exit code 130).

    Attributes:
        preset: Where all other defaults come from: "cpu" trains the shipped weights, "paper" has
            the papers' networks and figures, "smoke" runs every stage in seconds.
        out: Folder of the run; "runs/push-PRESET-SEED" if not given.
        seed: Of networks, scenarios and batches; at least 0.
        workers: Processes that simulate; the result is the same whatever their number.
        device: "auto", "cpu", "cuda" or "mps".
        resume: Go on with the run in this folder, with its own settings.
        log: Where metrics go besides the run's metrics.jsonl, separated by commas: tensorboard,
            wandb, trackio.
        config: Every setting of the system.
    """

    PRESETS: ClassVar[tuple[str, ...]] = tuple(PRESETS)
    MAIN: ClassVar[tuple[str, ...]] = (
        "mask.kind",
        "mask.weights",
        "data.episodes",
        "data.reuse",
        "offline.steps",
        "offline.batch",
        "offline.learning-rate",
        "online.rounds",
        "online.episodes",
        "online.epsilon",
        "world.scene.box.edge",
    )

    preset: str = "cpu"
    out: Path | None = None
    seed: int = 0
    workers: int = field(default_factory=usable_cores)
    device: str = "auto"
    resume: Path | None = None
    log: str = ""
    config: Annotated[PushConfig, tyro.conf.arg(name=""), tyro.conf.AvoidSubcommands] = field(
        default_factory=PushConfig
    )

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """The options of a preset."""
        return cls(preset=name, config=PRESETS[name]())


def run_train(options: TrainOptions) -> int:
    """Start or resume a run and say where its weights are."""

    def work(run: Run, config: PushConfig, sinks: tuple[str, ...]) -> Path:
        return train(run, config, options.workers, sinks, options.device)

    def about(config: PushConfig) -> str:
        return f"{config.network}, mask {config.mask.kind}"

    return Launch("push", options, TrainOptions()).run(PushConfig, start_run, work, about)


COMMAND = Command(TrainOptions, run_train, "mask, value network and rounds of acting; resumable")
