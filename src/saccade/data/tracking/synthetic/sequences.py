"""Synthetic clips as sequences to be tracked, each generated when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from saccade.data.tracking.frames import ArrayFrames
from saccade.data.tracking.sequence import TrackingSequence
from saccade.data.tracking.synthetic.clip import generate_clip
from saccade.data.tracking.synthetic.config import SyntheticConfig
from saccade.errors import UserInputError

LEAST_SEEN = 0.1
"""Least share of the target in sight; below it counts as absent, as its box cannot be told."""


@dataclass(frozen=True)
class SyntheticSequences(Sequence[TrackingSequence]):
    """The first clips of the series `seed`, followed by their target; nothing is kept.

    Attributes:
        seed: Seed of the series.
        clips: Number of clips.
        config: Settings of the clips.
        least_seen: Share of the target in sight below which it is absent.

    Raises:
        UserInputError: `seed` is negative, or `clips` below 1.
    """

    seed: int
    clips: int
    config: SyntheticConfig
    least_seen: float = LEAST_SEEN

    def __post_init__(self) -> None:
        if self.seed < 0 or self.clips < 1:
            raise UserInputError(
                f"seed = {self.seed} and clips = {self.clips} were given; expected a seed from 0 "
                "and clips from 1"
            )

    def __len__(self) -> int:
        return self.clips

    @overload
    def __getitem__(self, index: int) -> TrackingSequence: ...

    @overload
    def __getitem__(self, index: slice) -> list[TrackingSequence]: ...

    def __getitem__(self, index: int | slice) -> TrackingSequence | list[TrackingSequence]:
        if isinstance(index, slice):
            return [self._generate(i) for i in range(self.clips)[index]]
        return self._generate(range(self.clips)[index])

    def _generate(self, index: int) -> TrackingSequence:
        clip = generate_clip(self.seed, index, self.config)
        # Object 0 is the target.
        seen = clip.visible[:, :1] >= self.least_seen
        boxes = np.where(seen, clip.boxes[:, 0], np.float32(np.nan)).astype(np.float32)
        name = f"{self.config.split}-{self.seed}-{index:04d}"
        return TrackingSequence(name, ArrayFrames(clip.frames), boxes, group=name)
