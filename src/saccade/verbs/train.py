"""How `saccade train SYSTEM` starts a run or goes on with one, whatever the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from saccade.errors import DamagedFileError, UserInputError
from saccade.training.fit import Stopped
from saccade.training.metrics import SINK_NAMES
from saccade.training.plain import from_plain
from saccade.training.run import Run, is_run
from saccade.verbs.command import STOPPED
from saccade.verbs.spelling import command_line

_FREE_ON_RESUME = ("resume", "workers", "log", "device")
"""Options that may differ from those that the run was started with."""

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True)
class Launch:
    """The training that the options of `saccade train SYSTEM` ask for.

    Args:
        system: Its name.
        options: A dataclass with `preset`, `out`, `seed`, `resume`, `log` and `config`.
        default: The same with nothing given.
    """

    system: str
    options: Any
    default: Any

    def run(
        self,
        config: type[ConfigT],
        start: Callable[[Path, ConfigT, int], Run],
        train: Callable[[Run, ConfigT, tuple[str, ...]], Path],
        about: Callable[[ConfigT], str],
    ) -> int:
        """Start or resume, train, and say where the weights are; returns the exit code.

        Args:
            config: The class of the system's settings.
            start: Makes a new run of a folder, settings and a seed.
            train: Trains it; takes the names of `sinks` too; returns the folder of the weights.
            about: Says in a few words what is trained.
        """
        sinks = self.sinks()
        if self.options.resume:
            run, settings = self.resumed(config)
        else:
            settings = self.options.config
            run = start(self.new_folder(), settings, self.options.seed)
        print(f"run     {run.folder}  (seed {run.seed}, {about(settings)})")
        try:
            weights = train(run, settings, sinks)
        except Stopped:
            print(f"stopped; everything is saved. Go on with: {self.resume_command(run)}")
            return STOPPED
        print(f"weights {weights}")
        print(f"next    saccade eval {self.system} --weights {run.folder}")
        print(f"        saccade show {run.folder}")
        return 0

    def new_folder(self) -> Path:
        """Where a new run goes.

        Raises:
            UserInputError: The seed is negative, or there is a run already.
        """
        given = self.options
        folder = given.out or Path("runs") / f"{self.system}-{given.preset}-{given.seed}"
        if given.seed < 0:
            raise UserInputError(f"--seed is {given.seed}; expected 0 or more")
        if is_run(folder):
            raise UserInputError(
                f"{folder} holds a run already; go on with it (saccade train {self.system} "
                f"--resume {folder}) or choose another --out"
            )
        return folder

    def resumed(self, config: type[ConfigT]) -> tuple[Run, ConfigT]:
        """The run that `--resume` names and the settings that it was started with.

        Raises:
            UserInputError: Other settings were given beside it, or there is no run.
            DamagedFileError: The folder's config.json describes no training of the system.
        """
        free = {n: getattr(self.default, n) for n in _FREE_ON_RESUME if hasattr(self.default, n)}
        given = command_line("", replace(self.options, **free), self.default)
        if given:
            valid = ", ".join(f"--{name}" for name in free if name != "resume")
            raise UserInputError(
                f"--resume goes on with the run's own settings; leave out {given} "
                f"(valid beside it: {valid})"
            )
        run = Run.open(self.options.resume)
        described = run.config.get("config")
        if run.config.get("system") != self.system or not isinstance(described, dict):
            raise DamagedFileError(
                f"{run.folder / 'config.json'} describes no training of {self.system}"
            )
        return run, from_plain(config, described, str(run.folder / "config.json"))

    def resume_command(self, run: Run) -> str:
        """What goes on with a run that was stopped."""
        kept = {
            name: getattr(self.options, name)
            for name in _FREE_ON_RESUME
            if hasattr(self.default, name)
        }
        again = replace(self.default, **(kept | {"resume": run.folder}))
        return command_line(f"saccade train {self.system}", again, self.default)

    def sinks(self) -> tuple[str, ...]:
        """Where metrics go besides the run's own file: the names in `--log`.

        Raises:
            UserInputError: There is no such sink.
        """
        names = tuple(name.strip() for name in self.options.log.split(",") if name.strip())
        for name in names:
            if name not in SINK_NAMES:
                raise UserInputError(f"--log names '{name}'; valid are {', '.join(SINK_NAMES)}")
        return names
