"""Losses of looking and voting: pure functions."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from saccade.systems.arm.look_and_vote.vote import Votes

POSITION_SCALE = 0.01
"""Distance at which a vote is one unit off [m]."""
AXES_SCALE = 0.15
"""Distance of axes, about an angle [rad], at which a vote is one unit off."""
SLOPE = 2.0
"""Units from which on an error grows linearly."""


class Targets(NamedTuple):
    """What n crops' votes should say.

    Attributes:
        positions: Positions of the tip relative to the attended point [m].
        axes: Approach and closing axes.
        open: 1 where the gripper is open.
    """

    positions: Float[Tensor, "n 3"]
    axes: Float[Tensor, "n 6"]
    open: Float[Tensor, " n"]


def look_loss(logits: Float[Tensor, "n h w"], shares: Float[Tensor, "n h w"]) -> Float[Tensor, ""]:
    """Cross-entropy of the softmax over pixels to the shares that they should have."""
    return -(shares * logits.flatten(1).log_softmax(dim=1).view_as(logits)).sum(dim=(1, 2)).mean()


def pose_energy(
    positions: Float[Tensor, "*#n 3"],
    axes: Float[Tensor, "*#n 6"],
    target_positions: Float[Tensor, "*#n 3"],
    target_axes: Float[Tensor, "*#n 6"],
    free: bool = False,
) -> Float[Tensor, "..."]:
    """How far poses are from others: squares of units, linear from `SLOPE` units on.

    Args:
        positions: Positions [m].
        axes: Approach and closing axes.
        target_positions: Positions of the others [m].
        target_axes: Axes of the others.
        free: Whether the fingers may be swapped.
    """
    away = _robust(_length(positions - target_positions) / POSITION_SCALE)
    approach = (axes[..., :3] - target_axes[..., :3]).square().sum(dim=-1)
    closing = (axes[..., 3:] - target_axes[..., 3:]).square().sum(dim=-1)
    swapped = (axes[..., 3:] + target_axes[..., 3:]).square().sum(dim=-1)
    if free:
        closing = torch.minimum(closing, swapped)
    # Added before the root, whose slope at zero is infinite.
    return away + _robust((approach + closing + 1e-8).sqrt() / AXES_SCALE)


def vote_loss(votes: Votes, targets: Targets, dense: float) -> Float[Tensor, ""]:
    """Minus the logarithm of the density that the mixture of votes gives to the targets.

    Which finger is which counts, though both are alike: what is held is turned by half a turn
    otherwise, and where demonstrations always take it one way round, what comes next relies on it.

    Args:
        votes: Votes.
        targets: What they should say.
        dense: Weight of the mean error of all pixels, each by the best of its votes, so that all
            learn, not the few with large shares alone.
    """
    each = (slice(None), None, None)
    energy = pose_energy(votes.positions, votes.axes, targets.positions[each], targets.axes[each])
    wanted = targets.open[each].expand_as(votes.open)
    energy = energy + F.binary_cross_entropy_with_logits(votes.open, wanted, reduction="none")
    mixture = -(votes.shares - energy).logsumexp(dim=(1, 2))
    return mixture.mean() + dense * energy.amin(dim=2).mean()


def _length(x: Float[Tensor, "*n 3"]) -> Float[Tensor, "*n"]:
    return (x.square().sum(dim=-1) + 1e-10).sqrt()


def _robust(units: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    return torch.where(units < SLOPE, units.square() / 2, SLOPE * (units - SLOPE / 2))
