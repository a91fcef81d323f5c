"""`saccade train SYSTEM`: start a run or go on with one, and say where its weights are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

import tyro

from saccade.checks import check_choice, check_least
from saccade.errors import DamagedFileError, UserInputError
from saccade.training.device import resolve_device
from saccade.training.fit import Stopped
from saccade.training.metrics import SINK_NAMES
from saccade.training.plain import from_plain
from saccade.training.run import Run, is_run
from saccade.training.workers import Workers
from saccade.verbs.command import STOPPED, Command, PresetOptions
from saccade.verbs.spelling import command_line, hidden_differences
from saccade.verbs.workers import WorkerOptions

_FREE_ON_RESUME = ("resume", "workers", "engine", "ray_address", "log", "device")
"""Options that may differ from those that the run was started with."""

PROCESSES = "WORLD_SIZE"
"""Variable in which torchrun and its kin say how many processes they started."""

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True)
class TrainOptions(PresetOptions, WorkerOptions):
    """Train from nothing. Ctrl-C or SIGTERM saves and prints how to go on (exit code 130).

    Attributes:
        preset: Preset that all other defaults come from: "cpu" trains the shipped weights on two
            cores, "smoke" runs every stage in about a minute, names with "paper" have the figures
            of a paper.
        out: Folder of the run; "runs/SYSTEM-PRESET-SEED" if not given.
        seed: Seed of networks, data and batches; 0 or more.
        device: Device that the networks run on: "auto", "cpu", "cuda" or "mps".
        resume: Run to go on with, with its own settings.
        log: Places that metrics go to besides the run's metrics.jsonl, separated by commas:
            tensorboard, wandb, trackio.
        config: All settings of the system.
    """

    TRAINING: ClassVar[Training[Any]]

    preset: str = "cpu"
    out: Path | None = None
    seed: int = 0
    device: str = "auto"
    resume: Path | None = None
    log: str = ""
    config: Any = None

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """The options of a preset."""
        return cls(preset=name, config=cls.TRAINING.presets[name]())


@dataclass(frozen=True)
class Training(Generic[ConfigT]):
    """How a system is trained.

    Attributes:
        system: Name of the system.
        config: Class of the system's settings.
        presets: Makers of the settings of each preset; the first one is the default.
        main: Names of settings, "fit.steps" say, that the first screen of `--help` shows beside
            the command's own options (`PresetOptions.MAIN`).
        start: Function that makes a new run of a folder, settings and a seed: `Run.create` with
            {"system": system, "config": to_plain(settings)}.
        train: Function that trains a run or goes on with it; takes its settings, workers, the names
            of metrics' sinks and a device; writes the weights to the run's folder `RUN_WEIGHTS`
            with `save_trained`, and returns that folder. It lets `Stopped` pass.
        about: Function that says in a few words what is trained.
        playable: Function that says whether `saccade eval` can play what was trained; it always can
            if there is none.
        used: Function that gives settings with what their method does not use taken from others,
            for the command that trains with them; all of them are used if there is none.
    """

    system: str
    config: type[ConfigT]
    presets: Mapping[str, Callable[[], ConfigT]]
    main: tuple[str, ...]
    start: Callable[[Path, ConfigT, int], Run]
    train: Callable[[Run, ConfigT, Workers, tuple[str, ...], str], Path]
    about: Callable[[ConfigT], str]
    playable: Callable[[ConfigT], bool] | None = None
    used: Callable[[ConfigT, ConfigT], ConfigT] | None = None

    @cached_property
    def options(self) -> type[TrainOptions]:
        """`TrainOptions` with the settings of this system."""
        preset = Annotated[str, tyro.conf.arg(metavar=f"{{{','.join(self.presets)}}}")]
        kind = Annotated[self.config, tyro.conf.arg(name=""), tyro.conf.AvoidSubcommands]
        return make_dataclass(
            "TrainOptions",
            [
                ("preset", preset, next(iter(self.presets))),
                ("config", kind, field(default_factory=self.config)),
            ],
            bases=(TrainOptions,),
            namespace={
                "__doc__": (TrainOptions.__doc__ or "").replace("SYSTEM", self.system),
                "TRAINING": self,
                "PRESETS": tuple(self.presets),
                "MAIN": self.main,
            },
            frozen=True,
        )

    def command(self) -> Command:
        """The command `saccade train SYSTEM`."""
        return Command(self.options, self.run)

    def run(self, options: TrainOptions) -> int:
        """Start or resume, train, and say where the weights are; returns the exit code."""
        _refuse_several_devices()
        sinks = _sinks(options.log)
        resolve_device(options.device)  # a mistake shows before there is a run
        if options.resume:
            run, settings = self._resumed(options)
        else:
            settings: ConfigT = options.config
            run = self.start(self._new_folder(options), settings, options.seed)
        print(f"run     {run.folder}  (seed {run.seed}, {self.about(settings)})")
        try:
            weights = self.train(run, settings, options.as_workers(), sinks, options.device)
        except Stopped:
            print(f"stopped; everything is saved. Go on with: {self.resume_command(run, options)}")
            return STOPPED
        print(f"weights {weights}")
        steps = [f"saccade show {run.folder}"]
        if self.playable is None or self.playable(settings):
            steps.insert(0, f"saccade eval {self.system} --weights {run.folder}")
        for heading, step in zip(("next", ""), steps, strict=False):
            print(f"{heading:7s} {step}")
        return 0

    def settings_of(self, run: Run) -> ConfigT:
        """The settings that a run was started with.

        Raises:
            DamagedFileError: The folder's config.json describes no training of the system.
        """
        described, name = run.config.get("config"), run.folder / "config.json"
        if run.config.get("system") != self.system or not isinstance(described, dict):
            raise DamagedFileError(f"{name} describes no training of {self.system}")
        return from_plain(self.config, described, str(name))

    def command_of(self, config: ConfigT, seed: int) -> str:
        """The shortest `saccade train SYSTEM` with these settings, over the presets.

        Settings that are no options are left out: the preset with the fewest of them is taken, and
        `not_in_command` names them.
        """
        given = [self._given(preset, config, seed) for preset in self.presets]
        fewest = min(len(hidden_differences(*one)) for one in given)
        return min(
            (
                command_line(
                    f"saccade train {self.system} --preset {options.preset}", options, usual
                )
                for options, usual in given
                if len(hidden_differences(options, usual)) == fewest
            ),
            key=len,
        )

    def not_in_command(self, config: ConfigT, seed: int) -> list[str]:
        """Names of the settings that `command_of` cannot give, because they are no options."""
        given = (self._given(preset, config, seed) for preset in self.presets)
        return min((hidden_differences(*one) for one in given), key=len)

    def _given(self, preset: str, config: ConfigT, seed: int) -> tuple[TrainOptions, TrainOptions]:
        """The options with what is used of these settings, and those of the preset alone."""
        usual = self.options.from_preset(preset)
        if self.used is not None:
            config = self.used(config, usual.config)
        return self.options(preset=preset, config=config, seed=seed), usual

    def resume_command(self, run: Run, options: TrainOptions | None = None) -> str:
        """What goes on with a run that was stopped, with the free ones of the options."""
        default = self.options()
        kept = {name: getattr(options or default, name) for name in _FREE_ON_RESUME}
        again = replace(default, **(kept | {"resume": run.folder}))
        return command_line(f"saccade train {self.system}", again, default)

    def _new_folder(self, options: TrainOptions) -> Path:
        """Where a new run goes.

        Raises:
            UserInputError: The seed is negative, or there is a run already.
        """
        check_least(options, {"seed": 0, "workers": 0}, "--")
        folder = options.out or Path("runs") / f"{self.system}-{options.preset}-{options.seed}"
        if is_run(folder):
            raise UserInputError(
                f"{folder} holds a run already; go on with it (saccade train {self.system} "
                f"--resume {folder}) or choose another --out"
            )
        return folder

    def _resumed(self, options: TrainOptions) -> tuple[Run, ConfigT]:
        """The run that `--resume` names and the settings that it was started with.

        Raises:
            UserInputError: Other settings were given beside it, or there is no run.
            DamagedFileError: The folder's config.json describes no training of the system.
        """
        default = self.options()
        free = {name: getattr(default, name) for name in _FREE_ON_RESUME}
        if given := command_line("", replace(options, **free), default):
            valid = ", ".join(f"--{name.replace('_', '-')}" for name in free if name != "resume")
            raise UserInputError(
                f"--resume goes on with the run's own settings; leave out {given} "
                f"(valid beside it: {valid})"
            )
        assert options.resume is not None
        run = Run.open(options.resume)
        return run, self.settings_of(run)


def _refuse_several_devices() -> None:
    """Say that there is no training on several devices, before two processes share a folder.

    Raises:
        UserInputError: A launcher such as torchrun started more than one process.
    """
    processes = os.environ.get(PROCESSES, "1")
    if processes != "1":
        raise UserInputError(
            f"{PROCESSES}={processes} in the environment (torchrun): that would train one run "
            f"{processes} times; expected one process, because saccade trains on one device"
        )


def _sinks(log: str) -> tuple[str, ...]:
    """Where metrics go besides the run's own file: the names in `--log`.

    Raises:
        UserInputError: There is no such sink.
    """
    names = tuple(name.strip() for name in log.split(",") if name.strip())
    for name in names:
        check_choice("--log", name, SINK_NAMES)
    return names
