"""One gradient step from replay, the same for the paper's method and for its baselines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.data.replay import Replay
from saccade.systems.arm.off_policy.batch import Batch
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.off_policy.row_batches import rows_to_batch
from saccade.training.guard import check_finite


class Update(NamedTuple):
    """What a gradient step leaves: each row's error, and numbers for the metrics."""

    errors: Float[Tensor, " n"]
    metrics: dict[str, float]


class Learner(Protocol):
    """What learns from batches of rows."""

    @property
    def space(self) -> PoseSpace:
        """Codes of actions."""
        ...

    @property
    def networks(self) -> nn.ModuleDict:
        """Networks that act, whose state is what weights are."""
        ...

    @property
    def config(self) -> Any:
        """Settings, of which `batch` is the number of rows of an update."""
        ...

    @property
    def device(self) -> torch.device:
        """Device that it learns on."""
        ...

    def update(self, batch: Batch) -> Update:
        """One gradient step."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that going on exactly needs."""
        ...

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Take on a state of `state_dict`."""
        ...


def learn(
    learner: Learner, replay: Replay, rng: np.random.Generator, step: int = 0
) -> dict[str, float]:
    """Sample rows, learn from them and set their priorities; returns the metrics.

    Raises:
        TrainingDivergedError: A metric is not finite; the message names `step` and the rows.
    """
    sample = replay.sample(learner.config.batch, rng)
    update = learner.update(rows_to_batch(sample.rows, sample.weights, learner.device))
    for name, value in update.metrics.items():
        check_finite(value, step, f"rows {sample.indices.tolist()}", name)
    # Eq. 6 may be negative by its confidence, a priority may not.
    errors = update.errors.clamp(min=0).double().cpu().numpy()
    replay.set_priorities(sample.indices, errors)
    return update.metrics
