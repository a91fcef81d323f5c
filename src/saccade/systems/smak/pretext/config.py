"""Settings of the pretext."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from tyro.conf import Suppress

from saccade.checks import (
    MOST_BATCH,
    MOST_EPISODES,
    MOST_STEPS,
    check_least,
    check_most,
    check_positive,
    check_sizes,
)
from saccade.worlds.primitives.pictures import PICTURES_A_SCENE, PrimitivesConfig


@dataclass(frozen=True)
class PretextConfig:
    """Learning of the trunk from labelled pictures of primitives.

    Attributes:
        steps: Number of gradient steps; 0: the trunk starts at random, or from `trunk.start`.
        pictures: Number of pictures, a hundred a scene.
        batch: Number of pictures in a step.
        learning_rate: Learning rate at first; it falls to 0 as a cosine.
        weight_decay: Decay of the weights.
        checkpoint_every: Number of steps between checkpoints.
        primitives: Settings of the pictures; their size is that of the frames.
    """

    steps: int = 0
    pictures: int = 20_000
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    checkpoint_every: int = 500
    primitives: Annotated[PrimitivesConfig, Suppress] = field(default_factory=PrimitivesConfig)

    def __post_init__(self) -> None:
        check_least(self, {"steps": 0, "weight_decay": 0}, prefix="pretext.")
        check_most(self, {"steps": MOST_STEPS}, prefix="pretext.")
        check_sizes(self, "pictures", prefix="pretext.", most=MOST_EPISODES)
        check_sizes(self, "batch", prefix="pretext.", most=MOST_BATCH)
        check_sizes(self, "checkpoint_every", prefix="pretext.", most=MOST_STEPS)
        check_positive(self, "learning_rate", prefix="pretext.")

    @property
    def scenes(self) -> int:
        """Number of scenes that the pictures are of."""
        return -(-self.pictures // PICTURES_A_SCENE)
