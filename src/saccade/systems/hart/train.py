"""The whole training of a tracker, in one visible place.

    clips -> sequences of T frames -> losses of section 4 -> weights

First stage: T grows as training goes well; windows that are put on the object at first become the
tracker's own. Second stage: the first frame of a sequence may be from long before, and the tracker
looks at more (`HartConfig.first_stage`). A run that is stopped continues exactly where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from saccade.systems.hart.config import FitConfig, HartConfig
from saccade.systems.hart.learning.clip_source import check_clips, delete_clips, open_clips
from saccade.systems.hart.learning.clips import ClipPools
from saccade.systems.hart.learning.folder_clips import FolderClips
from saccade.systems.hart.learning.growth import Growth
from saccade.systems.hart.learning.learner import Learner
from saccade.systems.hart.weights import SYSTEM, save_tracker
from saccade.training.device import resolve_device
from saccade.training.fit import Batch, Descent, fit, open_session
from saccade.training.plain import to_plain
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.weights import RUN_WEIGHTS

FIRST, SECOND = "track", "second"
"""Names of the stages in metrics and checkpoints; older runs, which are resumed, have them too."""


def start_run(folder: Path, config: HartConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way."""
    check_clips(config, seed)
    for settings in (config.first_stage, config):
        Learner(settings)  # what does not fit together is refused before there is a run
    return Run.create(folder, {"system": SYSTEM, "config": to_plain(config)}, seed)


def train(
    run: Run,
    config: HartConfig,
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
        The folder of the trained tracker.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: There is no such device.
        TrainingDivergedError: The loss or a gradient is not finite; the last checkpoint is kept.
    """
    torch.manual_seed(run.seed)
    chosen = resolve_device(device)
    learner = Learner(config.first_stage).to(chosen)
    with (
        open_session(run, sinks) as session,
        open_clips(run, config, workers, session.stop.is_requested) as clips,
    ):
        growth = Growth(config.fit, clips.epoch)

        def teach(stage: str, learner: Learner, settings: FitConfig, before: int) -> None:
            loss = _loss(learner, settings, clips, growth, before)
            descent, plain = make_descent(settings, learner), to_plain(learner.config)
            fit(session, stage, learner, loss, descent, plain, run.seed, {"growth": growth})

        teach(FIRST, learner, config.fit, before=0)
        if config.finetune.steps:
            grown = Learner(config).to(chosen)
            grown.inherit(learner)
            learner = grown
            teach(SECOND, learner, config.finetune_fit, before=config.fit.steps)
        save_tracker(run.folder / RUN_WEIGHTS, config, learner.model)
    delete_clips(run)
    return run.folder / RUN_WEIGHTS


def _loss(
    learner: Learner,
    settings: FitConfig,
    clips: ClipPools | FolderClips,
    growth: Growth,
    before: int,
) -> Callable[[np.random.Generator, int], Batch]:
    """The loss of a stage that has `before` steps before it."""

    def loss(rng: np.random.Generator, step: int) -> Batch:
        drawn = clips.draw(settings, before + step, growth.length, rng)
        objective, own = learner(drawn, before + step, rng)
        names = [*objective.terms, "own_iou"]
        numbers = torch.stack([*objective.terms.values(), own]).tolist()
        values = dict(zip(names, numbers, strict=True)) | {"length": float(growth.length)}
        growth.record(values["own_iou"])
        return Batch(objective.total, f"clips {list(drawn.clips)}", values)

    return loss


def make_descent(settings: FitConfig, network: nn.Module) -> Descent:
    """How a network is optimised; weights decay in the loss (Eq. 9), not here."""
    learnt = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return Descent(
        settings.steps,
        settings.learning_rate,
        checkpoint_every=settings.checkpoint_every,
        max_gradient_norm=settings.gradient_rms * math.sqrt(learnt),  # |g| = rms(g) sqrt(n)
        optimiser=settings.optimiser,
        momentum=settings.momentum,
        learning_rate_end=settings.learning_rate_end,
        warm_up=settings.warm_up,
    )
