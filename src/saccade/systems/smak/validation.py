"""What held-out sequences say of a training as it goes, and the weights that they like best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.embedder import Embedder
from saccade.systems.smak.metrics import alignment_error_symmetric
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.source import Split
from saccade.training.clock import Clock
from saccade.training.fit import Session

STAGE = "embed"
"""Name of the stage in metrics and checkpoints."""
WORST = 1.0
"""Largest alignment error."""


class Best:
    """The weights with the least alignment error on held-out sequences so far.

    It is a part of the training's state: a run that goes on knows what it had.
    """

    def __init__(self) -> None:
        self.error = 2 * WORST
        self.step = 0
        self.weights: dict[str, Tensor] = {}

    def offer(self, error: float, step: int, network: nn.Module) -> None:
        """Keep a copy of the network's weights where the error is less than all before."""
        if error < self.error:
            self.error, self.step = error, step
            self.weights = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}

    def state_dict(self) -> dict[str, Any]:
        """The state as it is now."""
        return {"error": self.error, "step": self.step, "weights": dict(self.weights)}

    def load_state_dict(self, state_dict: Mapping[str, Any], /) -> None:
        """Take on a state."""
        self.error, self.step = float(state_dict["error"]), int(state_dict["step"])
        self.weights = dict(state_dict["weights"])


def step_mark(step: int) -> str:
    """Name of the moment, in the run's clock, after so many steps."""
    return f"step {step}"


@dataclass(frozen=True)
class Judge:
    """Measures a network on held-out sequences and says which weights are kept.

    Attributes:
        session: Sitting, to whose metrics the measurements go.
        network: Network that is trained.
        config: The system's settings.
        split: Sequences of the training.
        best: The best weights so far.
        clock: Clock of the run, which notes the time of every measurement.
    """

    session: Session
    network: EmbeddingNetwork
    config: SmakConfig
    split: Split
    best: Best
    clock: Clock

    def measure(self, step: int) -> None:
        """Measure the network as it is after so many steps."""
        if not len(self.split.held_out):
            return
        self.clock.mark(step_mark(step))
        error = held_out_error(self.network, self.config, self.split)
        self.session.metrics.write(step, STAGE, {"alignment_error": error})
        self.best.offer(error, step, self.network)

    def choose(self) -> dict[str, Any]:
        """Give the network the weights that are kept; returns what is known of them."""
        settings = self.config.fit
        if settings.validates:
            self.measure(settings.steps)
        if settings.keep == "last" or not self.best.weights:
            return {"step": settings.steps}
        self.network.load_state_dict(self.best.weights)
        return {"step": self.best.step, "held_out_alignment_error": self.best.error}


def held_out_error(network: EmbeddingNetwork, config: SmakConfig, split: Split) -> float:
    """Mean alignment error of views 0 and 1 of the held-out sequences, both ways.

    The network is as it was before when this returns.
    """
    training = network.training
    embed = Embedder(network, config)
    errors = [
        alignment_error_symmetric(*(embed(split.store.frames(int(s), view)) for view in (0, 1)))
        for s in split.held_out
    ]
    network.train(training)
    return float(np.mean(errors))
