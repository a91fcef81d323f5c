"""The tracker and the weights of its losses, and what a batch teaches them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Real, UInt8
from torch import Tensor, nn

from saccade.systems.hart import losses
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.learning.clips import ClipBatch
from saccade.systems.hart.learning.forcing import forced_share, forced_windows, jittered
from saccade.systems.hart.learning.inherit import inherit
from saccade.systems.hart.learning.objective import HartLoss, Objective
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.weights import lend_features

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""


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

    def inherit(self, other: Learner) -> None:
        """Begin with what another one has learnt, which may look at less; see `inherit`."""
        inherit(self.model, other.model)
        self.loss.load_state_dict(other.loss.state_dict())

    def forward(
        self, clips: ClipBatch, step: int, rng: np.random.Generator
    ) -> tuple[Objective, Float[Tensor, ""]]:
        """The loss of a batch, and the mean IoU where no window was forced; NaN if all were.

        Args:
            clips: Batch to learn from.
            step: Number of steps before this one, which says how many sequences are forced.
            rng: Generator that chooses the forced sequences, and their jitter.
        """
        device = self.loss.roots.device
        boxes = torch.from_numpy(clips.boxes).to(device)
        present = torch.from_numpy(clips.present).to(device, boxes.dtype)
        frames = as_input(torch.from_numpy(clips.frames).to(device), self.config.in_channels)
        forced, windows = self._forced(clips, step, rng, device)
        videos, gaps = (
            None if flags is None else torch.from_numpy(flags).to(device)
            for flags in (clips.videos, clips.gaps)
        )  # fmt: skip
        predictions = self.model(frames, boxes[0], windows, videos, gaps)
        objective = self.loss(self.model, frames, predictions, boxes, present)
        with torch.no_grad():
            seen = present[1:] * ~forced[1:]
            each = losses.iou(predictions.box, boxes[1:]).nan_to_num()
            own = (each * seen).sum() / seen.sum()  # 0 / 0 where all were forced
        return objective, own

    def _forced(
        self, clips: ClipBatch, step: int, rng: np.random.Generator, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Whether each window is forced (T, N), and the forced windows (T, N, 4)."""
        settings, (height, width) = self.config.fit, clips.frames.shape[-2:]
        share = max(forced_share(step, settings.forced_steps), settings.forced_least)
        chosen = np.tile(rng.random(len(clips.clips)) < share, (len(clips.frames), 1))
        if clips.gaps is not None:
            chosen[1] |= clips.gaps
        forced = torch.from_numpy(chosen).to(device)
        near = jittered(clips.boxes, settings.jitter, rng, settings.far_share)
        near = torch.from_numpy(near).to(device)
        return forced, forced_windows(self.model.around, near, forced, height, width)


def as_input(frames: UInt8[Tensor, "*n 3 h w"], channels: int) -> Real[Tensor, "*n c h w"]:
    """RGB bytes as a network with 3 channels takes them, or as one with 1 (grey, 0..1)."""
    if channels != 1:
        return frames
    luma = torch.tensor(LUMA, device=frames.device)[:, None, None] / 255
    return (frames * luma).sum(dim=-3, keepdim=True)
