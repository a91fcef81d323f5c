"""`saccade train push`: from nothing to a policy, stopped and resumed at any moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar, Self

import tyro

from saccade.errors import DamagedFileError, UserInputError
from saccade.systems import Command, PresetOptions
from saccade.systems.push.commands.spelling import command_line
from saccade.systems.push.config import PRESETS, PushConfig
from saccade.systems.push.train import start_run, train
from saccade.training.fit import Stopped
from saccade.training.metrics import SINK_NAMES
from saccade.training.plain import from_plain
from saccade.training.provenance import usable_cores
from saccade.training.run import Run, is_run

STOPPED = 130
"""Exit code of a training that the user stopped: what follows `&&` must not run."""
_FREE_ON_RESUME = ("resume", "workers", "log")
"""Options that may differ from those that the run was started with."""


@dataclass(frozen=True)
class TrainOptions(PresetOptions):
    """Train a push policy. Ctrl-C or SIGTERM saves and prints how to go on (exit code 130).

    Attributes:
        preset: Where all other defaults come from: "cpu" trains the shipped weights, "paper" has
            the papers' networks and figures, "smoke" runs every stage in seconds.
        out: Folder of the run; "runs/push-PRESET-SEED" if not given.
        seed: Of networks, scenarios and batches; at least 0.
        workers: Processes that simulate; the result is the same whatever their number.
        resume: Go on with the run in this folder, with its own settings.
        log: Where metrics go besides the run's metrics.jsonl, separated by commas: tensorboard,
            wandb, trackio.
        config: Every setting of the system.
    """

    PRESETS: ClassVar[tuple[str, ...]] = tuple(PRESETS)

    preset: str = "cpu"
    out: Path | None = None
    seed: int = 0
    workers: int = field(default_factory=usable_cores)
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
    sinks = _sinks(options.log)
    run, config = _resumed(options) if options.resume else _started(options)
    print(f"run     {run.folder}  (seed {run.seed}, {config.network}, mask {config.mask.kind})")
    try:
        weights = train(run, config, options.workers, sinks)
    except Stopped:
        print(f"stopped; everything is saved. Go on with: {_resume_command(run, options)}")
        return STOPPED
    print(f"weights {weights}")
    print(f"next    saccade eval push --weights {run.folder}")
    print(f"        saccade show {run.folder}")
    return 0


def _started(options: TrainOptions) -> tuple[Run, PushConfig]:
    folder = options.out or Path("runs") / f"push-{options.preset}-{options.seed}"
    if options.seed < 0:
        raise UserInputError(f"--seed is {options.seed}; expected 0 or more")
    if is_run(folder):
        raise UserInputError(
            f"{folder} holds a run already; go on with it (saccade train push --resume {folder}) "
            "or choose another --out"
        )
    return start_run(folder, options.config, options.seed), options.config


def _resumed(options: TrainOptions) -> tuple[Run, PushConfig]:
    """The run and the settings that it was started with; other settings are refused."""
    assert options.resume is not None
    default = TrainOptions()
    kept = {name: getattr(default, name) for name in _FREE_ON_RESUME}
    given = command_line("", replace(options, **kept), default)
    if given:
        raise UserInputError(
            f"--resume goes on with the run's own settings; leave out {given} "
            f"(valid beside it: --workers, --log)"
        )
    run = Run.open(options.resume)
    if run.config.get("system") != "push" or not isinstance(run.config.get("config"), dict):
        raise DamagedFileError(f"{run.folder / 'config.json'} describes no training of push")
    return run, from_plain(PushConfig, run.config["config"], str(run.folder / "config.json"))


def _resume_command(run: Run, options: TrainOptions) -> str:
    again = replace(TrainOptions(), resume=run.folder, workers=options.workers, log=options.log)
    return command_line("saccade train push", again, TrainOptions())


def _sinks(listed: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in listed.split(",") if name.strip())
    for name in names:
        if name not in SINK_NAMES:
            raise UserInputError(f"--log names '{name}'; valid are {', '.join(SINK_NAMES)}")
    return names


COMMAND = Command(TrainOptions, run_train, "mask, value network and rounds of acting; resumable")
