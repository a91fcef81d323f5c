"""Settings of the paper's method. The defaults are the preset `cpu`; `PAPER` has the paper's."""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.checks import check_counts, check_shares
from saccade.errors import UserInputError
from saccade.systems.arm.next_best_pose.config import PAPER_POSE, PoseConfig
from saccade.systems.arm.q_attention.config import PAPER_Q_ATTENTION, QAttentionConfig
from saccade.systems.arm.rows import RowConfig
from saccade.training.precision import Precision


@dataclass(frozen=True)
class PaperConfig:
    """Q-attention and next-best pose agent, and the rows that they learn from.

    Attributes:
        rows: Rows of demonstrations and episodes, and the sizes of view and crop.
        attention: Q-attention.
        pose: Next-best pose agent.
        batch: Rows of an update.
        capacity: Rows that replay keeps.
        exponent: Exponent of priorities.
        precision: Precision of convolutions: "auto" computes in bfloat16 where the device does;
            "float32", "bfloat16".
    """

    rows: RowConfig = field(default_factory=RowConfig)
    attention: QAttentionConfig = field(default_factory=QAttentionConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    batch: int = 32
    capacity: int = 20_000
    exponent: float = 0.7
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        check_counts(self, "batch", "capacity")
        check_shares(self, "exponent")
        self.attention.check_view(self.rows.view)
        if self.rows.crop > self.rows.view:
            raise UserInputError(
                f"crop is {self.rows.crop} pixels and the view {self.rows.view}; expected the crop "
                "to be the smaller"
            )

    @property
    def looks(self) -> bool:
        """Whether there is a Q-attention; without, the pose agent sees the whole view."""
        return self.pose.look == "crop"


PAPER = PaperConfig(
    rows=RowConfig(view=128, jitter=0.0),
    attention=PAPER_Q_ATTENTION,
    pose=PAPER_POSE,
    batch=128,
    capacity=100_000,
)
"""The paper's networks and figures: over a hundred hours of two cores."""
