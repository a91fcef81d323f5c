"""Settings of the agent."""

from __future__ import annotations

from dataclasses import dataclass

from saccade.checks import check_chances, check_counts, check_positive, check_sizes
from saccade.errors import UserInputError


@dataclass(frozen=True)
class AgentConfig:
    """A soft actor-critic (Haarnoja et al. 2018) on states, and how long it learns.

    Attributes:
        steps: Decisions in all.
        held: Steps of the world that an action is held for.
        random_steps: Decisions at first, of `steps`, that are random and nothing is learned from.
        updates: Updates a decision after that.
        batch: Transitions of an update.
        units: Units of each of the two hidden layers.
        discount: Discount of the return.
        learning_rate: Learning rate of Adam, for actor, critics and the weight of the entropy.
        tau: Share of the critics that their targets take on at each update.
        first_alpha: Weight of the entropy at first; it is learned.
        test_every: Decisions from one test to the next.
        test_episodes: Held-out starts of a test.
    """

    steps: int = 20_000
    held: int = 2
    random_steps: int = 1_000
    updates: int = 1
    batch: int = 128
    units: int = 64
    discount: float = 0.97
    learning_rate: float = 1e-3
    tau: float = 0.01
    first_alpha: float = 0.1
    test_every: int = 2_000
    test_episodes: int = 50

    def __post_init__(self) -> None:
        check_counts(
            self, "steps", "held", "random_steps", "updates", "batch", "test_every", "test_episodes"
        )
        check_sizes(self, "units")
        check_chances(self, "discount")
        check_positive(self, "learning_rate", "tau", "first_alpha")
        if self.random_steps > self.steps:
            raise UserInputError(
                f"random_steps is {self.random_steps}; expected at most steps, {self.steps}"
            )
