"""`saccade record push_box`: a dataset of pushes, in parallel processes, stopped and continued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from saccade.data.push_episodes import PushDataset
from saccade.errors import StorageError, UserInputError
from saccade.systems.push.decision import Policy
from saccade.systems.push.record import Mix, RecordConfig, record
from saccade.systems.push.weights import SYSTEM, load_policy
from saccade.training.interrupt import GracefulStop
from saccade.training.progress import progress
from saccade.verbs.command import STOPPED, Command
from saccade.verbs.lookup import weights_folder
from saccade.verbs.spelling import command_line
from saccade.verbs.workers import WorkerOptions
from saccade.wording import counted
from saccade.worlds.scenarios import check_count

MIX = "mix"
ALL_BY_POLICY = Mix(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class RecordOptions(WorkerOptions):
    """Record pushes. Ctrl-C keeps what was recorded; the same command goes on.

    Attributes:
        out: Folder of the dataset, new or one to go on with.
        episodes: Scenarios that the dataset shall hold in the end.
        seed: Seed of the dataset: episode i is drawn from (seed, i).
        policy: Policy that pushes: "mix" draws from the shares of --mix; weights (as for `saccade
            eval push`) make all pushes, or what is left of a --mix that is given.
        config: Settings of the recording.
    """

    out: Path
    episodes: int = 100
    seed: int = 0
    policy: str = MIX
    config: Annotated[RecordConfig, tyro.conf.arg(name=""), tyro.conf.AvoidSubcommands] = field(
        default_factory=RecordConfig
    )


def run_record(options: RecordOptions) -> int:
    """Record what is missing and say what there is."""
    config, make_policy = _who_pushes(options)
    _check(options, config)
    pushes = 0
    with GracefulStop() as stop:
        new = record(
            options.out, config, options.episodes, options.seed, options.as_workers(),
            make_policy, stop.is_requested, options.policy,
        )  # fmt: skip
        with progress(total=options.episodes, description="recording") as bar:
            bar.update(_there(options))
            try:
                for episode in new:
                    pushes += len(episode)
                    bar.update(1, pushes=pushes)
            except StorageError as error:
                raise StorageError(
                    f"{error}; once there is room, go on: {_again(options)}"
                ) from error
    kept = _there(options)
    now = counted(pushes, "push")
    print(f"{counted(kept, 'episode')} in {options.out} ({now} recorded now)")
    if kept < options.episodes:
        print(f"stopped; go on with: {_again(options)}")
        return STOPPED
    print(f"next    saccade show {options.out}")
    return 0


def _who_pushes(options: RecordOptions) -> tuple[RecordConfig, Callable[[], Policy] | None]:
    """The mix, and what builds the policy of its remaining share."""
    config = options.config
    if options.policy == MIX:
        return config, None
    folder = weights_folder(options.policy, SYSTEM)
    load_policy(folder)
    if config.mix == Mix():
        config = replace(config, mix=ALL_BY_POLICY)
    return config, partial(load_policy, folder)


def _check(options: RecordOptions, config: RecordConfig) -> None:
    """Refuse impossible numbers before anything is written."""
    check_count(config.min_objects)
    check_count(config.max_objects)
    for name, given in (("episodes", options.episodes), ("pushes", config.pushes)):
        if given < 1:
            raise UserInputError(f"--{name} is {given}; expected 1 or more")
    if config.min_objects > config.max_objects or options.seed < 0:
        raise UserInputError(
            f"--min-objects {config.min_objects} --max-objects {config.max_objects} --seed "
            f"{options.seed}: expected a minimum up to the maximum, and a seed of 0 or more"
        )


def _there(options: RecordOptions) -> int:
    """Episodes of this recording that are on disk."""
    if not (options.out / "dataset.json").exists():
        return 0
    dataset = PushDataset(options.out)
    return sum(dataset.path(i).exists() for i in range(options.episodes))


def _again(options: RecordOptions) -> str:
    return command_line("saccade record push_box", options, RecordOptions(Path()))


COMMAND = Command(RecordOptions, run_record)
