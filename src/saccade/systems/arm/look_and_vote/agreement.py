"""What votes agree on: the pose with the most votes around it, and their mean there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saccade.systems.arm.look_and_vote.losses import pose_energy
from saccade.systems.arm.look_and_vote.vote import Votes

HEARD = 96
"""Votes with the largest shares that are heard."""


class Agreement(NamedTuple):
    """A pose that votes agree on.

    Attributes:
        position: Position of the tip relative to the attended point [m].
        axes: Approach and closing axes.
        open: Probability that the gripper is open.
        support: Share of the votes that agree with it.
        way: Share of these that close this way round, less that of those with fingers swapped.
    """

    position: Float[np.ndarray, "3"]
    axes: Float[np.ndarray, "6"]
    open: float
    support: float
    way: float


def agree(votes: Votes, free: bool, rng: np.random.Generator | None = None) -> Agreement:
    """The pose that most votes of one crop agree on; with a generator, one drawn by support.

    Args:
        votes: Votes of one crop.
        free: Whether the hand is open, so that which finger is which does not matter.
        rng: Source of chance.
    """
    shares, best = votes.shares.flatten().exp().topk(min(HEARD, votes.shares.numel()))
    positions = votes.positions.reshape(-1, 3)[best]
    axes = votes.axes.reshape(-1, 6)[best]
    energy = pose_energy(positions[:, None], axes[:, None], positions[None], axes[None], free)
    agreeing = (-energy).exp() * shares
    support = agreeing.sum(dim=1)
    chosen = int(support.argmax()) if rng is None else _drawn(support, rng)
    weights = agreeing[chosen] / agreeing[chosen].sum()
    ways = torch.where(axes[:, 3:] @ axes[chosen, 3:] < 0, -1.0, 1.0)
    if free:
        axes = torch.cat([axes[:, :3], axes[:, 3:] * ways[:, None]], dim=1)
    opened = votes.open.flatten()[best].sigmoid()
    return Agreement(
        (weights @ positions).numpy(),
        (weights @ axes).numpy(),
        float(weights @ opened),
        float(support[chosen]),
        float(weights @ ways),
    )


def _drawn(support: Tensor, rng: np.random.Generator) -> int:
    chances = support.double().numpy()
    return int(rng.choice(len(chances), p=chances / chances.sum()))
