"""Settings of the paper's method. The defaults are the preset `cpu`; `PAPER` has the paper's.

Deviations from the paper, of both:

- Rotations are relative to pointing down: there the paper's w >= 0 fixes no sign.
- Eq. 6 has log pi of the next action, as soft actor-critic has; the paper prints that of the last.
- A target of the Q-attention is clamped to 0 .. 100, and a punishment is no reward of a pixel.
- A row's next state is seen where the arm moves on from a keyframe, when the fingers have closed.

Deviations of `cpu` alone, each a setting:

- `rows.view` 64, `attention.fold` 2, `pose.critic` 48, `pose.residual` off, `batch` 32: the size.
- `attention.tau`, `pose.tau`, `attention.learning_rate`: fewer updates, so larger ones.
- `pose.clip_targets`, `pose.log_std`: Q rises beyond what a return can be, and the actor's standard
  deviation to nothing, before own episodes have shown what fails.
- `pose.imitation`: the actor also imitates, for a critic that has seen success alone knows no worse
  action, and its actor leaves what was demonstrated.
- `pose.frame` "attended": positions and points relative to the attended point.
- `rows.jitter`: crops of demonstrations are off the pixel, as those of acting will be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.checks import check_counts
from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.systems.arm.paper_method.next_best_pose.config import PAPER_POSE, PoseConfig
from saccade.systems.arm.paper_method.q_attention.config import PAPER_Q_ATTENTION, QAttentionConfig
from saccade.training.precision import Precision


@dataclass(frozen=True)
class PaperConfig:
    """Q-attention and next-best pose agent, and the rows that they learn from.

    Attributes:
        rows: Rows of demonstrations and episodes, and the sizes of view and crop.
        attention: Q-attention.
        pose: Next-best pose agent.
        batch: Rows of an update.
        precision: Precision of convolutions: "auto" computes in bfloat16 where the device does;
            "float32", "bfloat16".
    """

    rows: RowConfig = field(default_factory=RowConfig)
    attention: QAttentionConfig = field(default_factory=QAttentionConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    batch: int = 32
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        check_counts(self, "batch")
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
)
"""The paper's networks and figures: over a hundred hours of two cores."""
