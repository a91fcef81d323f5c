"""One budget a row: how many updates each method makes in so many minutes of one core.

Numbers of updates are fixed, so that a row can be made again; what they cost where the table was
made stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from saccade.checks import check_counts, check_least, check_positive
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.look_and_vote.config import OwnConfig

CROP_SECONDS, AREA_SECONDS, CROP = 0.21, 0.085, 16
"""Processor seconds of an update of the paper's method at the settings of `cpu`, without the part
that grows with the crop's area, and that part for a crop of so many pixels."""
LOOK_SECONDS = {"view": 0.29, "soft": 0.48}
"""Those of an update that sees the whole view."""
BASELINE_SECONDS = {"bc": 0.08, "sac": 0.48, "sac-ae": 0.18, "td3": 0.40, "dac": 1.46}
EPISODE_SECONDS = 1.0
"""Those of an own episode."""
REFERENCE_MINUTES = 20.0
"""Minutes for which look and vote has the numbers of steps below."""


@dataclass(frozen=True)
class Budget:
    """What every trained row gets, and what every row plays.

    Attributes:
        minutes: Minutes of one core that the numbers of updates stand for.
        seeds: Trainings of every row, with a seed each.
        demonstrations: Demonstrations, the same for all rows of a task.
        episodes: Placements that each row is measured on in the end; no training sees them.
        points: Moments of a training at which it is measured besides the end.
        point_episodes: Placements that it is measured on there.
    """

    minutes: float = 20.0
    seeds: int = 1
    demonstrations: int = 100
    episodes: int = 50
    points: int = 3
    point_episodes: int = 20

    def __post_init__(self) -> None:
        check_positive(self, "minutes", prefix="budget ")
        check_counts(self, "seeds", "demonstrations", "episodes", "point_episodes")
        check_least(self, {"points": 0})

    def spend(self, config: ArmConfig) -> ArmConfig:
        """Settings of a method that learns from replay, with the updates that it can afford."""
        seconds = update_seconds(config)
        if config.act_every:
            seconds += EPISODE_SECONDS / config.act_every
        updates = max(1, round(60 * self.minutes / seconds))
        if updates > 100:
            updates = 100 * (updates // 100)
        snapshots = min(self.points, updates - 1)
        return replace(
            config, replay=replace(config.replay, updates=updates, snapshots=snapshots)
        )  # fmt: skip

    def spend_on_ours(self, config: ArmConfig) -> ArmConfig:
        """Settings of look-and-vote: a first half from demonstrations, then rounds of its own."""
        share = self.minutes / REFERENCE_MINUTES
        rounds = max(1, self.points)

        def part(whole: int) -> int:
            return max(1, round(whole * share))

        return replace(
            config,
            look=replace(config.look, steps=part(2_400)),
            vote=replace(config.vote, steps=part(6_000)),
            own=OwnConfig(
                rounds=rounds,
                episodes=part(150 // rounds),
                look_steps=part(600 // rounds),
                vote_steps=part(1_500 // rounds),
            ),
        )


def update_seconds(config: ArmConfig) -> float:
    """Processor seconds of an update of a method that learns from replay, about."""
    if config.method in BASELINE_SECONDS:
        return BASELINE_SECONDS[config.method]
    if config.pose.look != "crop":
        return LOOK_SECONDS[config.pose.look]
    return CROP_SECONDS + AREA_SECONDS * (config.rows.crop / CROP) ** 2
