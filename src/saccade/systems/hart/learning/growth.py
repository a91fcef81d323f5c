"""How sequences grow while training goes well, as a part of the checkpoint."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from saccade.data.tracking.curriculum import Curriculum, CurriculumState
from saccade.systems.hart.config import FitConfig


class Growth:
    """Where the curriculum stands; part of the checkpoint.

    Args:
        settings: Settings of how T grows.
        clips: Number of clips that make an epoch of sequences of T frames, or a function of T.
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
