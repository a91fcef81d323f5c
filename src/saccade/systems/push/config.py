"""Settings of the push system: what is recorded, which networks learn from it, and for how long.

The defaults are the preset `cpu`; see `presets`. Settings that only presets and the rows of tables
change are hidden from the command line's help (`Suppress`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from tyro.conf import Suppress

from saccade.attention.edge_mask import EdgeMaskConfig
from saccade.checks import (
    MOST_BATCH,
    MOST_EPISODES,
    MOST_STEPS,
    check_chances,
    check_choice,
    check_counts,
    check_least,
    check_most,
    check_positive,
    check_shares,
    check_sizes,
)
from saccade.data.push_episodes import MOST as MOST_OF_EPISODE
from saccade.errors import UserInputError
from saccade.networks.densenet import DenseNetConfig
from saccade.networks.hourglass import HourglassConfig
from saccade.systems.push.glimpse_q import GlimpseQConfig
from saccade.systems.push.network_sizes import CPU_DENSENET, CPU_MASK, CPU_REWARD
from saccade.training.precision import Precision
from saccade.worlds.push_box import SceneConfig, WorldConfig
from saccade.worlds.push_box.rewards import reward_named
from saccade.worlds.scenarios import MAX_OBJECTS

Network = Literal["glimpse", "hourglass", "hourglass-pos", "densenet", "densenet-rotate"]
MaskKind = Literal["learned", "edge", "none"]
NETWORKS: tuple[Network, ...] = (
    "glimpse",
    "hourglass",
    "hourglass-pos",
    "densenet",
    "densenet-rotate",
)
MOST_PUSHES = 16 * 224 * 224
"""Largest number of pushes: there are no more to look at."""
MOST_UPSCALE = 8
"""Largest enlargement of a map: 1792 pixels a side."""
WIDEST_KERNEL = 56.0
"""Widest spread of a push's target over its neighbours [pixels]: it reaches a whole map's half."""
MASKS: tuple[MaskKind, ...] = ("learned", "edge", "none")

NEAR_EDGE = EdgeMaskConfig(offset=0.020, clearance=0.017)
"""Edge mask that ours and the baselines look through: 4 mm nearer than the report's. Fingers of
20 mm need no more room, and what is not travelled through air carries the object."""


@dataclass(frozen=True)
class MaskConfig:
    """PushMask: attention that is learned first from the edge heuristics, then from real pushes.

    Attributes:
        kind: Mask that the policy looks through: "learned" (PushMask), "edge" (the report's
            Algorithm 1) or "none".
        train: Train a PushMask even where the policy does not look through it.
        soft: Multiply Q by the probability (the paper's text) instead of by 0 or 1.
        network: Hourglass of PushMask.
        edge: Edge mask that is looked through.
        heuristic: Edge mask that PushMask learns first and that guides the first recording: the
            report's.
        weights: Folder to take a trained PushMask from instead of training one; "shipped" for the
            one that comes with the package.
        heuristic_steps: Gradient steps on heuristic masks.
        refine_steps: Gradient steps on executed pushes (Eq. 2).
        batch: Samples of a gradient step.
        learning_rate: Peak learning rate of Adam.
        changed_pixels: Changed pixels above which a push is valid: tau_mask of Eq. 2.
        kernel_sigma: Spread of a push's label over neighbouring starts [pixels]; 0 for none.
        threshold: Probability above which a push is valid; 0 chooses it by F-score.
        test_pushes: Held-out pushes that the threshold is chosen on: half uniform, half towards
            objects.
    """

    kind: MaskKind = "edge"
    train: bool = True
    soft: bool = False
    network: Annotated[HourglassConfig, Suppress] = CPU_MASK
    edge: Annotated[EdgeMaskConfig, Suppress] = NEAR_EDGE
    heuristic: Annotated[EdgeMaskConfig, Suppress] = field(default_factory=EdgeMaskConfig)
    weights: str = ""
    heuristic_steps: int = 300
    refine_steps: int = 1200
    batch: int = 16
    learning_rate: float = 1e-3
    changed_pixels: Annotated[int, Suppress] = 450
    kernel_sigma: Annotated[float, Suppress] = 2.0
    threshold: float = 0.0
    test_pushes: Annotated[int, Suppress] = 10_240

    def __post_init__(self) -> None:
        check_choice("mask kind", self.kind, MASKS)
        _check_steps(self, ("heuristic_steps", "refine_steps"), "mask.")
        check_sizes(self, "batch", prefix="mask.", most=MOST_BATCH)
        check_sizes(self, "test_pushes", prefix="mask.", most=MOST_EPISODES)
        check_positive(self, "learning_rate", prefix="mask.")
        check_least(self, {"changed_pixels": 0}, prefix="mask.")
        _check_kernel(self, "mask.")
        check_shares(self, "threshold", prefix="mask.")


@dataclass(frozen=True)
class DataConfig:
    """The recording before learning.

    Attributes:
        episodes: Scenarios, one an episode.
        min_objects: Fewest objects of a scenario.
        max_objects: Most objects of a scenario.
        pushes: Most pushes of an episode.
        uniform: Share of uniformly random pushes.
        near: Share of pushes towards random object pixels.
        reuse: Folders of datasets to use instead of recording.
    """

    episodes: int = 2000
    min_objects: int = 1
    max_objects: int = 10
    pushes: int = 20
    uniform: float = 0.1
    near: float = 0.2
    reuse: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_least(self, {"episodes": 0}, prefix="data.")
        check_most(self, {"episodes": MOST_EPISODES}, prefix="data.")
        check_sizes(self, "min_objects", "max_objects", prefix="data.", most=MAX_OBJECTS)
        check_sizes(self, "pushes", prefix="data.", most=MOST_OF_EPISODE["t"])
        if self.min_objects > self.max_objects:
            raise UserInputError(
                f"data.min_objects is {self.min_objects}; expected at most data.max_objects, "
                f"which is {self.max_objects}"
            )
        check_shares(self, "uniform", "near", prefix="data.")


@dataclass(frozen=True)
class FitConfig:
    """Gradient descent on recorded pushes.

    Attributes:
        steps: Gradient steps.
        batch: Samples of a gradient step.
        learning_rate: Peak learning rate: it warms up, then falls as a cosine.
        weight_decay: Decoupled decay of the weights (AdamW).
        kernel_sigma: Spread of a target over neighbouring starts [pixels] (kernel loss); 0: none.
        oversample: Share of each batch in which an object left the table; 0 keeps the data's.
        checkpoint_every: Steps between checkpoints.
    """

    steps: int = 1200
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    kernel_sigma: float = 0.0
    oversample: float = 0.0
    checkpoint_every: int = 200

    def __post_init__(self) -> None:
        _check_steps(self, ("steps",), "offline.")
        check_sizes(self, "batch", prefix="offline.", most=MOST_BATCH)
        check_sizes(self, "checkpoint_every", prefix="offline.", most=MOST_STEPS)
        check_positive(self, "learning_rate", prefix="offline.")
        check_least(self, {"weight_decay": 0}, prefix="offline.")
        _check_kernel(self, "offline.")
        check_shares(self, "oversample", prefix="offline.")


@dataclass(frozen=True)
class OnlineConfig:
    """Rounds of acting with the policy and learning from what happened.

    Attributes:
        rounds: Rounds of acting and learning.
        episodes: Scenarios of a round.
        single: Share of scenarios with a single object; the others have a random number.
        cylinders: Share of those with a single object in which it is a cylinder.
        pushes: Most pushes of an episode.
        epsilon: Share of pushes drawn from the best actions after the first.
        steps: Gradient steps of a round.
        batch: Samples of a gradient step.
        learning_rate: Peak learning rate of a round.
        replay: Learn from everything recorded so far; otherwise from the round's pushes only.
        weight_decay: Decoupled decay of the weights (AdamW).
        checkpoint_every: Steps between checkpoints.
        target_update: Steps between copies into the target network (gamma > 0).
    """

    FIXED: ClassVar[Mapping[str, Any]] = {"next_best": 99}

    rounds: int = 3
    episodes: int = 600
    single: float = 0.3
    cylinders: float = 0.0
    pushes: int = 30
    epsilon: float = 0.1
    steps: int = 1200
    batch: int = 256
    learning_rate: float = 1e-3
    replay: bool = True
    weight_decay: float = 1e-4
    checkpoint_every: int = 200
    target_update: Annotated[int, Suppress] = 200

    def __post_init__(self) -> None:
        _check_steps(self, ("steps", "rounds"), "online.")
        check_sizes(self, "episodes", prefix="online.", most=MOST_EPISODES)
        check_sizes(self, "pushes", prefix="online.", most=MOST_OF_EPISODE["t"])
        check_sizes(self, "batch", prefix="online.", most=MOST_BATCH)
        check_sizes(self, "checkpoint_every", "target_update", prefix="online.", most=MOST_STEPS)
        check_positive(self, "learning_rate", prefix="online.")
        check_least(self, {"weight_decay": 0}, prefix="online.")
        check_shares(self, "single", "cylinders", "epsilon", prefix="online.")


@dataclass(frozen=True)
class PolicyConfig:
    """Choosing with a trained network.

    Attributes:
        candidates: Glimpses of the first look (GlimpseQ).
        refine: Glimpses of the second look, around the best of the first.
        ground_cost: Cost of losing an object, in pushes (GlimpseQ).
    """

    FIXED: ClassVar[Mapping[str, Any]] = {"memory_radius": 4}

    candidates: int = 160
    refine: int = 64
    ground_cost: float = 12.0

    def __post_init__(self) -> None:
        check_counts(self, "candidates")
        check_least(self, {"refine": 0})
        check_most(self, {"candidates": MOST_PUSHES, "refine": MOST_PUSHES})


@dataclass(frozen=True)
class PushConfig:
    """The push system.

    Attributes:
        network: Value network: "glimpse" (ours), "hourglass" (HGlassN), "hourglass-pos"
            (HGlassN-Pos), "densenet" (16 outputs) or "densenet-rotate" (the input rotated 16
            times).
        gamma: Discount of later rewards; above 0 with a target network and double Q.
        reward: Reward of the papers' networks: "paper" (Eq. 4) or "report" (Eq. 1).
        hourglass: Hourglass of PushReward.
        densenet: Trunk of the DenseNet.
        densenet_upscale: Factor by which the DenseNet's input is enlarged first (2 in Zeng et al.).
        glimpse: Size of GlimpseQ.
        mask: Attention of the policy.
        data: Recording before learning.
        start: Weights or run to start the value network from instead of learning offline; "shipped"
            for the ones that come with the package.
        offline: Learning from the recording.
        online: Learning from acting.
        policy: Choosing with the trained network.
        precision: Precision of convolutions: "auto" computes in bfloat16 where the device does;
            "float32", "bfloat16".
        world: Simulated world.
    """

    network: Network = "glimpse"
    gamma: float = 0.0
    reward: str = "paper"
    hourglass: Annotated[HourglassConfig, Suppress] = CPU_REWARD
    densenet: Annotated[DenseNetConfig, Suppress] = CPU_DENSENET
    densenet_upscale: Annotated[int, Suppress] = 1
    glimpse: Annotated[GlimpseQConfig, Suppress] = field(default_factory=GlimpseQConfig)
    mask: MaskConfig = field(default_factory=MaskConfig)
    data: DataConfig = field(default_factory=DataConfig)
    start: str = ""
    offline: FitConfig = field(default_factory=FitConfig)
    online: OnlineConfig = field(default_factory=OnlineConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    precision: Precision = "auto"
    world: WorldConfig = field(default_factory=lambda: WorldConfig(scene=SceneConfig()))

    def __post_init__(self) -> None:
        check_choice("network", self.network, NETWORKS)
        reward_named(self.reward)
        check_chances(self, "gamma")
        check_sizes(self, "densenet_upscale", most=MOST_UPSCALE)
        if self.gamma and self.network == "glimpse":
            raise UserInputError(
                f"gamma is {self.gamma}; GlimpseQ learns immediate gains, expected 0"
            )


def _check_steps(settings: object, names: tuple[str, ...], prefix: str) -> None:
    """Refuse numbers of steps that are below 0 or without end."""
    check_least(settings, dict.fromkeys(names, 0), prefix=prefix)
    check_most(settings, dict.fromkeys(names, MOST_STEPS), prefix=prefix)


def _check_kernel(settings: object, prefix: str) -> None:
    """Refuse a spread that is below 0 or wider than a map has room for."""
    check_least(settings, {"kernel_sigma": 0}, prefix=prefix)
    check_most(settings, {"kernel_sigma": WIDEST_KERNEL}, prefix=prefix)
