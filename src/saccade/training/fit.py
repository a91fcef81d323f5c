"""The steps of one stage of a run: checkpoints, exact resume, metrics, the NaN guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from saccade.errors import DamagedFileError
from saccade.storage.files import remove_leftovers
from saccade.storage.folders import existing_folder, in_use
from saccade.training.checkpoint import LONGEST_REASON, load_checkpoint, save_checkpoint
from saccade.training.descent import Descent
from saccade.training.generators import capture_generators, restore_generators
from saccade.training.guard import check_finite
from saccade.training.interrupt import GracefulStop
from saccade.training.memory import keep_freed_memory
from saccade.training.metrics import MetricsWriter
from saccade.training.progress import progress
from saccade.training.run import CHECKPOINTS_FOLDER, Run


class Stateful(Protocol):
    """Content of a checkpoint: a network, or anything else that changes while training."""

    def state_dict(self) -> Mapping[str, Any]:
        """The state as it is now."""
        ...

    def load_state_dict(self, state_dict: Mapping[str, Any], /) -> Any:
        """Take on a state."""
        ...


class Together:
    """Several states as one.

    Args:
        parts: What has the states, by name.
    """

    def __init__(self, parts: Mapping[str, Stateful]) -> None:
        self._parts = parts

    def state_dict(self) -> dict[str, Any]:
        """States by name."""
        return {name: dict(part.state_dict()) for name, part in self._parts.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], /) -> None:
        """Let each part take on its state."""
        for name, part in self._parts.items():
            part.load_state_dict(state_dict[name])


@dataclass(frozen=True)
class Batch:
    """The loss of one batch.

    Attributes:
        loss: Scalar with gradients.
        name: Words that find again what was trained on.
        values: Further numbers for the metrics.
    """

    loss: Tensor
    name: str
    values: Mapping[str, float] = field(default_factory=dict)


class Stopped(Exception):
    """The user asked to stop; everything is saved and `--resume` goes on from here."""


@dataclass
class Session:
    """State that all stages of one sitting share: the run, its metrics, and whether to stop.

    Attributes:
        run: Run that is trained.
        metrics: Writer of the run's metrics.
        stop: Whether to stop, set by Ctrl-C or SIGTERM.
    """

    run: Run
    metrics: MetricsWriter
    stop: GracefulStop

    def folder(self, stage: str) -> Path:
        """Folder of a stage's checkpoint."""
        return self.run.folder / CHECKPOINTS_FOLDER / stage

    def check_stop(self) -> None:
        """Raise `Stopped` where the user asked for it."""
        if self.stop.requested:
            raise Stopped


@contextmanager
def open_session(run: Run, sinks: tuple[str, ...] = ()) -> Iterator[Session]:
    """Start or continue a sitting; metrics written after the last checkpoint are dropped.

    Raises:
        FolderInUseError: Another process trains this run.
    """
    with in_use(run.folder):
        remove_leftovers(run.folder / CHECKPOINTS_FOLDER)
        keep = max((_metrics_lines(f) for f in _checkpoints(run)), default=0)
        keep_freed_memory()
        with GracefulStop() as stop, run.metrics(keep_lines=keep, sinks=sinks) as metrics:
            yield Session(run, metrics, stop)


def _metrics_lines(folder: Path) -> int:
    """Lines of metrics.jsonl when a checkpoint was written."""
    state = load_checkpoint(folder).training_state
    lines = state.get("metrics_lines") if isinstance(state, dict) else None
    if type(lines) is not int or lines < 0:
        raise DamagedFileError(f"{folder} is damaged: it does not say how many metrics there were")
    return lines


def _checkpoints(run: Run) -> list[Path]:
    """The checkpoints of all stages; what a kill left half-written is none."""
    folder = run.folder / CHECKPOINTS_FOLDER
    # ".stage.old" is a stage's only one between two renames; other hidden ones are unfinished.
    names = {p.name.removeprefix(".").removesuffix(".old") for p in folder.glob("*")}
    return [folder / name for name in sorted(names) if existing_folder(folder / name).is_dir()]


def fit(
    session: Session,
    stage: str,
    network: nn.Module,
    loss: Callable[[np.random.Generator, int], Batch],
    descent: Descent,
    config: Mapping[str, Any],
    seed: int,
    extra: Mapping[str, Stateful] | None = None,
) -> None:
    """Train a network for one stage; a stage that is done is only loaded.

    Args:
        session: The sitting.
        stage: Name of the stage and of its checkpoint's folder.
        network: Network that is trained in place.
        loss: Function that draws a batch with the generator it is given and computes its loss.
            Where it must wait for data, it may raise `Stopped` before it has drawn anything.
        descent: Length and speed of the descent.
        config: Settings that go into the checkpoint.
        seed: Seed of the generator of the batches, and of torch's.
        extra: Further state that changes while training and belongs to the checkpoint: a target
            network, the state of a curriculum.

    Raises:
        Stopped: The user asked to; the checkpoint is written.
        TrainingDivergedError: The loss or a gradient is not finite; the last checkpoint is kept.
    """
    optimiser = descent.make_optimiser(network)

    def step(rng: np.random.Generator, number: int) -> dict[str, float]:
        batch = loss(rng, number)
        check_finite(batch.loss, number, batch.name)
        _descend(network, optimiser, batch, descent, number)
        return {"loss": batch.loss.item(), **batch.values}

    state = {"optimiser": optimiser, "extra": Together(extra or {})}
    every = descent.checkpoint_every
    take_steps(session, stage, network, step, descent.steps, every, config, seed, state)


def take_steps(
    session: Session,
    stage: str,
    network: nn.Module,
    step: Callable[[np.random.Generator, int], Mapping[str, float]],
    steps: int,
    checkpoint_every: int,
    config: Mapping[str, Any],
    seed: int,
    state: Mapping[str, Stateful],
) -> None:
    """Take the steps of one stage, whatever they are; a stage that is done is only loaded.

    Args:
        session: The sitting.
        stage: Name of the stage and of its checkpoint's folder.
        network: Network that inference needs.
        step: Function that takes a step, with all of its chance from the generator that it is
            given, and returns numbers for the metrics, of which "loss" is shown. It may raise
            `Stopped` before it has drawn anything.
        steps: Number of steps.
        checkpoint_every: Steps between checkpoints.
        config: Settings that go into the checkpoint.
        seed: Seed of the generator of the steps, and of torch's.
        state: All else that changes with the steps.

    Raises:
        Stopped: The user asked to; the checkpoint is written.
    """
    rng = np.random.default_rng(seed)
    folder = session.folder(stage)
    start = 0
    if existing_folder(folder).exists():
        start = _restore(folder, network, rng, state)
    else:
        # Whatever ran before this stage, and is not run again by a resumed run, has no say in it.
        torch.manual_seed(seed)

    def save(done: int) -> None:
        counts = {"step": done, "metrics_lines": session.metrics.lines}
        generators = {"generators": capture_generators({"batches": rng})}
        parts = {name: part.state_dict() for name, part in state.items()}
        save_checkpoint(folder, network.state_dict(), config, counts | generators | parts)

    network.train()
    with progress(total=steps, description=stage) as bar:
        bar.update(start)
        for number in range(start, steps):
            try:
                values = step(rng, number)
            except Stopped:
                if number > start:
                    save(number)
                raise
            done = number + 1
            if done % 20 == 0 or done == steps:
                session.metrics.write(done, stage, values)
            stopping = session.stop.requested
            if done % checkpoint_every == 0 or done == steps or stopping:
                save(done)
            bar.update(1, loss=values["loss"])  # nobody may read it any more: then it raises
            if stopping:
                raise Stopped
    network.eval()


def _descend(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    descent: Descent,
    step: int,
) -> None:
    """One optimiser step at the scheduled rate, on clipped gradients that are all finite."""
    for group in optimiser.param_groups:
        group["lr"] = descent.rate(step)
    optimiser.zero_grad()
    batch.loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), descent.max_gradient_norm)
    # A finite loss may have infinite gradients, and the checkpoint comes before the next loss.
    check_finite(norm, step, batch.name, "gradient norm")
    optimiser.step()


def _restore(
    folder: Path,
    network: nn.Module,
    rng: np.random.Generator,
    state: Mapping[str, Stateful],
) -> int:
    """Load a stage's checkpoint in place; returns the steps done.

    Raises:
        DamagedFileError: It is damaged, or of another network.
    """
    checkpoint = load_checkpoint(folder)
    kept = checkpoint.training_state
    try:
        network.load_state_dict(checkpoint.model_state)
        restore_generators(kept["generators"], {"batches": rng})
        for name, part in state.items():
            part.load_state_dict(kept[name])
        return int(kept["step"])
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())[:LONGEST_REASON]
        raise DamagedFileError(f"{folder} does not fit its run: {reason}") from error
