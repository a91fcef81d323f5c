"""Settings of the networks and of the losses.

Settings that only presets change are `Suppress`ed: they are no options of the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from tyro.conf import Suppress

from saccade.attention.compatibility import NORMALISATIONS, Normalisation
from saccade.checks import (
    check_chances,
    check_choice,
    check_counts,
    check_least,
    check_most,
    check_positive,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.networks.blocks import Norm
from saccade.networks.light_trunk import LightTrunkConfig

Method = Literal["smak", "tcn", "tcc"]
METHODS: tuple[Method, ...] = ("smak", "tcn", "tcc")
TrunkKind = Literal["light", "inception", "resnet"]
TRUNKS: tuple[TrunkKind, ...] = ("light", "inception", "resnet")
LossKind = Literal["own", "n-pairs", "cosine", "triplet", "lifted", "tcc"]
LOSSES: tuple[LossKind, ...] = ("own", "n-pairs", "cosine", "triplet", "lifted", "tcc")
LEVELS = (1, 2, 3)
"""Numbers of the levels, as in Att13 for (1, 3)."""
MOST_FRAMES = 16
"""Most frames that are embedded together."""
MOST_DEPTH = 8
"""Most convolutions up to the next level."""


@dataclass(frozen=True)
class TrunkConfig:
    """Network of the first feature map.

    Attributes:
        kind: "light" for two cores, "inception" (the paper's, to Mixed_5d) or "resnet" (its
            ablation, ResNet-50 V2 to block4).
        light: Settings of "light".
        imagenet: Whether "inception" and "resnet" fetch their ImageNet weights. Without internet
            they start at random, and the run says so.
        frozen: Whether the trunk keeps its weights.
        dropout: Share of the trunk's features that training drops; the paper keeps 0.8 of them.
    """

    kind: TrunkKind = "light"
    light: Annotated[LightTrunkConfig, Suppress] = field(default_factory=LightTrunkConfig)
    imagenet: bool = True
    frozen: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_choice("trunk kind", self.kind, TRUNKS)
        check_chances(self, "dropout")


@dataclass(frozen=True)
class SmakHeadConfig:
    """The pipeline of Fig. 2a and its attention; the defaults are the paper's 1,082k parameters.

    A level is a few convolutions; the first of them has the level's stride.

    Attributes:
        levels: Numbers of the levels that are attended to: 1 2 3 is the paper's Att123.
        normalisation: Normalisation of the compatibility scores: "sigmoid", "softmax" (its
            ablation), or "none" for plain means without attention.
        extended: Whether one more convolution comes before L1, L2, L3 and g (Table I).
        widths: Feature maps of L1, L2, L3 and g.
        depths: Number of convolutions of L1, L2, L3 and g.
        kernels: Sides of their filters [cells]: odd.
        strides: Strides of L1, L2, L3 and g.
    """

    levels: tuple[int, ...] = LEVELS
    normalisation: Normalisation = "sigmoid"
    extended: bool = False
    widths: Annotated[tuple[int, int, int, int], Suppress] = (96, 128, 160, 64)
    depths: Annotated[tuple[int, int, int, int], Suppress] = (1, 2, 2, 2)
    kernels: Annotated[tuple[int, int, int, int], Suppress] = (3, 3, 3, 3)
    strides: Annotated[tuple[int, int, int, int], Suppress] = (1, 2, 2, 2)

    def __post_init__(self) -> None:
        if not self.levels or tuple(sorted(set(self.levels) & set(LEVELS))) != self.levels:
            raise UserInputError(
                f"levels are {self.levels}; expected some of 1, 2 and 3, in this order"
            )
        check_choice("normalisation", self.normalisation, NORMALISATIONS)
        check_sizes(self, "widths")
        check_sizes(self, "depths", most=MOST_DEPTH)
        check_sizes(self, "kernels", "strides", most=7)
        if any(kernel % 2 != 1 for kernel in self.kernels):
            raise UserInputError(f"kernels are {self.kernels}; expected odd numbers")


RESNET_HEAD = SmakHeadConfig(
    widths=(256, 128, 128, 64), depths=(1, 1, 1, 1), kernels=(1, 3, 3, 3), strides=(1, 1, 1, 1)
)
"""The pipeline of Fig. 4, for the 10 x 10 cells of a ResNet: 1,080k parameters."""


@dataclass(frozen=True)
class TcnHeadConfig:
    """TCN's embedder (Sermanet et al. 2018): two convolutions, spatial soft-argmax, two layers.

    Attributes:
        widths: Feature maps of the convolutions; the last ones give a point (x, y) each.
        hidden: Width of the hidden layer.
        dropout: Share of the hidden layer that training drops.
    """

    widths: tuple[int, ...] = (512, 512)
    hidden: int = 2048
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_sizes(self, "widths", "hidden", prefix="tcn ")
        check_chances(self, "dropout")


@dataclass(frozen=True)
class TccHeadConfig:
    """TCC's embedder (Dwibedi et al. 2019): two convolutions, global max-pool, two layers.

    Attributes:
        widths: Feature maps of the convolutions.
        hidden: Widths of the hidden layers.
    """

    widths: tuple[int, ...] = (256, 256)
    hidden: tuple[int, ...] = (512, 512)

    def __post_init__(self) -> None:
        check_sizes(self, "widths", "hidden", prefix="tcc ")


@dataclass(frozen=True)
class ModelConfig:
    """What turns frames into an embedding.

    Attributes:
        method: "smak" (the paper's), or its peers "tcn" and "tcc".
        trunk: Network of the first feature map, the same for all methods.
        smak: Attention, of "smak".
        tcn: Embedder of "tcn".
        tcc: Embedder of "tcc".
        norm: Norm within the embedders: "group", which no other image of a batch changes, or
            "batch" (the papers').
        size: Length of the embedding.
        unit_length: Whether embeddings have length 1. Cosine and triplet losses want it; the
            literal N-pairs loss does not.
        frames: Number of frames that are embedded together, the last of them being the one that
            the embedding is of; more than one lets it tell motions apart.
        frame_step: Number of frames from one of them to the next.
    """

    method: Method = "smak"
    trunk: TrunkConfig = field(default_factory=TrunkConfig)
    smak: SmakHeadConfig = field(default_factory=SmakHeadConfig)
    tcn: Annotated[TcnHeadConfig, Suppress] = field(default_factory=TcnHeadConfig)
    tcc: Annotated[TccHeadConfig, Suppress] = field(default_factory=TccHeadConfig)
    norm: Annotated[Norm, Suppress] = "group"
    size: int = 32
    unit_length: bool = True
    frames: int = 1
    frame_step: int = 3

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        check_choice("norm", self.norm, ("batch", "group"))
        check_sizes(self, "size")
        check_counts(self, "frames", "frame_step")
        check_most(self, {"frames": MOST_FRAMES, "frame_step": 1000})


@dataclass(frozen=True)
class LossConfig:
    """Which loss, and its numbers.

    Attributes:
        kind: Loss: "n-pairs" (the paper's, literally), "cosine" (N-pairs of unit vectors with a
            temperature), "triplet" (semi-hard), "lifted" (lifted structure) or "tcc" (cycle
            consistency); "own" is "tcc" for the method "tcc", else "cosine".
        temperature: Temperature of "cosine".
        symmetric: Whether positives also look for their anchors, in "cosine".
        margin: Margin of "triplet", on squared distances.
        lifted_margin: Margin of "lifted", on distances.
        length_penalty: Weight of the squared lengths of embeddings in "n-pairs".
        tcc_temperature: Temperature of "tcc".
        tcc_variance: Weight of the logarithm of the variance in "tcc".
    """

    kind: LossKind = "own"
    temperature: float = 0.2
    symmetric: bool = True
    margin: float = 0.2
    lifted_margin: float = 1.0
    length_penalty: float = 0.002
    tcc_temperature: Annotated[float, Suppress] = 0.1
    tcc_variance: Annotated[float, Suppress] = 1e-3

    def __post_init__(self) -> None:
        check_choice("loss kind", self.kind, LOSSES)
        check_positive(self, "temperature", "margin", "lifted_margin", "tcc_temperature")
        check_least(self, {"length_penalty": 0, "tcc_variance": 0})

    def of(self, method: Method) -> LossKind:
        """The loss that is meant: `kind`, or where it is "own" the method's own."""
        if self.kind != "own":
            return self.kind
        return "tcc" if method == "tcc" else "cosine"
