"""Gradient descent for one stage of a run: checkpoints, exact resume, metrics, the NaN guard."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from saccade.training.checkpoint import load_checkpoint, save_checkpoint
from saccade.training.generators import capture_generators, restore_generators
from saccade.training.guard import check_finite
from saccade.training.interrupt import GracefulStop
from saccade.training.metrics import MetricsWriter
from saccade.training.progress import progress
from saccade.training.run import CHECKPOINTS_FOLDER, Run

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises."""


@dataclass(frozen=True)
class Batch:
    """The loss of one batch.

    Attributes:
        loss: Scalar with gradients.
        name: What was trained on, in words that find it again.
        values: Further numbers for the metrics.
    """

    loss: Tensor
    name: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Descent:
    """How far and how fast.

    Attributes:
        steps: Gradient steps.
        learning_rate: Peak, after a warm-up of 5 %; then a cosine down to 0.
        weight_decay: Decoupled (AdamW).
        checkpoint_every: Steps between checkpoints.
        max_gradient_norm: Gradients are scaled down to this norm.
    """

    steps: int
    learning_rate: float
    weight_decay: float = 0.0
    checkpoint_every: int = 200
    max_gradient_norm: float = 10.0

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        rise = max(1, round(WARM_UP * self.steps))
        if step < rise:
            return self.learning_rate * (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class Stopped(Exception):
    """The user asked to stop; everything is saved and `--resume` goes on from here."""


@dataclass
class Session:
    """What all stages of one sitting share: the run, its metrics, and whether to stop.

    Attributes:
        run: The run's folder.
        metrics: Its metrics.
        stop: Set by Ctrl-C or SIGTERM.
    """

    run: Run
    metrics: MetricsWriter
    stop: GracefulStop

    def folder(self, stage: str) -> Path:
        """Where a stage keeps its checkpoint."""
        return self.run.folder / CHECKPOINTS_FOLDER / stage

    def check_stop(self) -> None:
        """Raise `Stopped` where the user asked for it."""
        if self.stop.requested:
            raise Stopped


@contextmanager
def open_session(run: Run, sinks: tuple[str, ...] = ()) -> Iterator[Session]:
    """Start or continue a sitting; metrics written after the last checkpoint are dropped."""
    saved = [p.parent for p in (run.folder / CHECKPOINTS_FOLDER).glob("*/config.json")]
    states = [load_checkpoint(folder) for folder in saved]
    newest = max(states, key=lambda c: c.training_state["metrics_lines"], default=None)
    with GracefulStop() as stop, _metrics(run, newest, sinks) as metrics:
        yield Session(run, metrics, stop)


def _metrics(run: Run, newest: Any, sinks: tuple[str, ...]) -> MetricsWriter:
    return run.metrics(resume_from=newest, sinks=sinks)


def fit(
    session: Session,
    stage: str,
    network: nn.Module,
    loss: Callable[[np.random.Generator, int], Batch],
    descent: Descent,
    config: Mapping[str, Any],
    seed: int,
    extra: Mapping[str, nn.Module] | None = None,
) -> None:
    """Train a network for one stage; a stage that is done is only loaded.

    Args:
        session: The sitting.
        stage: Its name; the checkpoint's folder.
        network: Trained in place.
        loss: Draws a batch with the generator it is given and computes its loss.
        descent: How far and how fast.
        config: Goes into the checkpoint.
        seed: Seeds the generator of the batches.
        extra: Further networks whose state belongs to the checkpoint (a target network).

    Raises:
        Stopped: The user asked to; the checkpoint is written.
        TrainingDivergedError: The loss is not finite; the last checkpoint is kept.
    """
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=descent.learning_rate, weight_decay=descent.weight_decay
    )
    rng = np.random.default_rng(seed)
    folder = session.folder(stage)
    extra = extra or {}
    start = _restore(folder, network, optimiser, rng, extra) if folder.exists() else 0
    network.train()
    with progress(total=descent.steps, description=stage) as bar:
        bar.update(start)
        for step in range(start, descent.steps):
            batch = loss(rng, step)
            check_finite(batch.loss, step, batch.name)
            _descend(network, optimiser, batch.loss, descent, step)
            done = step + 1
            if done % 20 == 0 or done == descent.steps:
                session.metrics.write(done, stage, {"loss": batch.loss.item(), **batch.values})
            bar.update(1, loss=batch.loss.item())
            stopping = session.stop.requested
            if done % descent.checkpoint_every == 0 or done == descent.steps or stopping:
                state = {
                    "step": done,
                    "metrics_lines": session.metrics.lines,
                    "optimiser": optimiser.state_dict(),
                    "generators": capture_generators({"batches": rng}),
                    "extra": {name: dict(m.state_dict()) for name, m in extra.items()},
                }
                save_checkpoint(folder, network.state_dict(), config, state)
            if stopping:
                raise Stopped
    network.eval()


def _descend(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Tensor,
    descent: Descent,
    step: int,
) -> None:
    """One optimiser step at the scheduled rate, on clipped gradients."""
    for group in optimiser.param_groups:
        group["lr"] = descent.rate(step)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), descent.max_gradient_norm)
    optimiser.step()


def _restore(
    folder: Path,
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
    extra: Mapping[str, nn.Module],
) -> int:
    """Load a stage's checkpoint in place; returns the steps done."""
    checkpoint = load_checkpoint(folder)
    state = checkpoint.training_state
    network.load_state_dict(checkpoint.model_state)
    optimiser.load_state_dict(state["optimiser"])
    restore_generators(state["generators"], {"batches": rng})
    for name, module in extra.items():
        module.load_state_dict(state["extra"][name])
    return int(state["step"])
