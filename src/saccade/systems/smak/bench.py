"""How fast it is on this machine: embedding, learning, recording.

The embedders of the peers are timed in the same run, on the same trunk and the same frames, so
that ratios hold where frames a second do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import torch

from saccade.systems.smak.batches import PairSource
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.model_config import METHODS, Method
from saccade.systems.smak.train import pair_loss
from saccade.systems.smak.weights import load
from saccade.verbs.bench import Measure, Plan, on_cores
from saccade.worlds.pouring import record_sequence

SEED = 5
FRAMES = 64
CORES = 2
FLOOR, AIM = 100.0, 400.0
"""Frames a second that two cores must embed, and should [1/s]."""


def benchmark(plan: Plan) -> list[Measure]:
    """Time everything: embedding on two cores and on one, the rest on one."""
    return [*on_cores(CORES, two_cores, plan), *on_cores(1, one_core, plan)]


def two_cores(plan: Plan) -> list[Measure]:
    """What is asked for of two cores."""
    embedder = load(plan.weights)
    side = embedder.config.side
    rate = embedding_rate(embedder, plan)
    what = f"embedding, frames of {side} x {side}"
    return [Measure("embed_two", what, "/s", rate, CORES, FLOOR, AIM)]


def one_core(plan: Plan) -> list[Measure]:
    """All that one core does."""
    embedder = load(plan.weights)
    return [
        *embedding(embedder, plan),
        *training(embedder.config, plan),
        recording(embedder.config, plan),
    ]


def embedding(embedder: Embedder, plan: Plan) -> list[Measure]:
    """Frames embedded by the weights, with and without maps, and by the peers' networks."""
    side, method = embedder.config.side, embedder.config.model.method
    measured = [
        Measure(
            "embed", f"embedding, frames of {side} x {side}", "/s", embedding_rate(embedder, plan)
        )
    ]
    frames = noise(FRAMES, side)
    seconds = plan.times(lambda: embedder.attend(frames))
    rates = tuple(FRAMES / t for t in seconds)
    measured.append(Measure("attend", "embedding with attention maps", "/s", rates))
    for other in peers_of(method):
        rates = embedding_rate(untrained(embedder.config, other), plan)
        measured.append(Measure(f"embed_{other}", other, "/s", rates, peer_of="embed"))
    return measured


def embedding_rate(embedder: Embedder, plan: Plan) -> tuple[float, ...]:
    """Frames a second, once a repetition."""
    frames = noise(FRAMES, embedder.config.side)
    return tuple(FRAMES / t for t in plan.times(lambda: embedder(frames)))


def training(config: SmakConfig, plan: Plan) -> list[Measure]:
    """A gradient step of the weights' settings, and of the peers with the same batches."""
    own = config.model.method
    measured = []
    for method in (own, *peers_of(own)):
        step = training_step(untrained(config, method).config)
        values = plan.brief.milliseconds(step)
        peer = "" if method == own else "step"
        key = f"step_{method}" if peer else "step"
        what = method if peer else f"training step of {config.batch.pairs} pairs"
        measured.append(Measure(key, what, "ms", values, peer_of=peer))
    return measured


def training_step(config: SmakConfig) -> Callable[[], None]:
    """Draw, change, embed, compare, update."""
    torch.manual_seed(SEED)
    network = EmbeddingNetwork(config.model).train()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-4)
    source, rng = noise_source(config), np.random.default_rng(SEED)

    def step() -> None:
        batch, _ = pair_loss(network, config, source, rng)
        optimiser.zero_grad()
        batch.loss.backward()
        optimiser.step()

    return step


def recording(config: SmakConfig, plan: Plan) -> Measure:
    """Frames of the pouring world a second, all views together one frame."""
    seeds, made = count(), []

    def record() -> None:
        made.append(len(record_sequence(config.pouring, next(seeds))))

    seconds = plan.brief.times(record)
    rates = tuple(n / t for n, t in zip(made[-len(seconds) :], seconds, strict=True))
    world = config.pouring
    what = f"recording, {world.views} views of {world.width} x {world.height}"
    return Measure("record", what, "/s", rates, 1, 10.0, 40.0)


def peers_of(method: Method) -> list[Method]:
    """The other methods."""
    every: list[Method] = list(METHODS)
    every.remove(method)
    return every


def untrained(config: SmakConfig, method: Method) -> Embedder:
    """An embedder of a method at its random start."""
    torch.manual_seed(SEED)
    changed = replace(config, model=replace(config.model, method=method))
    return Embedder(EmbeddingNetwork(changed.model), changed)


def noise_source(config: SmakConfig) -> PairSource:
    """Sequences of the settings' size that show nothing."""
    length, many = max(48, config.batch.moments), config.batch.sequences
    views = tuple(noise(length * many, config.side, view) for view in range(2))
    model = config.model
    starts = np.arange(many + 1) * length
    return PairSource(views, starts, np.arange(many), model.frames, model.frame_step)


def noise(frames: int, side: int, seed: int = SEED) -> np.ndarray:
    """Frames that show nothing: what they show changes no time."""
    return np.random.default_rng(seed).integers(0, 256, (frames, side, side, 3), np.uint8)
