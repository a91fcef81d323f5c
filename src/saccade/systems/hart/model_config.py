"""Settings of the parts of the trackers.

Settings that only presets change are `Suppress`ed: they are no options of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from tyro.conf import Suppress

from saccade.checks import (
    MOST_UNITS,
    check_chances,
    check_choice,
    check_counts,
    check_least,
    check_most,
    check_positive,
    check_shares,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.networks.alexnet import AlexNetConfig
from saccade.networks.blocks import Norm
from saccade.networks.conv_stack import MOST_KERNEL, ConvStackConfig

Units = Literal["image", "window"]
MOST_RINGS = 100
"""Largest number of rings of windows around a lost object: beyond the edge of any frame."""


@dataclass(frozen=True)
class AppearanceConfig:
    """Appearance attention: V1 and the two streams behind it.

    Attributes:
        v1: Network of V1: "alexnet" or "stack".
        alexnet: Settings of V1 on KITTI.
        stack: Settings of V1 of small glimpses.
        dropout: Share of the ventral stream's features that training drops.
        norm: Norm of the ventral stream; "group" does not depend on the other samples of a batch.
        ventral_maps: Number of feature maps of the ventral stream (1 x 1).
        dorsal_maps: Number of feature maps of each dynamic layer of the dorsal stream.
        dorsal_kernels: Sides of the filters of the dynamic layers [cells].
        hidden: Width of the MLP that computes the dynamic filters.
        matches: Number of maps, for each remembered glimpse, of how well each cell matches it; the
            dorsal stream reads them, and they stand beside the masked ventral features in v_t. 0:
            none, as in the paper.
        recent_from: Least confidence of a box whose glimpse is matched too, beside the first one;
            the last such box counts. 1: only the first glimpse is matched.
        normalise: Normalisation of a glimpse: "min-max" stretches it to 0..1 and subtracts
            each channel's mean, "fixed" subtracts 0.45 and divides by 0.225 (as ImageNet weights
            expect), "none".
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"recent": "recent_from"}

    v1: Literal["alexnet", "stack"] = "stack"
    alexnet: Annotated[AlexNetConfig, Suppress] = field(default_factory=AlexNetConfig)
    stack: Annotated[ConvStackConfig, Suppress] = field(
        default_factory=lambda: ConvStackConfig(widths=(32, 64, 96))
    )
    dropout: Annotated[float, Suppress] = 0.25
    norm: Annotated[Norm, Suppress] = "group"
    ventral_maps: Annotated[int, Suppress] = 16
    dorsal_maps: Annotated[int, Suppress] = 8
    dorsal_kernels: Annotated[tuple[int, ...], Suppress] = (1, 3)
    hidden: Annotated[int, Suppress] = 64
    matches: int = 16
    recent_from: float = 0.6
    normalise: Annotated[Literal["min-max", "fixed", "none"], Suppress] = "min-max"

    def __post_init__(self) -> None:
        check_choice("v1", self.v1, ("alexnet", "stack"))
        check_choice("normalise", self.normalise, ("min-max", "fixed", "none"))
        check_sizes(self, "ventral_maps", "dorsal_maps", "hidden")
        check_sizes(self, "dorsal_kernels", most=MOST_KERNEL)
        check_most(self, {"matches": MOST_UNITS})
        check_chances(self, "dropout")
        check_least(self, {"matches": 0})
        check_shares(self, "recent_from")
        if not self.dorsal_kernels:
            raise UserInputError("dorsal_kernels is empty; expected one side or more")

    @property
    def templates(self) -> int:
        """Number of glimpses that are matched: none, the first, or the first and a recent one."""
        return 0 if not self.matches else 1 if self.recent_from == 1 else 2

    @property
    def in_channels(self) -> int:
        """Number of colours of the frames."""
        return self.alexnet.in_channels if self.v1 == "alexnet" else self.stack.in_channels


@dataclass(frozen=True)
class MotionConfig:
    """How the window of spatial attention moves, and how a box is read off it.

    Attributes:
        units: Unit of corrections: the "image" (the paper), or the "window" itself, so that far and
            near objects are followed alike.
        follow: Origin of the next window, which is an update of it: the last "window" (the paper),
            or the "box" that was found in it, with its bias around it.
        through_time: Whether gradients pass from window to window (the paper), so that a loss
            also teaches all windows before.
        gain: Squashing of the gain of the window's updates (Eq. 7): "sigmoid" of c (as published),
            "tanh" (the text).
        gain_start: Value of c at first.
        bias_range: Largest bias that is added to the first window, in `units`.
        bias_start: Bias (y, x, h, w) of the first window at first, in `units`.
        smallest: Least height and width of a window or box [pixels].
        hold_below: Confidence below which a box begins to keep the size of the one before, and its
            window to stay with it; at half of it they do so altogether. 0: never (the paper).
            Training does not hold boxes: it must see what an uncertain one would have been.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"doubt": "hold_below"}

    units: Units = "window"
    follow: Literal["window", "box"] = "box"
    through_time: bool = False
    gain: Literal["sigmoid", "tanh"] = "sigmoid"
    gain_start: Annotated[float, Suppress] = 0.0
    bias_range: Annotated[float, Suppress] = 1.5
    bias_start: Annotated[tuple[float, float, float, float], Suppress] = (-0.5, -0.5, 1.0, 1.0)
    smallest: Annotated[float, Suppress] = 2.0
    hold_below: float = 0.5

    def __post_init__(self) -> None:
        check_choice("units", self.units, ("image", "window"))
        check_choice("follow", self.follow, ("window", "box"))
        check_choice("gain", self.gain, ("sigmoid", "tanh"))
        check_shares(self, "hold_below")
        check_positive(self, "smallest")
        if max(abs(value) for value in self.bias_start) >= self.bias_range:
            raise UserInputError(
                f"bias_start is {self.bias_start}; expected values within the bias_range of "
                f"{self.bias_range}"
            )


@dataclass(frozen=True)
class MemoryConfig:
    """The LSTM and what goes in and out of it.

    Attributes:
        units: Length of the state, which is also the appearance alpha.
        zoneout: Probability with which a unit keeps its value.
        features: Length of v_t (Eq. 4).
        mask_features: Length to which the location map is reduced for Eq. 6.
        hidden: Width of the hidden layer of each head of Eq. 6.
        bypass: Whether the heads read v_t itself as well, not only the output of the LSTM.
        moved: Whether v_t also says how the box last moved.
    """

    units: int = 128
    zoneout: Annotated[float, Suppress] = 0.05
    features: Annotated[int, Suppress] = 128
    mask_features: int = 10
    hidden: Annotated[int, Suppress] = 96
    bypass: bool = True
    moved: bool = True

    def __post_init__(self) -> None:
        check_sizes(self, "units", "features", "mask_features", "hidden")
        check_chances(self, "zoneout")


@dataclass(frozen=True)
class SearchConfig:
    """When an object that was lost is looked for, and where. Only trackers of one object do.

    Attributes:
        below: Confidence below which the object is looked for; 0: never (the paper).
        found_from: Least confidence with which the object counts as found, both through the window
            that found it and through one put on it. It is looked for as it was when the confidence
            was last as high.
        rings: Number of rings of windows around the last box: a search looks through one, from the
            nearest on, over and over.
        every: Number of frames from one search to the next: a search costs as much as several
            frames without one.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"sure": "found_from"}

    below: float = 0.6
    found_from: float = 0.8
    rings: int = 3
    every: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.below <= self.found_from <= 1:
            raise UserInputError(
                f"search.below is {self.below} and search.found_from {self.found_from}; "
                "expected 0 to 1, and no more below than found_from"
            )
        check_counts(self, "rings", "every")
        check_most(self, {"rings": MOST_RINGS})


@dataclass(frozen=True)
class RelationConfig:
    """What the objects of one video tell each other (Fuchs et al. 2019, MOHART).

    Attributes:
        heads: Number of heads of the self-attention over objects; 0 follows each object alone.
        width: Number of features of all heads together.
    """

    heads: int = 0
    width: Annotated[int, Suppress] = 64

    def __post_init__(self) -> None:
        check_most(self, {"heads": MOST_UNITS, "width": MOST_UNITS}, prefix="relations.")
        if self.heads < 0 or (self.heads and (self.width < 1 or self.width % self.heads)):
            raise UserInputError(
                f"relations of {self.heads} heads and width {self.width}; expected heads from 0 "
                "and a width that they divide"
            )


@dataclass(frozen=True)
class RatmConfig:
    """The tracker of Kahou et al. (2017), variant "ratm".

    Attributes:
        units: Number of units of the rectified recurrent network.
        stack: Network of the features, which the recurrent network and the loss read.
        features: Weights of the features at first: "random", or those of "hart": V1 of the shipped
            weights, whose `stack` is then needed, on glimpses that are normalised as there. The
            paper lent it HART's on KITTI.
        frozen: Whether the weights of the features are kept as they are.
        metric: Length of the features that the loss compares.
    """

    FIXED: ClassVar[Mapping[str, float]] = {"context": 1.5}

    units: Annotated[int, Suppress] = 32
    stack: Annotated[ConvStackConfig, Suppress] = field(
        default_factory=lambda: ConvStackConfig(
            widths=(128, 64), kernels=(5, 3), strides=(1, 1), pools=(True, True), norm="none"
        )
    )
    features: Literal["random", "hart"] = "random"
    frozen: bool = True
    metric: Annotated[int, Suppress] = 256

    def __post_init__(self) -> None:
        check_choice("features", self.features, ("random", "hart"))
        check_sizes(self, "units", "metric")
