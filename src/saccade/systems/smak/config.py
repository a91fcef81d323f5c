"""Settings of the system: what is learned from, how batches are drawn, how long; see `presets`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from tyro.conf import Suppress

from saccade.checks import (
    MOST_EPISODES,
    MOST_STEPS,
    check_choice,
    check_least,
    check_most,
    check_positive,
    check_shares,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.systems.smak.augment import AugmentConfig
from saccade.systems.smak.batches import BatchConfig
from saccade.systems.smak.model_config import LossConfig, ModelConfig
from saccade.systems.smak.pretext.config import PretextConfig
from saccade.worlds.pouring.config import PouringConfig

POURING = "pouring"
"""What `data` is where the world is recorded."""
MOST_PIXELS = 2048
Schedule = Literal["cosine", "staircase"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
Kept = Literal["best", "last"]
KEPT: tuple[Kept, ...] = get_args(Kept)


@dataclass(frozen=True)
class FitConfig:
    """Gradient descent, and the sequences that judge it.

    Attributes:
        steps: Number of gradient steps.
        learning_rate: Learning rate at first, after the warm-up.
        learning_rate_end: Learning rate in the end of a "cosine".
        schedule: Fall of the learning rate: "cosine", or "staircase", by `decay` every
            `decay_steps` (the paper's).
        decay: Factor of "staircase".
        decay_steps: Number of steps of a stair.
        warm_up: Share of the steps in which the learning rate rises.
        weight_decay: Decay of the weights.
        max_gradient_norm: Norm that larger gradients are scaled down to.
        held_out: Number of sequences that are not learned from, the last ones; their alignment
            error is measured as training goes.
        validate_every: Number of steps from one measurement to the next; 0: never.
        keep: Weights that are kept: the "best" by that measurement (the paper stops when errors
            rise), or the "last".
        checkpoint_every: Number of steps between checkpoints.
    """

    steps: int = 6_000
    learning_rate: float = 5e-4
    learning_rate_end: float = 1e-5
    schedule: Schedule = "cosine"
    decay: float = 0.95
    decay_steps: int = 10_000
    warm_up: Annotated[float, Suppress] = 0.02
    weight_decay: float = 1e-6
    max_gradient_norm: float = 10.0
    held_out: int = 20
    validate_every: int = 500
    keep: Kept = "best"
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        check_choice("fit.schedule", self.schedule, SCHEDULES)
        check_choice("fit.keep", self.keep, KEPT)
        names = ("steps", "decay_steps", "checkpoint_every")
        check_sizes(self, *names, prefix="fit.", most=MOST_STEPS)
        names = ("learning_rate", "max_gradient_norm", "decay")
        check_positive(self, *names, prefix="fit.")
        none = {"learning_rate_end": 0, "weight_decay": 0, "held_out": 0, "validate_every": 0}
        check_least(self, none, prefix="fit.")
        most = {"held_out": MOST_EPISODES, "validate_every": MOST_STEPS}
        check_most(self, most, prefix="fit.")
        check_shares(self, "warm_up", prefix="fit.")

    @property
    def validates(self) -> bool:
        """Whether anything is measured as training goes."""
        return self.held_out > 0 and self.validate_every > 0


@dataclass(frozen=True)
class SmakConfig:
    """An embedding of frames, learned from synchronised views of demonstrations.

    Attributes:
        data: Folder of sequences, TFRecords or videos; or "pouring": the training records its own
            in the pouring world.
        sequences: Number of sequences, those held out included: to be recorded, or the first ones
            of the folder; 0: all of the folder.
        side: Rows and columns that frames are scaled to [px].
        start: Weights whose trunk the training starts with, named as for `saccade eval smak`; ""
            for a random start or ImageNet weights (`model.trunk`).
        model: Networks: method, trunk, attention.
        pretext: What a trunk is taught before.
        loss: Loss of a batch of pairs.
        batch: Pairs of a step.
        augment: Random changes to frames.
        fit: Gradient descent.
        pouring: World that is recorded.
    """

    data: str = POURING
    sequences: int = 500
    side: int = 96
    start: str = ""
    model: ModelConfig = field(default_factory=ModelConfig)
    pretext: PretextConfig = field(default_factory=PretextConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    batch: BatchConfig = field(default_factory=BatchConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    pouring: PouringConfig = field(default_factory=PouringConfig)

    def __post_init__(self) -> None:
        check_sizes(self, "side", most=MOST_PIXELS)
        check_least(self, {"sequences": 0})
        check_most(self, {"sequences": MOST_EPISODES})
        if self.records and self.sequences <= self.fit.held_out:
            raise UserInputError(
                f"sequences is {self.sequences} and fit.held-out {self.fit.held_out}; expected "
                "more sequences to learn from than are held out"
            )

    @property
    def records(self) -> bool:
        """Whether the training records its own sequences."""
        return self.data == POURING
