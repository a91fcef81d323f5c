"""Settings of learning from replay; the defaults are the preset `cpu`."""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.checks import check_counts, check_least, check_shares, check_sizes
from saccade.data.keyframes import KeyframeRule


@dataclass(frozen=True)
class RowConfig:
    """What rows are made of a demonstration, and what they keep.

    Attributes:
        view: Side of the Q-attention's view [pixels].
        crop: Side of the crop [pixels].
        every: Demo augmentation's M: rows start at every M-th frame; None for keyframes alone.
        keyframes: Whether keyframes are discovered; else every `spacing`-th frame is one.
        spacing: Frames between keyframes that are not discovered.
        rule: What makes a frame a keyframe.
        jitter: Standard deviation by which crops of demonstrations are moved from the pixel that
            Q-attention learns to attend [pixels] (not the paper's): it will not hit it exactly.
        reward: Scale of rewards; the punishment of a pose out of reach is not scaled.
    """

    view: int = 64
    crop: int = 16
    every: int | None = 5
    keyframes: bool = True
    spacing: int = 20
    rule: KeyframeRule = field(default_factory=KeyframeRule)
    jitter: float = 1.5
    reward: float = 100.0

    def __post_init__(self) -> None:
        check_least(self, {"jitter": 0})
        check_sizes(self, "view", "crop")
        check_counts(self, "spacing")


@dataclass(frozen=True)
class ReplayConfig:
    """Updates from replay, and own episodes between them.

    Attributes:
        updates: Gradient steps.
        act_every: Updates from one own episode to the next; 0 plays none. "bc" never does.
        snapshots: Weights that are kept along the way, evenly spaced, besides the last.
        batch: Rows of an update.
        capacity: Rows that replay keeps.
        exponent: Exponent of priorities.
    """

    updates: int = 3_000
    act_every: int = 25
    snapshots: int = 0
    batch: int = 32
    capacity: int = 20_000
    exponent: float = 0.7

    def __post_init__(self) -> None:
        check_counts(self, "updates", "batch", "capacity")
        check_least(self, {"act_every": 0, "snapshots": 0})
        check_shares(self, "exponent")

    @property
    def snapshots_at(self) -> tuple[int, ...]:
        """Updates after which weights are kept."""
        share = self.updates / (self.snapshots + 1)
        return tuple(round(share * number) for number in range(1, self.snapshots + 1))
