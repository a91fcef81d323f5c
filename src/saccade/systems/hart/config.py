"""Settings of the tracker: which model, which losses, how it is trained; see also `presets`.

Settings that only presets change are `Suppress`ed: they are no options of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

from tyro.conf import Suppress

from saccade.attention.gaussian_glimpse import GaussianGlimpseConfig
from saccade.checks import (
    MOST_BATCH,
    MOST_EPISODES,
    MOST_STEPS,
    check_choice,
    check_least,
    check_most,
    check_positive,
    check_shares,
    check_sizes,
)
from saccade.data.tracking.synthetic.config import MOST_FRAMES, MOST_PIXELS, SyntheticConfig
from saccade.errors import UserInputError
from saccade.systems.hart.model_config import (
    AppearanceConfig,
    MemoryConfig,
    MotionConfig,
    RatmConfig,
    RelationConfig,
    SearchConfig,
)

Variant = Literal["hart", "app-att", "spatial-att", "ratm"]
VARIANTS: tuple[Variant, ...] = ("hart", "app-att", "spatial-att", "ratm")
DataSource = Literal["synthetic", "kitti", "kth"]
SOURCES: tuple[DataSource, ...] = ("synthetic", "kitti", "kth")
MOST_POOL_BYTES = 1 << 40
"""Largest size of a pool's frames, which stay on the disk [bytes]."""


@dataclass(frozen=True)
class LossConfig:
    """Weights and kinds of the losses; section 4 of the paper.

    Attributes:
        tracking: Weight of the tracking loss (Eq. 10).
        log_iou: Weight of -log IoU within the tracking loss, which the paper has alone. Its
            gradient is greatest for the objects that are all but lost, and none without overlap.
        giou: Weight of 1 - GIoU within the tracking loss.
        l1: Weight of the distance of the boxes' edges, over the object's size, within the tracking
            loss.
        spatial: Weight of the loss on the window (Eq. 11).
        area: Weight of the second half of the loss on the window, which keeps windows small.
        centre: Weight of the distance of the centres, over the object's size, within the loss on
            the window. The first half of that loss has no gradient once the object is outside.
        appearance: Weight of the loss on the location map (Eq. 12).
        mask_target: Target of the location map: "binary", as the text has it, or "soft", the share
            of a cell that is the object.
        confidence: Weight of the loss on the confidence.
        weight_decay: Factor beta of Eq. 9, on weights and on dynamic filters.
        adaptive: Rule of the terms' adaptive weights: "learnt" (the sign that works), "text" (the
            sign of the text, with which all weights vanish) or "none".
        clip: Smallest value of which a logarithm is taken.
    """

    tracking: Annotated[float, Suppress] = 1.0
    log_iou: float = 0.0
    giou: float = 2.0
    l1: float = 1.0
    spatial: float = 1.0
    area: Annotated[float, Suppress] = 1.0
    centre: Annotated[float, Suppress] = 0.0
    appearance: float = 1.0
    mask_target: Annotated[Literal["binary", "soft"], Suppress] = "binary"
    confidence: Annotated[float, Suppress] = 1.0
    weight_decay: Annotated[float, Suppress] = 1e-4
    adaptive: Literal["learnt", "text", "none"] = "learnt"
    clip: Annotated[float, Suppress] = 1e-3

    def __post_init__(self) -> None:
        check_choice("mask_target", self.mask_target, ("binary", "soft"))
        check_choice("adaptive", self.adaptive, ("learnt", "text", "none"))
        if not 0 < self.clip < 1:
            raise UserInputError(f"clip is {self.clip}; expected above 0 and below 1")


@dataclass(frozen=True)
class FitConfig:
    """Gradient descent on sequences.

    Attributes:
        optimiser: Optimiser: "rmsprop" (with `momentum`) or "adam".
        steps: Number of gradient steps.
        batch: Number of sequences in a step.
        learning_rate: Learning rate at first, after the warm-up.
        learning_rate_end: Learning rate in the end; it falls as a cosine.
        warm_up: Share of the steps in which the learning rate rises.
        momentum: Momentum of RMSProp.
        gradient_rms: Root mean square to which a larger gradient is shortened.
        length: Frames of a sequence at first.
        length_end: Frames of a sequence in the end.
        stage_epochs: Least number of epochs before sequences grow by a frame; an epoch is as many
            sequences as a pool has clips.
        stage_iou: Least IoU in training before sequences grow by a frame; sequences whose windows
            are forced do not count.
        forced_steps: Number of steps over which the share of sequences with forced windows falls
            from 1. A forced window is put on the object, with `jitter`.
        forced_least: Share of sequences with forced windows that is left. What is put near an
            object teaches to find it.
        jitter: Spread of the centres and log sizes of forced windows, in sizes of the object.
        far_share: Share of forced windows whose centres are thrown three times as far: an object
            that is always amid its window need not be told from the rest.
        gap_share: Share of generated sequences with a gap of any length after the first frame:
            what is given in it must be known again long after. Their second window is forced.
        checkpoint_every: Number of steps between checkpoints.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"far": "far_share", "lapse": "gap_share"}

    optimiser: Annotated[Literal["rmsprop", "adam"], Suppress] = "adam"
    steps: int = 10_000
    batch: int = 32
    learning_rate: float = 1e-3
    learning_rate_end: Annotated[float, Suppress] = 3e-5
    warm_up: Annotated[float, Suppress] = 0.02
    momentum: Annotated[float, Suppress] = 0.9
    gradient_rms: Annotated[float, Suppress] = 0.002
    length: int = 5
    length_end: int = 12
    stage_epochs: Annotated[int, Suppress] = 20
    stage_iou: Annotated[float, Suppress] = 0.5
    forced_steps: int = 1000
    forced_least: float = 0.5
    jitter: Annotated[float, Suppress] = 0.2
    far_share: Annotated[float, Suppress] = 0.2
    gap_share: Annotated[float, Suppress] = 0.0
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        check_choice("optimiser", self.optimiser, ("rmsprop", "adam"))
        names = ("steps", "stage_epochs", "checkpoint_every")
        check_sizes(self, *names, prefix="fit.", most=MOST_STEPS)
        check_sizes(self, "batch", prefix="fit.", most=MOST_BATCH)
        check_positive(self, "learning_rate", "learning_rate_end", "gradient_rms")
        check_least(self, {"jitter": 0, "forced_steps": 0}, prefix="fit.")
        check_most(self, {"forced_steps": MOST_STEPS, "length_end": MOST_FRAMES}, prefix="fit.")
        check_shares(self, "warm_up", "forced_least", "far_share", "gap_share")
        if not 2 <= self.length <= self.length_end:
            raise UserInputError(
                f"sequences of {self.length} to {self.length_end} frames; expected 2 or more, "
                "not falling"
            )


@dataclass(frozen=True)
class FinetuneConfig:
    """The second stage: to know an object again after long, by what it looks like by now.

    It goes on from the first one's weights, with a network that may look at more: the first stage
    leaves out `appearance.recent_from` and `memory.moved`, which help only who can track already.

    Attributes:
        steps: Number of gradient steps; 0: there is no second stage, and the first one leaves
            nothing out.
        learning_rate: Learning rate at first, after the warm-up; it falls to
            `fit.learning_rate_end`.
        gap_share: Share of sequences with a gap after the first frame, as `fit.gap_share` is for
            the first stage.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"lapse": "gap_share"}

    steps: int = 3_000
    learning_rate: float = 4e-4
    gap_share: float = 0.5

    def __post_init__(self) -> None:
        check_least(self, {"steps": 0}, prefix="finetune.")
        check_most(self, {"steps": MOST_STEPS}, prefix="finetune.")
        check_positive(self, "learning_rate", prefix="finetune.")
        check_shares(self, "gap_share", prefix="finetune.")


@dataclass(frozen=True)
class DataConfig:
    """The clips that are learnt from.

    Attributes:
        source: Source of the clips: "synthetic" generates them; "kitti" and "kth" read them by the
            published protocols.
        folder: Folder of the KITTI tracking set or of the KTH actions, as it was published.
        test_subject: Subject of KTH that is left out for the test; the last one if not given.
        objects: Number of objects of a generated clip that are learnt to be followed: the target
            first, then as many of the distractors as there are.
        height: Height of the frames [pixels].
        width: Width of the frames [pixels].
        clips: Number of clips in a pool.
        frames: Number of frames of a generated clip; at least as many as the longest sequences
            have.
        pool_steps: Number of gradient steps after which another pool takes its place.
        synthetic: Settings of generated clips, but for their size and length.
    """

    source: DataSource = "synthetic"
    folder: str = ""
    test_subject: str = ""
    objects: int = 1
    height: int = 120
    width: int = 160
    clips: int = 500
    frames: int = 60
    pool_steps: Annotated[int, Suppress] = 1000
    synthetic: SyntheticConfig = field(default_factory=SyntheticConfig)

    def __post_init__(self) -> None:
        check_choice("source", self.source, SOURCES)
        most = self.synthetic.objects if self.source == "synthetic" else 1
        if not 1 <= self.objects <= most:
            raise UserInputError(
                f"{self.objects} objects a clip of source {self.source}; expected 1 to {most}"
            )
        check_sizes(self, "height", "width", prefix="data.", most=MOST_PIXELS)
        check_sizes(self, "frames", prefix="data.", most=MOST_FRAMES)
        check_sizes(self, "clips", prefix="data.", most=MOST_EPISODES)
        check_sizes(self, "pool_steps", prefix="data.", most=MOST_STEPS)


@dataclass(frozen=True)
class HartConfig:
    """The tracker.

    Attributes:
        variant: Network and losses that the paper compares: "hart"; "app-att" without a loss on
            appearance attention; "spatial-att" without appearance attention and without a loss on
            the window; "ratm" (Kahou et al.).
        glimpse: Window that is looked through.
        appearance: Appearance attention: what is seen in the window.
        memory: Recurrent network: what is remembered.
        motion: Motion of the window, and the box that is read off it.
        search: Search for an object that was lost.
        relations: Attention between the objects of one video.
        ratm: Settings of the variant "ratm".
        loss: Losses that are minimised.
        fit: Training of the first stage.
        finetune: Training of the second stage.
        data: Clips that are learnt from.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"arm": "variant", "second": "finetune"}

    variant: Variant = "hart"
    glimpse: GaussianGlimpseConfig = field(
        default_factory=lambda: GaussianGlimpseConfig(height=32, width=32)
    )
    appearance: AppearanceConfig = field(default_factory=AppearanceConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    relations: RelationConfig = field(default_factory=RelationConfig)
    ratm: RatmConfig = field(default_factory=RatmConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    finetune: FinetuneConfig = field(default_factory=FinetuneConfig)
    data: DataConfig = field(default_factory=DataConfig)

    def __post_init__(self) -> None:
        check_choice("variant", self.variant, VARIANTS)
        if self.variant == "ratm" and self.relations.heads:
            raise UserInputError(
                f"relations of {self.relations.heads} heads in the variant ratm; expected 0, or "
                f"one of the variants {', '.join(one for one in VARIANTS if one != 'ratm')}"
            )
        scene, clips = self.scene, self.data.clips
        if clips * scene.frames * scene.height * scene.width * 3 > MOST_POOL_BYTES:
            raise UserInputError(
                f"a pool of {clips:,} clips of {scene.frames:,} frames of {scene.width} x "
                f"{scene.height} pixels; expected at most {MOST_POOL_BYTES:,} bytes"
            )

    @property
    def first_stage(self) -> HartConfig:
        """Settings of the first stage's network; see `FinetuneConfig`."""
        if not self.finetune.steps:
            return self
        return replace(
            self,
            appearance=replace(self.appearance, recent_from=1.0),
            memory=replace(self.memory, moved=False),
        )

    @property
    def finetune_fit(self) -> FitConfig:
        """Gradient descent of the second stage."""
        finetune = self.finetune
        return replace(
            self.fit,
            steps=finetune.steps,
            learning_rate=finetune.learning_rate,
            gap_share=finetune.gap_share,
        )

    @property
    def scene(self) -> SyntheticConfig:
        """Settings of generated clips, with their size and length."""
        data, frames = self.data, max(self.data.frames, self.fit.length_end)
        return replace(data.synthetic, height=data.height, width=data.width, frames=frames)

    @property
    def uses_mask(self) -> bool:
        """Whether a location map picks the object out of its glimpse."""
        return self.variant in ("hart", "app-att")

    @property
    def in_channels(self) -> int:
        """Number of colours of the frames that the network takes: 3, or 1 for grey."""
        return (self.ratm.stack if self.variant == "ratm" else self.appearance).in_channels

    @property
    def spatial_weight(self) -> float:
        """Weight of the loss on the window in this variant."""
        return self.loss.spatial if self.variant in ("hart", "app-att") else 0.0

    @property
    def through_time(self) -> bool:
        """Whether gradients pass from window to window; they must where no loss teaches windows."""
        return self.motion.through_time or self.spatial_weight == 0

    @property
    def appearance_weight(self) -> float:
        """Weight of the loss on the location map in this variant."""
        return self.loss.appearance if self.variant == "hart" else 0.0
