"""`saccade train hart`: from generated clips to a tracker, stopped and resumed at any moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Self

import tyro

from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.presets import PRESETS
from saccade.systems.hart.train import start_run, train
from saccade.training.provenance import usable_cores
from saccade.training.run import Run
from saccade.verbs.command import Command, PresetOptions
from saccade.verbs.train import Launch


@dataclass(frozen=True)
class TrainOptions(PresetOptions):
    """Train a tracker. Ctrl-C or SIGTERM saves and prints how to go on (exit code 130).

    Attributes:
        preset: Where all other defaults come from: "cpu" trains the shipped weights, "paper-kitti"
            and "paper-kth" have the paper's figures, "smoke" runs everything in seconds.
        out: Folder of the run; "runs/hart-PRESET-SEED" if not given.
        seed: Of the network, the clips and the batches; at least 0.
        workers: Processes that generate clips; the result is the same whatever their number.
        device: "auto", "cpu", "cuda" or "mps".
        resume: Go on with the run in this folder, with its own settings.
        log: Where metrics go besides the run's metrics.jsonl, separated by commas: tensorboard,
            wandb, trackio.
        config: Every setting of the system.
    """

    PRESETS: ClassVar[tuple[str, ...]] = tuple(PRESETS)
    MAIN: ClassVar[tuple[str, ...]] = (
        "variant",
        "fit.steps",
        "fit.batch",
        "fit.learning-rate",
        "fit.length-end",
        "finetune.steps",
        "data.source",
        "data.folder",
        "data.clips",
        "data.objects",
        "relations.heads",
    )

    preset: str = "cpu"
    out: Path | None = None
    seed: int = 0
    workers: int = field(default_factory=usable_cores)
    device: str = "auto"
    resume: Path | None = None
    log: str = ""
    config: Annotated[HartConfig, tyro.conf.arg(name=""), tyro.conf.AvoidSubcommands] = field(
        default_factory=HartConfig
    )

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """The options of a preset."""
        return cls(preset=name, config=PRESETS[name]())


def run_train(options: TrainOptions) -> int:
    """Start or resume a run and say where its weights are."""

    def work(run: Run, config: HartConfig, sinks: tuple[str, ...]) -> Path:
        return train(run, config, options.workers, sinks, options.device)

    launch = Launch("hart", options, TrainOptions())
    return launch.run(HartConfig, start_run, work, lambda config: config.variant)


COMMAND = Command(TrainOptions, run_train, "from generated clips to a tracker; resumable")
