"""Settings of the Q-attention: its network and how it learns. The defaults are those of `cpu`."""

from __future__ import annotations

from dataclasses import dataclass

from saccade.checks import check_chances, check_least, check_positive, check_sizes
from saccade.errors import UserInputError

DOWNWARDS = 4
"""Factor by which the network halves its maps twice."""


@dataclass(frozen=True)
class QAttentionConfig:
    """The network of Figure 2, and Eq. 5.

    Attributes:
        fold: Side of the blocks of pixels that are folded into channels before the first
            convolution and unfolded after the last; 1 folds none, as the paper.
        channels: Maps of every layer.
        stem_kernel: Side of the first convolutions of colours and of points [pixels].
        gamma: Discount.
        highest: Largest possible return, at which targets are clamped.
        regularisation: Weight of the mean square of Q over the pixels.
        learning_rate: Learning rate of Adam.
        weight_decay: Weight decay of Adam.
        largest_gradient: Value at which each gradient is clipped.
        tau: Share of the network that its target takes on at each update.
    """

    fold: int = 2
    channels: int = 16
    stem_kernel: int = 5
    gamma: float = 0.99
    highest: float = 100.0
    regularisation: float = 0.1
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    largest_gradient: float = 5.0
    tau: float = 0.02

    def __post_init__(self) -> None:
        check_sizes(self, "fold", "channels", "stem_kernel", prefix="Q-attention ")
        check_chances(self, "gamma")
        check_positive(self, "highest", "learning_rate", "largest_gradient", "tau")
        check_least(self, {"regularisation": 0, "weight_decay": 0})
        if self.stem_kernel % 2 == 0:
            raise UserInputError(
                f"Q-attention stem_kernel is {self.stem_kernel}; expected an odd number"
            )

    def check_view(self, view: int) -> None:
        """Refuse a side of the view [pixels] that cannot be folded and halved twice.

        Raises:
            UserInputError: The message has the side.
        """
        if view % (self.fold * DOWNWARDS):
            raise UserInputError(
                f"view is {view} pixels; expected a multiple of {self.fold * DOWNWARDS} (fold "
                "times the four of two halvings)"
            )


PAPER_Q_ATTENTION = QAttentionConfig(
    fold=1, channels=8, stem_kernel=7, learning_rate=5e-4, tau=0.005
)
"""The network of the paper's Figure 2, and the published figures."""
