"""Settings of the next-best pose agent. The defaults are those of `cpu`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from saccade.checks import (
    MOST_LAYERS,
    check_chances,
    check_choice,
    check_least,
    check_positive,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.pose_space import FRAMES, Frame

Look = Literal["crop", "view", "soft"]
LOOKS: tuple[Look, ...] = ("crop", "view", "soft")
MAPS = 16
"""Side of the maps that actor and critics work on [pixels]."""


@dataclass(frozen=True)
class PoseConfig:
    """The networks of Figure 2, and Eqs. 3 and 6.

    Attributes:
        look: Input: the "crop" at the attended pixel, the whole "view" (without Q-attention), or
            the view weighed by "soft" attention.
        stem: Maps of the first convolution of colours, and of that of points.
        actor: Maps of the actor, and units of its dense layers.
        critic: Maps of the critics.
        depth: Layers of a critic.
        residual: Whether a critic's layers are residual blocks of two convolutions.
        confidence: Whether critics give a Q and a confidence a pixel, or one Q.
        confidence_weight: Weight w of the confidence's regularisation.
        gamma: Discount.
        alpha: Weight of the entropy.
        highest: Largest possible return.
        clip_targets: Clamp the critics' targets to what a return can be (not the paper's).
        log_std: Least and largest logarithm of the actor's standard deviation.
        imitation: Weight of the squared distance of the actor's mode from a demonstrated action,
            which is added to Eq. 3 (not the paper's).
        frame: Frame of positions and points: the "world"'s, or centred at the "attended" point
            (not the paper's), where a crop is.
        critic_learning_rate: Learning rate of Adam for the critics and what they share.
        actor_learning_rate: Learning rate of Adam for the actor.
        largest_gradient: Value at which each gradient is clipped.
        tau: Share of the critics that their targets take on at each update.
    """

    look: Look = "crop"
    stem: int = 32
    actor: int = 64
    critic: int = 48
    depth: int = 3
    residual: bool = False
    confidence: bool = True
    confidence_weight: float = 1.0
    gamma: float = 0.99
    alpha: float = 0.05
    highest: float = 100.0
    clip_targets: bool = True
    log_std: tuple[float, float] = (-5.0, 1.0)
    imitation: float = 100.0
    frame: Frame = "attended"
    critic_learning_rate: float = 2.5e-3
    actor_learning_rate: float = 1e-3
    largest_gradient: float = 5.0
    tau: float = 0.02

    def __post_init__(self) -> None:
        check_choice("look", self.look, LOOKS)
        check_choice("frame", self.frame, FRAMES)
        check_sizes(self, "stem", "actor", "critic", prefix="pose ")
        check_sizes(self, "depth", prefix="pose ", most=MOST_LAYERS)
        check_chances(self, "gamma")
        rates = ("critic_learning_rate", "actor_learning_rate", "largest_gradient", "tau")
        check_positive(self, "highest", *rates)
        check_least(self, dict.fromkeys(("confidence_weight", "alpha", "imitation"), 0))
        low, high = self.log_std
        if not low < high:
            raise UserInputError(f"log_std is {self.log_std}; expected the lower bound first")

    @property
    def coordinates(self) -> Frame:
        """Frame that is used: an agent that sees the view whole attends no point."""
        return self.frame if self.look == "crop" else "world"


PAPER_POSE = PoseConfig(
    critic=128, residual=True, clip_targets=False, log_std=(-40.0, 4.0), imitation=0.0,
    frame="world", tau=0.005,
)  # fmt: skip
"""The published networks and figures, without a deviation but for the rotation's reference."""
