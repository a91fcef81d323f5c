"""Settings of the system arm: the task, the method, and how it learns.

The defaults are the preset `cpu`; see `presets`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Literal, cast

from saccade.checks import check_choice, check_counts, check_least
from saccade.systems.arm.baselines.config import METHODS as BASELINES
from saccade.systems.arm.baselines.config import BaselineConfig, BaselineSettings
from saccade.systems.arm.baselines.config import Method as Baseline
from saccade.systems.arm.look_and_vote.config import (
    AugmentConfig,
    LookAndVoteConfig,
    LookConfig,
    OwnConfig,
    VoteConfig,
)
from saccade.systems.arm.off_policy.config import ReplayConfig, RowConfig
from saccade.systems.arm.paper_method.config import PaperConfig
from saccade.systems.arm.paper_method.next_best_pose.config import PoseConfig
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig
from saccade.training.precision import Precision

Method = Literal["look-and-vote", "q-attention", "bc", "sac", "sac-ae", "td3", "dac"]
LOOK_AND_VOTE, Q_ATTENTION = "look-and-vote", "q-attention"
METHODS: tuple[Method, ...] = (LOOK_AND_VOTE, Q_ATTENTION, *BASELINES)
FROM_REPLAY = (Q_ATTENTION, *BASELINES)
OF_METHODS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("look", "vote", "augment", "own", "weight_decay"), (LOOK_AND_VOTE,)),
    **dict.fromkeys(("rows", "replay"), FROM_REPLAY),
    **dict.fromkeys(("attention", "pose"), (Q_ATTENTION,)),
    "baseline": BASELINES,
}
"""Methods that use a setting, for settings that not all of them use."""
FIRST_TASK = "take_lid_off_saucepan"


@dataclass(frozen=True)
class ArmConfig:
    """The system arm.

    Attributes:
        task: Name of the task, as `saccade record` lists them.
        method: Method that learns it: "look-and-vote" (ours), "q-attention" (the paper's) or one of
            the paper's baselines, "bc", "sac", "sac-ae", "td3", "dac".
        demonstrations: Folder of recorded demonstrations; the expert's are recorded if not given.
        episodes: Demonstrations that are learned from, the first successful ones.
        every: Every so many-th frame of a demonstration has an image, besides its keyframes.
        look: Attention over the whole view, of "look-and-vote", as are all up to weight_decay.
        vote: Votes of the pixels of a crop.
        augment: What examples are varied by.
        own: Learning on from own episodes.
        weight_decay: Decoupled decay of the weights (AdamW).
        rows: Rows of demonstrations and episodes, of all other methods.
        replay: Learning from these rows.
        attention: Q-attention, of "q-attention".
        pose: Next-best pose agent, of "q-attention".
        baseline: Networks of the baselines, and how they learn.
        precision: Precision of convolutions in training: "auto" computes in bfloat16 where the
            device does; "float32", "bfloat16".
        checkpoint_every: Gradient steps between checkpoints.
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
    rows: RowConfig = field(default_factory=RowConfig)
    replay: ReplayConfig = field(default_factory=ReplayConfig)
    attention: QAttentionConfig = field(default_factory=QAttentionConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    precision: Precision = "auto"
    checkpoint_every: int = 250

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        check_counts(self, "episodes", "every", "checkpoint_every")
        check_least(self, {"weight_decay": 0})
        if self.method == Q_ATTENTION:
            _ = self.paper  # refuses sizes that do not fit each other
        elif self.method in BASELINES:
            _ = self.baseline_of_method

    @property
    def look_and_vote(self) -> LookAndVoteConfig:
        """Settings of the method look-and-vote."""
        return LookAndVoteConfig(
            self.look, self.vote, self.augment, self.weight_decay, self.checkpoint_every,
            self.precision,
        )  # fmt: skip

    @property
    def paper(self) -> PaperConfig:
        """Settings of the method q-attention."""
        return PaperConfig(self.rows, self.attention, self.pose, self.replay.batch, self.precision)

    @property
    def baseline_of_method(self) -> BaselineConfig:
        """Settings of the baseline that the method is."""
        own = {f.name: getattr(self.baseline, f.name) for f in fields(BaselineSettings)}
        return BaselineConfig(
            **own, method=cast(Baseline, self.method), rows=self.rows, batch=self.replay.batch,
            precision=self.precision,
        )  # fmt: skip

    def with_unused_of(self, other: ArmConfig) -> ArmConfig:
        """These settings, with those that the method does not use taken from others."""
        unused = {*OF_METHODS} - {name for name, of in OF_METHODS.items() if self.method in of}
        return replace(self, **{name: getattr(other, name) for name in unused})

    @property
    def act_every(self) -> int:
        """Updates from one own episode to the next; 0 where none is played."""
        return 0 if self.method == "bc" else self.replay.act_every

    @property
    def own_episodes(self) -> int:
        """Own episodes that are played in training."""
        if self.method == LOOK_AND_VOTE:
            return self.own.rounds * self.own.episodes
        return (self.replay.updates - 1) // self.act_every if self.act_every else 0
