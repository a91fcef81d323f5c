"""Sequences that grow while training goes well (Bengio et al., 2009), as HART has it.

state = CurriculumState(curriculum.first)
while training:
    train_iou = train_an_epoch(state.length)
    state = curriculum.advance(state, train_iou)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.checks import check_shares
from saccade.errors import UserInputError


@dataclass(frozen=True)
class CurriculumState:
    """State of a curriculum; part of a checkpoint."""

    length: int
    """Frames of a training sequence, T."""
    epochs: int = 0
    """Epochs trained at this length."""


@dataclass(frozen=True)
class Curriculum:
    """A curriculum whose T grows from `first` to `last` by `step`.

    It grows once `min_epochs` epochs were trained at this T and the last one's mean training IoU
    is at least `min_iou`. An epoch is one pass over the chunks of T frames, so that it shortens
    as T grows. The threshold's value is not published; 0.6 is ours.

    Raises:
        UserInputError: A value is out of its range.
    """

    first: int = 5
    last: int = 30
    step: int = 1
    min_epochs: int = 13
    min_iou: float = 0.6

    def __post_init__(self) -> None:
        if not (2 <= self.first <= self.last and self.step >= 1 and self.min_epochs >= 1):
            raise UserInputError(
                f"curriculum from {self.first} to {self.last} by {self.step} after "
                f"{self.min_epochs} epochs; expected 2 <= first <= last, step and epochs >= 1"
            )
        check_shares(self, "min_iou")

    def begin(self) -> CurriculumState:
        """The state before the first epoch."""
        return CurriculumState(self.first)

    def advance(self, state: CurriculumState, train_iou: float) -> CurriculumState:
        """The state after one more epoch, whose mean IoU on the training chunks is given.

        An IoU that is NaN counts as 0.
        """
        epochs = state.epochs + 1
        learnt = self.min_iou <= (0 if math.isnan(train_iou) else train_iou)
        if state.length < self.last and epochs >= self.min_epochs and learnt:
            return CurriculumState(min(state.length + self.step, self.last))
        return CurriculumState(state.length, epochs)


HART_CURRICULUM = Curriculum()
"""Curriculum of KITTI, as published: 5 to 30 frames by 1 after 13 or more epochs."""

RATM_CURRICULUM = Curriculum(min_epochs=20, min_iou=0)
"""Curriculum of KTH, as RATM has it: one frame more every 20 epochs."""
