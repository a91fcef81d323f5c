"""The whole training of an arm's policy, in one visible place.

    demonstrations -> examples -> look and vote -> rounds of: act, keep what succeeded, learn on

The other methods learn from replay: `train_from_replay`.

Every stage continues exactly where it was stopped, and a stage that is done is only loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from saccade.data.demonstrations import Demonstration, DemonstrationDataset
from saccade.storage.folders import atomic_folder
from saccade.systems.arm.config import LOOK_AND_VOTE, ArmConfig
from saccade.systems.arm.given import look_through, read_demonstrations
from saccade.systems.arm.look_and_vote.config import LookAndVoteConfig
from saccade.systems.arm.look_and_vote.examples import Examples, examples_of
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.look_and_vote.own_episodes import own_actions, record_own
from saccade.systems.arm.record import record_successes, stage_seed
from saccade.systems.arm.train_from_replay import train_from_replay
from saccade.systems.arm.weights import SYSTEM, load, save_policy
from saccade.training.clock import Clock
from saccade.training.device import resolve_device
from saccade.training.fit import Session, open_session
from saccade.training.plain import to_plain
from saccade.training.progress import progress
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.weights import RUN_WEIGHTS
from saccade.worlds.tabletop.tasks import TASKS, task_named

DATA = "data"
"""Folder of a run that has what it recorded."""
LOOK_SEED, VOTE_SEED, OWN_SEED = 10, 20, 100
"""Offsets of the stages' seeds from the run's; round i of acting has OWN_SEED + 10 i."""


def start_run(folder: Path, config: ArmConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way.

    Raises:
        UserInputError: There is no such task to play, or its demonstrations will not do.
    """
    if config.demonstrations:
        look_through(Path(config.demonstrations), config)
    if config.own_episodes or not config.demonstrations:
        task_named(config.task)
    return Run.create(folder, {"system": SYSTEM, "config": to_plain(config)}, seed)


def train(
    run: Run,
    config: ArmConfig,
    workers: Workers | int,
    sinks: tuple[str, ...] = (),
    device: str = "auto",
) -> Path:
    """Train from nothing, or go on where the run stopped.

    Args:
        run: Run to train.
        config: Settings of the system.
        workers: Workers, or a number of processes; the result is the same whatever it is.
        sinks: Names of where metrics go besides the run's metrics.jsonl.
        device: Device that networks are trained on.

    Returns:
        The folder of the trained policy.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: There is no such device, or too few demonstrations succeeded.
    """
    chosen = resolve_device(device)
    with open_session(run, sinks) as session, Clock(run.folder) as clock:
        demonstrations = _demonstrated(session, config, workers)
        if config.method != LOOK_AND_VOTE:
            train_from_replay(session, config, demonstrations, clock, chosen)
            return run.folder / RUN_WEIGHTS
        examples = _examples(demonstrations, config)
        learner = LookAndVoteLearner(look_and_vote_settings(config), run.seed, chosen)
        learner.fit_look(session, "look", examples, config.look.steps, run.seed + LOOK_SEED)
        learner.fit_vote(session, "vote", examples, config.vote.steps, run.seed + VOTE_SEED)
        _save(run, config, learner, 0, clock)
        for number in range(config.own.rounds):
            examples = _round(session, config, learner, examples, number, workers)
            _save(run, config, learner, number + 1, clock)
    return run.folder / RUN_WEIGHTS


def look_and_vote_settings(config: ArmConfig) -> LookAndVoteConfig:
    """Settings of look and vote, without mirroring where a task's mirror image never happens."""
    settings, task = config.look_and_vote, TASKS.get(config.task)
    if task is None or task.mirrors:
        return settings
    return replace(settings, augment=replace(settings.augment, mirror=False))


def _round(
    session: Session, config: ArmConfig, learner: LookAndVoteLearner, examples: Examples,
    number: int, workers: Workers | int,
) -> Examples:  # fmt: skip
    """Act with the newest policy and learn on; returns all examples so far."""
    own, stage = config.own, _stage(number)
    seed = session.run.seed + OWN_SEED + 10 * number
    acting = _snapshot(session, number)
    folder = session.run.folder / DATA / stage
    new = record_own(
        folder, config.task, partial(load, acting), own.episodes, stage_seed(seed, stage),
        own.explore, config.every, workers, session.stop.is_requested,
    )  # fmt: skip
    done = 0
    with progress(total=own.episodes, description=f"acting {stage}") as bar:
        for played, episode in enumerate(new, start=1):
            done += episode.success
            bar.update(1, success=done / played)
    session.check_stop()
    successes = list(DemonstrationDataset(folder).successes())
    if successes:
        examples = Examples.join([examples, _examples(successes, config)])
    learner.fit_look(session, f"{stage}-look", examples, own.look_steps, seed)
    learner.fit_vote(session, f"{stage}-vote", examples, own.vote_steps, seed + 1)
    return examples


def round_snapshot(run: Path, number: int) -> Path:
    """Folder of the policy that a round acts with."""
    return run / DATA / f"{_stage(number)}-policy"


def round_mark(rounds: int) -> str:
    """Name of the moment, in the run's clock, at which so many rounds are done."""
    return f"round {rounds}"


def _stage(number: int) -> str:
    return f"own-{number:03d}"


def _snapshot(session: Session, number: int) -> Path:
    """A copy of the policy that a round acts with, so that a resumed round acts with the same."""
    acting = round_snapshot(session.run.folder, number)
    if not acting.exists():
        with atomic_folder(acting) as temporary:
            shutil.copytree(session.run.folder / RUN_WEIGHTS, temporary, dirs_exist_ok=True)
    return acting


def _demonstrated(
    session: Session, config: ArmConfig, workers: Workers | int
) -> list[Demonstration]:
    """The demonstrations: given, or recorded here; the first successful ones."""
    if config.demonstrations:
        return list(read_demonstrations(Path(config.demonstrations), config))
    folder, seed = session.run.folder / DATA / "expert", stage_seed(session.run.seed, "expert")
    record_successes(
        folder, config.task, config.episodes, seed, config.every, workers,
        session.stop.is_requested,
    )  # fmt: skip
    session.check_stop()
    return list(read_demonstrations(folder, config))


def _examples(demonstrations: Sequence[Demonstration], config: ArmConfig) -> Examples:
    look = config.look
    return Examples.join([examples_of(d, look.sigma, look.same_place) for d in demonstrations])


def _save(
    run: Run, config: ArmConfig, learner: LookAndVoteLearner, rounds: int, clock: Clock
) -> None:
    stages = [run.folder / DATA / _stage(number) for number in range(rounds)]
    facts = {
        "task": config.task,
        "demonstrations": config.episodes,
        "own_episodes": rounds * config.own.episodes,
        "own_actions": sum(own_actions(folder) for folder in stages),
    }
    save_policy(run.folder / RUN_WEIGHTS, config, learner, facts)
    clock.mark(round_mark(rounds))
