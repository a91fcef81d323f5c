"""Losses of looking and voting: pure functions."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from saccade.systems.arm.look_and_vote.vote import Votes

POSITION_SCALE = 0.01
"""Distance at which a vote is one unit off [m]."""
AXES_SCALE = 0.15
"""Distance of axes, about an angle [rad], at which a vote is one unit off."""
SLOPE = 2.0
"""Units from which on an error grows linearly."""
OTHER_WAY = 1.0
"""Error of a free hand that closes with its fingers swapped. What it holds will be turned by half a
turn: where demonstrations always take it one way round, what comes next relies on that."""


class Targets(NamedTuple):
    """What n crops' votes should say.

    Attributes:
        positions: Positions of the tip relative to the attended point [m].
        axes: Approach and closing axes.
        open: 1 where the gripper is open.
        free: Whether the hand holds nothing, so that it may close either way round.
    """

    positions: Float[Tensor, "n 3"]
    axes: Float[Tensor, "n 6"]
    open: Float[Tensor, " n"]
    free: Bool[Tensor, " n"]


def look_loss(logits: Float[Tensor, "n h w"], shares: Float[Tensor, "n h w"]) -> Float[Tensor, ""]:
    """Cross-entropy of the softmax over pixels to the shares that they should have."""
    return -(shares * logits.flatten(1).log_softmax(dim=1).view_as(logits)).sum(dim=(1, 2)).mean()


def pose_energy(
    positions: Float[Tensor, "*#n 3"],
    axes: Float[Tensor, "*#n 6"],
    target_positions: Float[Tensor, "*#n 3"],
    target_axes: Float[Tensor, "*#n 6"],
    free: Bool[Tensor, "*#n"],
    other_way: float = 0.0,
) -> Float[Tensor, "..."]:
    """How far poses are from others: squares of units, linear from `SLOPE` units on.

    Args:
        positions: Positions [m].
        axes: Approach and closing axes.
        target_positions: Positions of the others [m].
        target_axes: Axes of the others.
        free: Whether the fingers may be swapped.
        other_way: What swapping them adds.
    """
    away = _robust(_length(positions - target_positions) / POSITION_SCALE)
    approach = (axes[..., :3] - target_axes[..., :3]).square().sum(dim=-1)
    closing = (axes[..., 3:] - target_axes[..., 3:]).square().sum(dim=-1)
    swapped = (axes[..., 3:] + target_axes[..., 3:]).square().sum(dim=-1)
    # Added before the root, whose slope at zero is infinite.
    turned, other = (_robust((approach + c + 1e-8).sqrt() / AXES_SCALE) for c in (closing, swapped))
    return away + torch.where(free, torch.minimum(turned, other + other_way), turned)


def vote_loss(votes: Votes, targets: Targets, dense: float) -> Float[Tensor, ""]:
    """Minus the logarithm of the density that the mixture of votes gives to the targets.

    Args:
        votes: Votes.
        targets: What they should say.
        dense: Weight of the mean error of all pixels, each by the best of its votes, so that all
            learn, not the few with large shares alone.
    """
    each = (slice(None), None, None)
    energy = pose_energy(
        votes.positions, votes.axes, targets.positions[each], targets.axes[each],
        targets.free[each], OTHER_WAY,
    )  # fmt: skip
    wanted = targets.open[each].expand_as(votes.open)
    energy = energy + F.binary_cross_entropy_with_logits(votes.open, wanted, reduction="none")
    mixture = -(votes.shares - energy).logsumexp(dim=(1, 2))
    return mixture.mean() + dense * energy.amin(dim=2).mean()


def _length(x: Float[Tensor, "*n 3"]) -> Float[Tensor, "*n"]:
    return (x.square().sum(dim=-1) + 1e-10).sqrt()


def _robust(units: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    return torch.where(units < SLOPE, units.square() / 2, SLOPE * (units - SLOPE / 2))
