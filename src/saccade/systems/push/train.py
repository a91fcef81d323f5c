"""The whole training of a push policy, in one visible place.

    record pushes -> PushMask (heuristics, then pushes) -> value network offline
                  -> rounds of: act with the policy, learn from everything that happened

Every stage continues exactly where it was stopped, and a stage that is done is only loaded.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from saccade.data.push_episodes import PushDataset, PushEpisode, load_episode
from saccade.storage.files import write_whole
from saccade.storage.folders import atomic_folder
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import PushConfig
from saccade.systems.push.map_samples import map_samples
from saccade.systems.push.model import PushMask
from saccade.systems.push.record import Mix, RecordConfig, record
from saccade.systems.push.train_mask import choose_threshold, train_mask
from saccade.systems.push.train_value import Learner, make_learner
from saccade.systems.push.weights import (
    CURVES_FILE,
    load_mask,
    load_policy,
    load_value,
    save_policy,
)
from saccade.training.device import resolve_device
from saccade.training.fit import Descent, Session, open_session
from saccade.training.plain import to_plain
from saccade.training.progress import progress
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.weights import RUN_WEIGHTS

NO_TARGET = (0.0, 0.0)
"""Target for PushMask's labels, which do not depend on where the box stands."""
MASK_SAMPLES = 40_000
"""Largest number of pushes that PushMask learns from."""
OFFLINE_SEED, ONLINE_SEED = 10, 100
"""Offsets of the stages' seeds from the run's; round i of acting has ONLINE_SEED + i."""
SHIPPED = "shipped"
"""Name of the weights that come with the package, where a folder could be named."""
EVEN = 0.5
"""Threshold of a mask that is 0 or 1."""


def train(
    run: Run,
    config: PushConfig,
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
        device: Name of the device that networks are trained on; the simulating processes decide on
            the CPU.

    Returns:
        The folder of the trained policy.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: There is no such device.
    """
    chosen = resolve_device(device)
    with open_session(run, sinks) as session:
        first = _recorded(session, config, workers)
        mask, threshold = _attention(session, config, first, workers, chosen)
        if mask is not None:  # one from elsewhere may be of another size
            network = mask.hourglass.config
            config = replace(config, mask=replace(config.mask, network=network))
        learner = make_learner(config, run.seed, Attention(config, mask, threshold), chosen)
        learner.add(first)
        if config.start:
            load_value(_folder(config.start), learner.network)
        else:
            _offline(session, config, learner)
        _save(run, config, mask, threshold, learner)
        for number in range(config.online.rounds):
            _round(session, config, learner, number, workers)
            _save(run, config, mask, threshold, learner)
    return run.folder / RUN_WEIGHTS


def _offline(session: Session, config: PushConfig, learner: Learner) -> None:
    """Learn from the first recording."""
    offline = config.offline
    descent = Descent(
        offline.steps, offline.learning_rate, offline.weight_decay, offline.checkpoint_every
    )
    learner.fit(session, "offline", descent, offline.batch, session.run.seed + OFFLINE_SEED)


def _round(
    session: Session, config: PushConfig, learner: Learner, number: int, workers: Workers | int
) -> None:
    """Act with the newest policy, then learn from what happened."""
    online, stage = config.online, f"online-{number:03d}"
    mix = Mix(uniform=0.0, near=0.0, edge=0.0)
    recording = RecordConfig(
        config.data.min_objects, config.data.max_objects, online.pushes, mix, config.world,
        config.mask.edge, online.single, online.cylinders,
    )  # fmt: skip
    policy = partial(load_policy, _snapshot(session, stage), online.epsilon)
    episodes = _collect(session, stage, recording, online.episodes, workers, policy)
    learner.add(episodes, keep_old=online.replay)
    descent = Descent(
        online.steps,
        online.learning_rate,
        online.weight_decay,
        online.checkpoint_every,
    )
    learner.fit(session, stage, descent, online.batch, session.run.seed + ONLINE_SEED + number)


def _snapshot(session: Session, stage: str) -> Path:
    """A copy of the policy that a round acts with, so that a resumed round acts with the same."""
    acting = session.run.folder / "data" / f"{stage}-policy"
    if not acting.exists():
        with atomic_folder(acting) as temporary:
            shutil.copytree(session.run.folder / RUN_WEIGHTS, temporary, dirs_exist_ok=True)
    return acting


def _recorded(session: Session, config: PushConfig, workers: Workers | int) -> list[PushEpisode]:
    """The first dataset: reused, or recorded without any policy."""
    data = config.data
    if data.reuse:
        folders = [PushDataset(Path(name)) for name in data.reuse]
        return [episode for folder in folders for episode in _load(folder, data.episodes)]
    mix = Mix(data.uniform, data.near, 1.0 - data.uniform - data.near)
    recording = RecordConfig(
        data.min_objects, data.max_objects, data.pushes, mix, config.world, config.mask.heuristic
    )
    return _collect(session, "random", recording, data.episodes, workers, None)


def _collect(
    session: Session,
    stage: str,
    recording: RecordConfig,
    episodes: int,
    workers: Workers | int,
    make_policy: partial | None,
) -> list[PushEpisode]:
    """Record what is missing of a stage's dataset; returns all of it."""
    folder = session.run.folder / "data" / stage
    seed = stage_seed(session.run.seed, stage)
    new = record(
        folder, recording, episodes, seed, workers, make_policy, session.stop.is_requested, stage
    )
    done = len(PushDataset(folder)) if (folder / "dataset.json").exists() else 0
    with progress(total=episodes, description=f"recording {stage}") as bar:
        bar.update(done)
        for episode in new:
            bar.update(1, pushes=len(episode))
    session.check_stop()
    return _load(PushDataset(folder), episodes)


def stage_seed(seed: int, stage: str) -> int:
    """The seed of a stage's scenarios: another for every stage and every run."""
    return int(np.random.SeedSequence([seed, *stage.encode()]).generate_state(1)[0])


def _folder(named: str) -> Path | None:
    """The folder of weights of that name; None for the shipped ones."""
    return None if named == SHIPPED else Path(named)


def _load(dataset: PushDataset, episodes: int) -> list[PushEpisode]:
    return [load_episode(path) for path in dataset.paths()[:episodes]]


def _attention(
    session: Session,
    config: PushConfig,
    episodes: list[PushEpisode],
    workers: Workers | int,
    device: torch.device,
) -> tuple[PushMask | None, float]:
    """PushMask, on the device, and its threshold: trained here, from elsewhere, or none."""
    if config.mask.kind != "learned" and not config.mask.train:
        return None, EVEN
    if config.mask.weights:
        mask, threshold, curves = load_mask(_folder(config.mask.weights))
        if curves is not None:
            write_whole(session.run.folder / CURVES_FILE, curves.read_bytes())
        return mask.to(device), threshold
    samples = map_samples(episodes, NO_TARGET, MASK_SAMPLES)
    mask = train_mask(session, config.mask, samples, session.run.seed, config.precision, device)
    data, tests = config.data, config.mask.test_pushes
    recording = RecordConfig(
        1, data.max_objects, data.pushes, Mix(uniform=0.5, near=0.5, edge=0.0), config.world
    )
    # A tenth more: episodes end early when the table is empty.
    episodes_needed = -(-tests * 11 // (10 * data.pushes))
    held_out = _collect(session, "mask-test", recording, episodes_needed, workers, None)
    judged = map_samples(held_out, NO_TARGET, tests)
    return mask, choose_threshold(session, mask, config.mask, judged)


def _save(
    run: Run, config: PushConfig, mask: PushMask | None, threshold: float, learner: Learner
) -> None:
    folder = run.folder / RUN_WEIGHTS
    save_policy(folder, config, mask, threshold, learner.network)
    curves = run.folder / CURVES_FILE
    if curves.exists():
        write_whole(folder / curves.name, curves.read_bytes())


def start_run(folder: Path, config: PushConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way."""
    return Run.create(folder, {"system": "push", "config": to_plain(config)}, seed)
