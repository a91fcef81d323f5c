"""Learning of both networks from examples: demonstrated first, then from own episodes too."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import torch

from saccade.systems.arm.look_and_vote.batches import draw_examples, look_batch, vote_batch
from saccade.systems.arm.look_and_vote.config import LookAndVoteConfig
from saccade.systems.arm.look_and_vote.examples import Examples
from saccade.systems.arm.look_and_vote.look import LookNetwork
from saccade.systems.arm.look_and_vote.losses import look_loss, vote_loss
from saccade.systems.arm.look_and_vote.vote import VoteNetwork
from saccade.training.device import CPU
from saccade.training.fit import Batch, Descent, Session, fit
from saccade.training.precision import reduced


class LookAndVoteLearner:
    """Both networks, and how they learn.

    Args:
        config: Settings.
        seed: Seed of the first weights.
        device: Device that the networks are trained on.
    """

    def __init__(self, config: LookAndVoteConfig, seed: int, device: torch.device = CPU) -> None:
        torch.manual_seed(seed)
        self.config, self._device = config, device
        self.look = LookNetwork(config.look).to(device)
        self.vote = VoteNetwork(config.vote).to(device)

    def fit_look(
        self, session: Session, stage: str, examples: Examples, steps: int, seed: int
    ) -> None:
        """Learn where to look, for one stage."""
        config = self.config

        def loss(rng: np.random.Generator, step: int) -> Batch:
            index = draw_examples(examples, config.look.batch, config.augment.keyframes, rng)
            inputs, shares = look_batch(examples, index, config, rng)
            with reduced(config.precision, self._device):
                logits = self.look(inputs.to(self._device)).float()
            return Batch(look_loss(logits, shares.to(self._device)), f"examples {index.tolist()}")

        descent = self._descent(steps, config.look.learning_rate)
        fit(session, stage, self.look, loss, descent, asdict(config), seed)

    def fit_vote(
        self, session: Session, stage: str, examples: Examples, steps: int, seed: int
    ) -> None:
        """Learn what to vote for, for one stage."""
        config, device = self.config, self._device

        def loss(rng: np.random.Generator, step: int) -> Batch:
            index = draw_examples(examples, config.vote.batch, config.augment.keyframes, rng)
            maps, known, targets = vote_batch(examples, index, config, rng)
            with reduced(config.precision, device):
                votes = self.vote(maps.to(device), known.to(device))
            error = vote_loss(
                votes, type(targets)(*(t.to(device) for t in targets)), config.vote.dense
            )
            return Batch(error, f"examples {index.tolist()}")

        descent = self._descent(steps, config.vote.learning_rate)
        fit(session, stage, self.vote, loss, descent, asdict(config), seed)

    def _descent(self, steps: int, rate: float) -> Descent:
        config = self.config
        return Descent(steps, rate, config.weight_decay, config.checkpoint_every)
