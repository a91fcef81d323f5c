"""The whole training of an embedding, in one visible place.

    sequences -> pairs of frames at one time -> embeddings -> loss -> weights

A run that is stopped continues exactly where it was. Numbers that say whether the embedding has
collapsed are in the metrics, and a line on stderr says so, with what to change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from saccade.systems.smak.augment import augment
from saccade.systems.smak.batches import PairSource
from saccade.systems.smak.config import FitConfig, SmakConfig
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.objective import objective
from saccade.systems.smak.source import check_data, delete_data, open_split
from saccade.systems.smak.starting import check_start, start_trunk, trunk_facts
from saccade.systems.smak.validation import STAGE, Best, Judge
from saccade.systems.smak.watch import Watch
from saccade.systems.smak.weights import SYSTEM, save_embedder
from saccade.training.clock import Clock
from saccade.training.device import device_of, resolve_device
from saccade.training.fit import Batch, Descent, fit, open_session
from saccade.training.plain import to_plain
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.weights import RUN_WEIGHTS


def start_run(folder: Path, config: SmakConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way."""
    with torch.device("meta"):
        EmbeddingNetwork(config.model)  # what does not fit is refused before there is a run
    check_start(config)
    check_data(config)
    return Run.create(folder, {"system": SYSTEM, "config": to_plain(config)}, seed)


def train(
    run: Run,
    config: SmakConfig,
    workers: Workers | int,
    sinks: tuple[str, ...] = (),
    device: str = "auto",
) -> Path:
    """Train from nothing, or go on where the run stopped.

    Args:
        run: Run to train.
        config: The system's settings.
        workers: Workers, or a number of processes; the result is the same whatever it is.
        sinks: Names of where metrics go besides the run's metrics.jsonl.
        device: Device that the network runs on.

    Returns:
        The folder of the trained embedding.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: There is no such device, or nothing to learn from.
        TrainingDivergedError: The loss or a gradient is not finite; the last checkpoint is kept.
    """
    torch.manual_seed(run.seed)
    network = EmbeddingNetwork(config.model).to(resolve_device(device))
    best = Best()
    with open_session(run, sinks) as session, Clock(run.folder) as clock:
        start_trunk(session, network, config, workers)
        split = open_split(run, config, workers, session.stop.is_requested)
        judge = Judge(session, network, config, split, best, clock)
        source, watch = split.pairs(config), Watch(config)

        def loss(rng: np.random.Generator, step: int) -> Batch:
            if config.fit.validates and step % config.fit.validate_every == 0:
                judge.measure(step)
            batch, embeddings = pair_loss(network, config, source, rng)
            return replace(batch, values=watch.look(step, batch.loss, embeddings))

        descent, plain = make_descent(config.fit), to_plain(config)
        fit(session, STAGE, network, loss, descent, plain, run.seed, {"best": best})
        facts = judge.choose() | trunk_facts(run)
        save_embedder(run.folder / RUN_WEIGHTS, config, network, facts)
    delete_data(run)
    return run.folder / RUN_WEIGHTS


def pair_loss(
    network: EmbeddingNetwork, config: SmakConfig, source: PairSource, rng: np.random.Generator
) -> tuple[Batch, Tensor]:
    """The loss of one batch of pairs, and their embeddings."""
    pairs = source.draw(config.batch, rng)
    device = device_of(network)
    changed = [
        augment(torch.from_numpy(frames).to(device), config.augment, rng)
        for frames in (pairs.anchors, pairs.positives)
    ]
    embeddings = network(torch.cat(changed))
    anchors, positives = embeddings.chunk(2)
    return Batch(objective(anchors, positives, pairs, config), pairs.name), embeddings


def make_descent(settings: FitConfig) -> Descent:
    """How a network is optimised."""
    common = {
        "steps": settings.steps,
        "learning_rate": settings.learning_rate,
        "weight_decay": settings.weight_decay,
        "checkpoint_every": settings.checkpoint_every,
        "max_gradient_norm": settings.max_gradient_norm,
        "learning_rate_end": settings.learning_rate_end,
        "warm_up": settings.warm_up,
    }
    if settings.schedule == "staircase":
        return Staircase(**common, decay=settings.decay, decay_steps=settings.decay_steps)
    return Descent(**common)


@dataclass(frozen=True)
class Staircase(Descent):
    """Descent whose learning rate falls by a factor from stair to stair, as the paper's does.

    Attributes:
        decay: Factor from one stair to the next.
        decay_steps: Number of steps of a stair.
    """

    decay: float = 0.95
    decay_steps: int = 10_000

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        return self.learning_rate * self.decay ** (step // self.decay_steps)
