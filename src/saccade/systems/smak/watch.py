"""Alarms of a training: whether its embeddings collapse, seen from the batches themselves."""

from __future__ import annotations

import sys
from collections import deque

from jaxtyping import Float
from torch import Tensor

from saccade.systems.smak.collapse import (
    chance_loss,
    collapse_warnings,
    effective_rank,
    spread,
)
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.objective import has_chance

EVERY = 20
"""Steps from one look to the next: those that metrics are written of."""
PATIENCE = 300
"""Steps before the first alarm: every embedding begins near chance."""
AGAIN = 2000
"""Steps from an alarm to the next one."""
RECENT = 5
"""Looks whose mean loss is judged."""


class Watch:
    """Looks at a batch now and then, and says on stderr what has collapsed and what to change.

    Args:
        config: The system's settings.
    """

    def __init__(self, config: SmakConfig) -> None:
        self._candidates = config.batch.candidates if has_chance(config) else 0
        self._losses: deque[float] = deque(maxlen=RECENT)
        self._quiet_until = PATIENCE

    def look(
        self, step: int, loss: Float[Tensor, ""], embeddings: Float[Tensor, "n d"]
    ) -> dict[str, float]:
        """Numbers of a batch for the metrics; nothing between two looks.

        `below_chance` is how far the loss is below that of embeddings that are all alike.
        """
        if (step + 1) % EVERY:
            return {}
        values = {"spread": spread(embeddings), "rank": effective_rank(embeddings)}
        recent = None
        if self._candidates:
            values["below_chance"] = chance_loss(self._candidates) - loss.item()
            self._losses.append(loss.item())
            recent = sum(self._losses) / len(self._losses)
        if step >= self._quiet_until:
            self._warn(
                step, collapse_warnings(values["spread"], values["rank"], recent, self._candidates)
            )
        return values

    def _warn(self, step: int, lines: list[str]) -> None:
        for line in lines:
            print(f"saccade: warning: step {step + 1}: {line}", file=sys.stderr)
        if lines:
            self._quiet_until = step + AGAIN
