"""The whole training of a tracker, in one visible place.

    clips -> sequences of T frames -> losses of section 4 -> weights

T grows as training goes well; windows that are put on the object at first become the tracker's
own. A run that is stopped continues exactly where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Real, UInt8
from torch import Tensor, nn

from saccade.data.tracking.curriculum import Curriculum, CurriculumState
from saccade.systems.hart import losses
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import FitConfig, HartConfig
from saccade.systems.hart.learning.clip_source import check_clips, delete_clips, open_clips
from saccade.systems.hart.learning.clips import ClipBatch
from saccade.systems.hart.learning.forcing import forced_share, forced_windows, jittered
from saccade.systems.hart.learning.objective import HartLoss, Objective
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.weights import RUN_WEIGHTS, SYSTEM, lend_features, save_tracker
from saccade.training.device import resolve_device
from saccade.training.fit import Batch, Descent, fit, open_session
from saccade.training.plain import to_plain
from saccade.training.run import Run

STAGE = "track"
LUMA = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601)."""


def start_run(folder: Path, config: HartConfig, seed: int) -> Run:
    """A new run; its config.json names the system, so that other commands find their way."""
    check_clips(config, seed)
    Learner(config)  # settings that do not fit together are refused before there is a run
    return Run.create(folder, {"system": SYSTEM, "config": to_plain(config)}, seed)


def train(
    run: Run,
    config: HartConfig,
    workers: int,
    sinks: tuple[str, ...] = (),
    device: str = "auto",
) -> Path:
    """Train from nothing, or go on where the run stopped.

    Args:
        run: The run's folder.
        config: The system's settings.
        workers: Processes that generate clips; the result is the same whatever their number.
        sinks: Where metrics go besides the run's metrics.jsonl.
        device: That the network runs on.

    Returns:
        The folder of the trained tracker.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: There is no such device.
        TrainingDivergedError: The loss or a gradient is not finite; the last checkpoint is kept.
    """
    torch.manual_seed(run.seed)
    learner = Learner(config).to(resolve_device(device))
    descent = make_descent(config.fit, learner)
    with (
        open_session(run, sinks) as session,
        open_clips(run, config, workers, session.stop.is_requested) as source,
    ):
        growth = Growth(config.fit, source.epoch)

        def loss(rng: np.random.Generator, step: int) -> Batch:
            clips = source.draw(config.fit, step, growth.length, rng)
            objective, own = learner(clips, step, rng)
            names = [*objective.terms, "own_iou"]
            numbers = torch.stack([*objective.terms.values(), own]).tolist()
            values = dict(zip(names, numbers, strict=True)) | {"length": float(growth.length)}
            growth.record(values["own_iou"])
            return Batch(objective.total, f"clips {list(clips.clips)}", values)

        extra = {"growth": growth}
        fit(session, STAGE, learner, loss, descent, to_plain(config), run.seed, extra)
        save_tracker(run.folder / RUN_WEIGHTS, config, learner.model)
    delete_clips(run)
    return run.folder / RUN_WEIGHTS


class Learner(nn.Module):
    """The tracker and the weights of its losses, which are learnt together.

    Args:
        config: The settings.

    Raises:
        UserInputError: Settings do not fit together.
    """

    def __init__(self, config: HartConfig) -> None:
        super().__init__()
        self.config = config
        self.model = build_tracker(config)
        if isinstance(self.model, Ratm) and config.ratm.features == "hart":
            lend_features(self.model)
        self.loss = HartLoss(config)

    def forward(
        self, clips: ClipBatch, step: int, rng: np.random.Generator
    ) -> tuple[Objective, Float[Tensor, ""]]:
        """The loss of a batch, and the mean IoU where no window was forced; NaN if all were.

        Args:
            clips: What is learnt from.
            step: How many steps there were before, which says how many sequences are forced.
            rng: Chooses them, and their jitter.
        """
        device = self.loss.roots.device
        boxes = torch.from_numpy(clips.boxes).to(device)
        present = torch.from_numpy(clips.present).to(device, boxes.dtype)
        frames = as_input(torch.from_numpy(clips.frames).to(device), self.config.in_channels)
        forced, windows = self._forced(clips, step, rng, device)
        videos = None if clips.videos is None else torch.from_numpy(clips.videos).to(device)
        predictions = self.model(frames, boxes[0], windows, videos)
        objective = self.loss(self.model, frames, predictions, boxes, present)
        with torch.no_grad():
            seen = present[1:] * ~forced[1:]
            each = losses.iou(predictions.box, boxes[1:]).nan_to_num()
            own = (each * seen).sum() / seen.sum()  # 0 / 0 where all were forced
        return objective, own

    def _forced(
        self, clips: ClipBatch, step: int, rng: np.random.Generator, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Which windows are forced (T, N), and where to (T, N, 4)."""
        settings, (height, width) = self.config.fit, clips.frames.shape[-2:]
        share = max(forced_share(step, settings.forced_steps), settings.forced_least)
        chosen = np.tile(rng.random(len(clips.clips)) < share, (len(clips.frames), 1))
        if clips.lapsed is not None:
            chosen[1] |= clips.lapsed
        forced = torch.from_numpy(chosen).to(device)
        near = jittered(clips.boxes, settings.jitter, rng, settings.far)
        near = torch.from_numpy(near).to(device)
        return forced, forced_windows(self.model.around, near, forced, height, width)


class Growth:
    """Where the curriculum stands; part of the checkpoint.

    Args:
        settings: How T grows.
        clips: Clips that make an epoch of sequences of T frames; a number where T has no say.
    """

    def __init__(self, settings: FitConfig, clips: int | Callable[[int], int]) -> None:
        self._curriculum = Curriculum(
            settings.length, settings.length_end,
            min_epochs=settings.stage_epochs, min_iou=settings.stage_iou,
        )  # fmt: skip
        self._clips, self._batch = clips, settings.batch
        self._state = self._curriculum.begin()
        self._steps, self._known, self._sum = 0, 0, 0.0

    @property
    def length(self) -> int:
        """T, the frames of a sequence."""
        return self._state.length

    def record(self, iou: float) -> None:
        """Take in a step's IoU in training; NaN where it is not known."""
        self._steps += 1
        if not math.isnan(iou):
            self._known += 1
            self._sum += iou
        clips = self._clips if isinstance(self._clips, int) else self._clips(self.length)
        if self._steps >= -(-clips // self._batch):
            mean = self._sum / self._known if self._known else math.nan
            self._state = self._curriculum.advance(self._state, mean)
            self._steps, self._known, self._sum = 0, 0, 0.0

    def state_dict(self) -> dict[str, float]:
        """All that changes."""
        return {
            "length": self._state.length, "epochs": self._state.epochs,
            "steps": self._steps, "known": self._known, "sum": self._sum,
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on from `state_dict`."""
        self._state = CurriculumState(state["length"], state["epochs"])
        self._steps, self._known, self._sum = state["steps"], state["known"], state["sum"]


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


def as_input(frames: UInt8[Tensor, "*n 3 h w"], channels: int) -> Real[Tensor, "*n c h w"]:
    """RGB bytes as a network with 3 channels takes them, or as one with 1 (grey, 0..1)."""
    if channels != 1:
        return frames
    luma = torch.tensor(LUMA, device=frames.device)[:, None, None] / 255
    return (frames * luma).sum(dim=-3, keepdim=True)
