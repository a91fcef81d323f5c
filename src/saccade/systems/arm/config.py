"""Settings of the system arm: the task, the method, and how it learns.

The defaults are the preset `cpu`; see `presets`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from saccade.checks import check_choice, check_counts, check_least, check_shares
from saccade.systems.arm.look_and_vote.config import (
    AugmentConfig,
    LookAndVoteConfig,
    LookConfig,
    VoteConfig,
)
from saccade.training.precision import Precision

Method = Literal["look-and-vote"]
METHODS: tuple[Method, ...] = ("look-and-vote",)
FIRST_TASK = "take_lid_off_saucepan"


@dataclass(frozen=True)
class OwnConfig:
    """Learning on from own episodes, of which only success is known.

    Attributes:
        rounds: Rounds of acting and learning.
        episodes: Episodes of a round.
        explore: Share of a round's episodes that draw where to look and what to do; the others
            do what is thought best.
        look_steps: Gradient steps of a round, of looking.
        vote_steps: Gradient steps of a round, of voting.
    """

    rounds: int = 0
    episodes: int = 40
    explore: float = 0.5
    look_steps: int = 150
    vote_steps: int = 400

    def __post_init__(self) -> None:
        check_least(self, {"rounds": 0})
        check_counts(self, "episodes", "look_steps", "vote_steps")
        check_shares(self, "explore")


@dataclass(frozen=True)
class ArmConfig:
    """The system arm.

    Attributes:
        task: Name of the task, as `saccade record` lists them.
        method: Method that learns it: "look-and-vote" (ours).
        demonstrations: Folder of recorded demonstrations; the expert's are recorded if not given.
        episodes: Demonstrations that are learned from, the first successful ones.
        every: Every so many-th frame of a demonstration has an image, besides its keyframes.
        look: Attention over the whole view.
        vote: Votes of the pixels of a crop.
        augment: What examples are varied by.
        own: Learning on from own episodes.
        weight_decay: Decoupled decay of the weights (AdamW).
        checkpoint_every: Gradient steps between checkpoints.
        precision: Precision of convolutions in training: "auto" computes in bfloat16 where the
            device does; "float32", "bfloat16".
    """

    task: str = FIRST_TASK
    method: Method = "look-and-vote"
    demonstrations: str = ""
    episodes: int = 20
    every: int = 5
    look: LookConfig = field(default_factory=LookConfig)
    vote: VoteConfig = field(default_factory=VoteConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    own: OwnConfig = field(default_factory=OwnConfig)
    weight_decay: float = 1e-2
    checkpoint_every: int = 250
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        check_counts(self, "episodes", "every", "checkpoint_every")
        check_least(self, {"weight_decay": 0})

    @property
    def look_and_vote(self) -> LookAndVoteConfig:
        """Settings of the method look-and-vote."""
        return LookAndVoteConfig(
            self.look, self.vote, self.augment, self.weight_decay, self.checkpoint_every,
            self.precision,
        )  # fmt: skip
