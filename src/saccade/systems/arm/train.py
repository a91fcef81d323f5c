"""The whole training of an arm's policy, in one visible place.

    demonstrations -> examples -> look and vote -> rounds of: act, keep what succeeded, learn on

Every stage continues exactly where it was stopped, and a stage that is done is only loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from saccade.data.demonstrations import Demonstration, DemonstrationDataset
from saccade.errors import UserInputError
from saccade.storage.folders import atomic_folder
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.look_and_vote.examples import Examples, examples_of
from saccade.systems.arm.look_and_vote.learner import LookAndVoteLearner
from saccade.systems.arm.own_episodes import record_own
from saccade.systems.arm.record import record
from saccade.systems.arm.weights import SYSTEM, load, save_policy
from saccade.training.device import resolve_device
from saccade.training.fit import Session, open_session
from saccade.training.plain import to_plain
from saccade.training.progress import progress
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.weights import RUN_WEIGHTS
from saccade.worlds.tabletop.tasks import task_named

DATA = "data"
"""Folder of a run that has what it recorded."""
LOOK_SEED, VOTE_SEED, OWN_SEED = 10, 20, 100
"""Offsets of the stages' seeds from the run's; round i of acting has OWN_SEED + 10 i."""
SPARE = 1.25
"""Episodes that are recorded for each demonstration that is asked for, at most: some fail."""


def start_run(folder: Path, config: ArmConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way.

    Raises:
        UserInputError: There is no such task to play, or its demonstrations will not do.
    """
    if config.demonstrations:
        _demonstrations_of(Path(config.demonstrations), config)
    if config.own.rounds or not config.demonstrations:
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
    with open_session(run, sinks) as session:
        examples = _examples(_demonstrated(session, config, workers), config)
        learner = LookAndVoteLearner(config.look_and_vote, run.seed, chosen)
        learner.fit_look(session, "look", examples, config.look.steps, run.seed + LOOK_SEED)
        learner.fit_vote(session, "vote", examples, config.vote.steps, run.seed + VOTE_SEED)
        _save(run, config, learner, 0)
        for number in range(config.own.rounds):
            examples = _round(session, config, learner, examples, number, workers)
            _save(run, config, learner, number + 1)
    return run.folder / RUN_WEIGHTS


def _round(
    session: Session, config: ArmConfig, learner: LookAndVoteLearner, examples: Examples,
    number: int, workers: Workers | int,
) -> Examples:  # fmt: skip
    """Act with the newest policy and learn on; returns all examples so far."""
    own, stage = config.own, f"own-{number:03d}"
    seed = session.run.seed + OWN_SEED + 10 * number
    acting = _snapshot(session, stage)
    folder = session.run.folder / DATA / stage
    new = record_own(
        folder, config.task, partial(load, acting), own.episodes, stage_seed(seed, stage),
        own.explore, config.every, workers, session.stop.is_requested,
    )  # fmt: skip
    with progress(total=own.episodes, description=f"acting {stage}") as bar:
        for episode in new:
            bar.update(1, success=float(episode.success))
    session.check_stop()
    successes = list(DemonstrationDataset(folder).successes())
    if successes:
        examples = Examples.join([examples, _examples(successes, config)])
    learner.fit_look(session, f"{stage}-look", examples, own.look_steps, seed)
    learner.fit_vote(session, f"{stage}-vote", examples, own.vote_steps, seed + 1)
    return examples


def stage_seed(seed: int, stage: str) -> int:
    """The seed of a stage's episodes: another for every stage and every run."""
    return int(np.random.SeedSequence([seed, *stage.encode()]).generate_state(1)[0])


def _snapshot(session: Session, stage: str) -> Path:
    """A copy of the policy that a round acts with, so that a resumed round acts with the same."""
    acting = session.run.folder / DATA / f"{stage}-policy"
    if not acting.exists():
        with atomic_folder(acting) as temporary:
            shutil.copytree(session.run.folder / RUN_WEIGHTS, temporary, dirs_exist_ok=True)
    return acting


def _demonstrated(
    session: Session, config: ArmConfig, workers: Workers | int
) -> list[Demonstration]:
    """The demonstrations: given, or recorded here; the first successful ones."""
    if config.demonstrations:
        return _demonstrations_of(Path(config.demonstrations), config)
    folder, seed = session.run.folder / DATA / "expert", stage_seed(session.run.seed, "expert")
    most = round(SPARE * config.episodes)
    with progress(total=config.episodes, description="recording expert") as bar:
        for episodes in range(config.episodes, most + 1):
            new = record(
                folder, config.task, episodes, seed, config.every, workers,
                session.stop.is_requested,
            )  # fmt: skip
            for _ in new:
                bar.update(1)
            session.check_stop()
            if episodes - len(DemonstrationDataset(folder).failures()) >= config.episodes:
                break
    return _demonstrations_of(folder, config)


def _demonstrations_of(folder: Path, config: ArmConfig) -> list[Demonstration]:
    """The first successful demonstrations of a dataset.

    Raises:
        UserInputError: They are of another task, or too few.
    """
    dataset = DemonstrationDataset(folder)
    found = list(islice(dataset.successes(), config.episodes))
    task = dataset.facts.get("world")
    if task != config.task:
        raise UserInputError(
            f"{folder} has demonstrations of '{task}'; expected demonstrations of '{config.task}'"
        )
    if len(found) < config.episodes:
        raise UserInputError(
            f"{folder} has {len(found)} demonstrations that succeeded; expected the "
            f"{config.episodes} of --episodes, or fewer of these"
        )
    return found


def _examples(demonstrations: Sequence[Demonstration], config: ArmConfig) -> Examples:
    look = config.look
    return Examples.join([examples_of(d, look.sigma, look.same_place) for d in demonstrations])


def _save(run: Run, config: ArmConfig, learner: LookAndVoteLearner, rounds: int) -> None:
    facts = {"task": config.task, "demonstrations": config.episodes, "rounds": rounds}
    save_policy(run.folder / RUN_WEIGHTS, config, learner, facts)
