"""Settings of the baselines. The defaults are sized for a CPU; `PAPER_BASELINE` has the paper's."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from saccade.checks import (
    check_chances,
    check_choice,
    check_counts,
    check_least,
    check_positive,
    check_sizes,
)
from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.training.precision import Precision

Method = Literal["bc", "sac", "sac-ae", "td3", "dac"]
METHODS: tuple[Method, ...] = ("bc", "sac", "sac-ae", "td3", "dac")
HALVINGS = 3
"""Convolutions of stride 2 of actor and critic."""


@dataclass(frozen=True)
class BaselineSettings:
    """The baselines' networks, and how they learn.

    Attributes:
        stem: Maps of the first convolution of colours, and of that of points.
        actor: Maps of the actor's convolutions.
        critic: Maps of the critics' residual blocks, and of the discriminator's.
        units: Units of the two dense layers.
        latent: Numbers that "sac-ae" compresses a view to.
        reconstruction: Weight of the reconstruction error of "sac-ae".
        gamma: Discount.
        alpha: Weight of the entropy.
        highest: Largest possible return.
        clip_targets: Clamp targets to what a return can be; not that of "dac", whose rewards are
            learned.
        log_std: Least and largest logarithm of the actor's standard deviation.
        noise: Standard deviation of the exploration of "td3" and "dac", in codes.
        target_noise: Standard deviation and largest size of the noise on target actions of both.
        delay: Updates of their critics to one of their actor.
        penalty: Weight of the discriminator's gradient penalty.
        learning_rate: Learning rate of Adam.
        largest_gradient: Value at which each gradient is clipped.
        tau: Share of the networks that their targets take on at each update.
    """

    stem: int = 16
    actor: int = 32
    critic: int = 48
    units: int = 64
    latent: int = 50
    reconstruction: float = 1.0
    gamma: float = 0.99
    alpha: float = 0.05
    highest: float = 100.0
    clip_targets: bool = True
    log_std: tuple[float, float] = (-5.0, 1.0)
    noise: float = 0.1
    target_noise: tuple[float, float] = (0.2, 0.5)
    delay: int = 2
    penalty: float = 10.0
    learning_rate: float = 1e-3
    largest_gradient: float = 5.0
    tau: float = 0.005

    def __post_init__(self) -> None:
        check_sizes(self, "stem", "actor", "critic", "units", "latent", prefix="baseline ")
        check_counts(self, "delay")
        check_chances(self, "gamma")
        check_positive(self, "highest", "learning_rate", "largest_gradient", "tau")
        least = ("reconstruction", "alpha", "noise", "penalty")
        check_least(self, dict.fromkeys(least, 0))


@dataclass(frozen=True)
class BaselineConfig(BaselineSettings):
    """One of the baselines, its networks, and the rows that it learns from.

    Attributes:
        method: "bc" (behaviour cloning), "sac" (Haarnoja et al. 2018), "sac-ae" (Yarats et al.
            2019), "td3" (Fujimoto et al. 2018) or "dac" (Kostrikov et al. 2019).
        rows: Rows of demonstrations and episodes, and the size of the view.
        batch: Rows of an update.
        precision: Precision of convolutions: "auto", "float32" or "bfloat16".
    """

    method: Method = "bc"
    rows: RowConfig = field(default_factory=RowConfig)
    batch: int = 32
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("method", self.method, METHODS)
        check_counts(self, "batch")
        if self.rows.view % 2**HALVINGS:
            raise UserInputError(
                f"view is {self.rows.view} pixels; expected a multiple of {2**HALVINGS} for the "
                f"baselines' {HALVINGS} halvings"
            )

    @property
    def settings(self) -> BaselineSettings:
        """Settings of the networks and of how they learn, without those of this baseline alone."""
        return BaselineSettings(**{f.name: getattr(self, f.name) for f in fields(BaselineSettings)})

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Least and largest return that targets are clamped to."""
        return (-1.0, self.highest) if self.clip_targets and self.method != "dac" else None


PAPER_BASELINE = BaselineConfig(
    rows=RowConfig(view=128, jitter=0.0),
    stem=32,
    actor=64,
    critic=128,
    clip_targets=False,
    log_std=(-40.0, 4.0),
    learning_rate=3e-3,
    tau=5e-4,
    batch=128,
)
"""The networks and figures of the paper's text (its tau is printed as 5^-4)."""
