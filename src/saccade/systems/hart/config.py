"""Settings of the tracker: which model, which losses, how it is trained; see also `presets`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from saccade.attention.gaussian_glimpse import GaussianGlimpseConfig
from saccade.checks import check_choice, check_counts
from saccade.data.tracking.synthetic.config import SyntheticConfig
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


@dataclass(frozen=True)
class LossConfig:
    """Section 4 of the paper.

    Attributes:
        tracking: Multiplies the tracking loss (Eq. 10).
        log_iou: Multiplies -log IoU in it, which the paper has alone. Its gradient is greatest
            for the objects that are all but lost, and none without overlap.
        giou: Multiplies 1 - GIoU in it.
        l1: Multiplies the distance of the boxes' edges over the object's size in it.
        spatial: Multiplies the loss on the window (Eq. 11).
        area: Multiplies its second half, which keeps windows small.
        centre: Adds this times the distance of the centres over the object's size: the coverage
            has no gradient once the object is outside the window.
        appearance: Multiplies the loss on the location map (Eq. 12).
        mask_target: "binary", as the text has it, or "soft": how much of a cell is the object.
        confidence: Multiplies the loss on the confidence.
        weight_decay: beta of Eq. 9, on weights and on dynamic filters.
        adaptive: Weights of the terms: "learnt" (the sign that works), "text" (its sign, with
            which all weights vanish) or "none".
        clip: Smallest value of which a logarithm is taken.
    """

    tracking: float = 1.0
    log_iou: float = 0.0
    giou: float = 2.0
    l1: float = 1.0
    spatial: float = 1.0
    area: float = 1.0
    centre: float = 0.0
    appearance: float = 1.0
    mask_target: Literal["binary", "soft"] = "binary"
    confidence: float = 1.0
    weight_decay: float = 1e-4
    adaptive: Literal["learnt", "text", "none"] = "learnt"
    clip: float = 1e-3

    def __post_init__(self) -> None:
        check_choice("mask_target", self.mask_target, ("binary", "soft"))
        check_choice("adaptive", self.adaptive, ("learnt", "text", "none"))
        if not 0 < self.clip < 1:
            raise UserInputError(f"clip is {self.clip}; expected above 0 and below 1")


@dataclass(frozen=True)
class FitConfig:
    """Gradient descent on sequences.

    Attributes:
        optimiser: "rmsprop" (with `momentum`) or "adam".
        steps: Gradient steps.
        batch: Sequences a step.
        learning_rate: At first, after the warm-up.
        learning_rate_end: In the end; it falls as a cosine.
        warm_up: Share of the steps in which it rises.
        momentum: RMSProp's.
        gradient_rms: Root mean square to which a larger gradient is shortened.
        length: Frames of a sequence at first.
        length_end: Frames in the end.
        stage_epochs: Least epochs before sequences grow by a frame; an epoch is as many sequences
            as a pool has clips.
        stage_iou: And the IoU in training that they wait for, of sequences that are not forced.
        forced_steps: Steps in which windows are put on the object, with `jitter`, in part of the
            sequences that falls.
        forced_least: But not below this share. What is put near an object teaches to find it.
        jitter: Spread of their centres and log sizes, in sizes of the object.
        far_share: Share of forced windows whose centres are thrown three times as far: an object
            that is always amid its window need not be told from the rest.
        gap_share: Share of generated sequences with a gap of any length after the first frame:
            what is given in it must be known again long after. Their second window is forced.
        checkpoint_every: Steps between checkpoints.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"far": "far_share", "lapse": "gap_share"}

    optimiser: Literal["rmsprop", "adam"] = "adam"
    steps: int = 10_000
    batch: int = 32
    learning_rate: float = 1e-3
    learning_rate_end: float = 3e-5
    warm_up: float = 0.02
    momentum: float = 0.9
    gradient_rms: float = 0.002
    length: int = 5
    length_end: int = 12
    stage_epochs: int = 20
    stage_iou: float = 0.5
    forced_steps: int = 1000
    forced_least: float = 0.5
    jitter: float = 0.2
    far_share: float = 0.2
    gap_share: float = 0.0
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        check_choice("optimiser", self.optimiser, ("rmsprop", "adam"))
        check_counts(self, "steps", "batch", "stage_epochs", "checkpoint_every")
        for name in ("learning_rate", "learning_rate_end", "gradient_rms"):
            if not getattr(self, name) > 0:
                raise UserInputError(f"{name} is {getattr(self, name)}; expected above 0")
        if self.jitter < 0 or self.forced_steps < 0:
            raise UserInputError(
                f"jitter is {self.jitter} and forced_steps {self.forced_steps}; expected 0 or more"
            )
        for name in ("warm_up", "forced_least", "far_share", "gap_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserInputError(f"{name} is {getattr(self, name)}; expected 0 to 1")
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
        steps: Gradient steps; 0: there is no second stage, and the first one leaves nothing out.
        learning_rate: At first, after the warm-up; it falls to `fit.learning_rate_end`.
        gap_share: As `fit.gap_share`, which is that of the first stage.
    """

    RENAMED: ClassVar[Mapping[str, str]] = {"lapse": "gap_share"}

    steps: int = 3_000
    learning_rate: float = 4e-4
    gap_share: float = 0.5

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise UserInputError(f"finetune.steps is {self.steps}; expected 0 or more")
        if not self.learning_rate > 0:
            raise UserInputError(
                f"finetune.learning_rate is {self.learning_rate}; expected above 0"
            )
        if not 0 <= self.gap_share <= 1:
            raise UserInputError(f"finetune.gap_share is {self.gap_share}; expected 0 to 1")


@dataclass(frozen=True)
class DataConfig:
    """The clips that are learnt from.

    Attributes:
        source: "synthetic" generates them; "kitti" and "kth" read them by the published protocols.
        folder: Of the KITTI tracking set or the KTH actions, as it was published.
        test_subject: Of KTH, left out for the test; the last one if not given.
        objects: Objects of a generated clip that are learnt to be followed: the target first, then
            as many of the distractors as there are.
        height: Of the frames [pixels].
        width: Of the frames [pixels].
        clips: Clips a pool.
        frames: Of a generated clip; at least as many as the longest sequences have.
        pool_steps: Gradient steps after which another pool takes its place.
        synthetic: What they show; their size and length come from here: `HartConfig.scene`.
    """

    source: DataSource = "synthetic"
    folder: str = ""
    test_subject: str = ""
    objects: int = 1
    height: int = 120
    width: int = 160
    clips: int = 500
    frames: int = 60
    pool_steps: int = 1000
    synthetic: SyntheticConfig = field(default_factory=SyntheticConfig)

    def __post_init__(self) -> None:
        check_choice("source", self.source, SOURCES)
        most = self.synthetic.objects if self.source == "synthetic" else 1
        if not 1 <= self.objects <= most:
            raise UserInputError(
                f"{self.objects} objects a clip of source {self.source}; expected 1 to {most}"
            )
        check_counts(self, "height", "width", "frames")
        if min(self.clips, self.pool_steps) < 1:
            raise UserInputError(
                f"pools of {self.clips} clips for {self.pool_steps} steps; expected both above 0"
            )


@dataclass(frozen=True)
class HartConfig:
    """The tracker.

    Attributes:
        variant: "hart"; "app-att" without a loss on appearance attention; "spatial-att" without
            appearance attention and without a loss on the window; "ratm" (Kahou et al.).
        glimpse: The window that is looked through.
        appearance: What is seen in it.
        memory: What is remembered.
        motion: How the window moves.
        search: When an object that was lost is looked for.
        relations: What the objects of one video tell each other.
        ratm: Settings of the variant "ratm".
        loss: What is minimised.
        fit: How.
        finetune: How the second stage is trained.
        data: The frames.
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

    @property
    def first_stage(self) -> HartConfig:
        """The settings of the first stage's network; see `FinetuneConfig`."""
        if not self.finetune.steps:
            return self
        return replace(
            self,
            appearance=replace(self.appearance, recent_from=1.0),
            memory=replace(self.memory, moved=False),
        )

    @property
    def finetune_fit(self) -> FitConfig:
        """How the second stage descends."""
        finetune = self.finetune
        return replace(
            self.fit,
            steps=finetune.steps,
            learning_rate=finetune.learning_rate,
            gap_share=finetune.gap_share,
        )

    @property
    def scene(self) -> SyntheticConfig:
        """What generated clips show, with their size and length."""
        data, frames = self.data, max(self.data.frames, self.fit.length_end)
        return replace(data.synthetic, height=data.height, width=data.width, frames=frames)

    @property
    def uses_mask(self) -> bool:
        """Whether a location map picks the object out of its glimpse."""
        return self.variant in ("hart", "app-att")

    @property
    def in_channels(self) -> int:
        """Colours of the frames that this variant's network takes: 3, or 1 for grey."""
        return (self.ratm.stack if self.variant == "ratm" else self.appearance).in_channels

    @property
    def spatial_weight(self) -> float:
        """Of the loss on the window in this variant."""
        return self.loss.spatial if self.variant in ("hart", "app-att") else 0.0

    @property
    def through_time(self) -> bool:
        """Whether gradients pass from window to window; they must where no loss teaches windows."""
        return self.motion.through_time or self.spatial_weight == 0

    @property
    def appearance_weight(self) -> float:
        """Of the loss on the location map in this variant."""
        return self.loss.appearance if self.variant == "hart" else 0.0
