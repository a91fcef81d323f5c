"""Settings of look and vote; the defaults are the preset `cpu`."""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.checks import check_counts, check_least, check_positive, check_shares, check_sizes
from saccade.errors import UserInputError
from saccade.training.precision import Precision

HALVINGS = 3
"""Times that the network over the view halves its resolution."""


@dataclass(frozen=True)
class LookConfig:
    """Attention over the whole view.

    Attributes:
        stride: Every so many-th pixel of the image is seen.
        patch: Side of the squares of these pixels that are one position of the network.
        width: Feature maps at its finest resolution.
        sigma: Spread of the target over the surface around the point to look at [m].
        same_place: Distance within which the next change of the gripper is looked at instead of
            the next keyframe [m].
        steps: Gradient steps.
        batch: Examples of a gradient step.
        learning_rate: Peak learning rate.
    """

    stride: int = 2
    patch: int = 2
    width: int = 32
    sigma: float = 0.012
    same_place: float = 0.15
    steps: int = 500
    batch: int = 16
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        check_sizes(self, "stride", "patch", "width", prefix="look ")
        check_positive(self, "sigma", "learning_rate", prefix="look ")
        check_counts(self, "steps", "batch")

    def check_view(self, height: int, width: int) -> None:
        """Refuse views that the network cannot halve as often as it does.

        Raises:
            UserInputError: The message has the view's size and what it must be a multiple of.
        """
        multiple = self.stride * self.patch * 2**HALVINGS
        if height % multiple or width % multiple:
            raise UserInputError(
                f"the view has {height} x {width} pixels; expected multiples of {multiple} "
                f"(look.stride x look.patch x {2**HALVINGS})"
            )


@dataclass(frozen=True)
class VoteConfig:
    """Votes of the pixels of a crop.

    Attributes:
        crop: Side of the crop [pixels].
        width: Feature maps.
        hypotheses: Poses that each pixel votes for, every second one counted from the hand.
        jitter: Standard deviation of what the attended pixel is moved by in training [pixels].
        dense: Weight of every pixel's own error beside that of the mixture of all votes.
        steps: Gradient steps.
        batch: Examples of a gradient step.
        learning_rate: Peak learning rate.
    """

    crop: int = 16
    width: int = 48
    hypotheses: int = 2
    jitter: float = 1.5
    dense: float = 0.3
    steps: int = 1500
    batch: int = 32
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        check_sizes(self, "crop", "width", "hypotheses", prefix="vote ")
        check_positive(self, "learning_rate", prefix="vote ")
        check_least(self, {"jitter": 0, "dense": 0})
        check_counts(self, "steps", "batch")


@dataclass(frozen=True)
class AugmentConfig:
    """What examples are varied by.

    Attributes:
        mirror: Whether half of them are mirrored at the plane y = 0, in tasks that may be.
        shift: Largest shift of the view [pixels].
        turn: Largest turn of the view about its centre [rad].
        zoom: Largest relative change of the view's size.
        light: Standard deviation of the logarithm of an image's brightness.
        colour: Standard deviation of the gain and offset of each colour of an image.
        repaint: Share of images in which the table, and what lies below and behind it, have other
            colours.
        depth_noise: Largest standard deviation of the noise of depths [m].
        foreign: Share of views that a foreign object is drawn into.
        place: Standard deviation of what the world's x and y are moved by [m].
        keyframes: Share of each batch at keyframes, where decisions are taken.
        empty: Share of examples with open fingers that are shown as closed on nothing.
    """

    mirror: bool = True
    shift: float = 12.0
    turn: float = 0.09
    zoom: float = 0.08
    light: float = 0.2
    colour: float = 0.1
    repaint: float = 0.5
    depth_noise: float = 0.003
    foreign: float = 0.3
    place: float = 0.05
    keyframes: float = 0.5
    empty: float = 0.05

    def __post_init__(self) -> None:
        names = ("shift", "turn", "zoom", "light", "colour", "depth_noise", "place")
        check_least(self, dict.fromkeys(names, 0))
        check_shares(self, "repaint", "foreign", "keyframes", "empty")


@dataclass(frozen=True)
class LookAndVoteConfig:
    """Look and vote.

    Attributes:
        look: Attention over the whole view.
        vote: Votes of the pixels of a crop.
        augment: What examples are varied by.
        weight_decay: Decoupled decay of the weights (AdamW).
        checkpoint_every: Gradient steps between checkpoints.
        precision: Precision of convolutions in training: "auto" computes in bfloat16 where the
            device does; "float32", "bfloat16".
    """

    look: LookConfig = field(default_factory=LookConfig)
    vote: VoteConfig = field(default_factory=VoteConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    weight_decay: float = 1e-2
    checkpoint_every: int = 250
    precision: Precision = "auto"


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
