"""The losses of PushMask and PushReward: pure functions of maps, actions and targets."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

Maps = Float[Tensor, "n 16 h w"]
Actions = Int[Tensor, "n 3"]
"""Row, column, direction."""


def at_actions(maps: Float[Tensor, "n k h w"], actions: Actions) -> Float[Tensor, " n"]:
    """The value of each map at its executed push."""
    rows, cols, directions = actions.unbind(1)
    return maps[torch.arange(len(maps), device=maps.device), directions, rows, cols]


def squared_error(q: Maps, actions: Actions, targets: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Mean squared temporal-difference error at the executed pushes (the paper)."""
    return F.mse_loss(at_actions(q, actions), targets)


def huber_error(q: Maps, actions: Actions, targets: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Mean Huber error at the executed pushes (the report's loop, after Zeng et al.)."""
    return F.smooth_l1_loss(at_actions(q, actions), targets)


def neighbourhood(
    maps: Maps, actions: Actions, sigma: float
) -> tuple[Float[Tensor, "n k"], Float[Tensor, "n k"]]:
    """Values around each executed push, of its direction, and their Gaussian weights.

    Weights are exp(-d^2 / (2 sigma^2)) at distance d <= 2 sigma pixels, 0 outside the map, and sum
    to 1 a sample.
    """
    n, _, h, w = maps.shape
    reach = max(1, round(2 * sigma))
    span = torch.arange(-reach, reach + 1, device=maps.device)
    dr, dc = (d.reshape(-1) for d in torch.meshgrid(span, span, indexing="ij"))
    rows, cols, directions = actions.unbind(1)
    r, c = rows[:, None] + dr, cols[:, None] + dc
    inside = (r >= 0) & (r < h) & (c >= 0) & (c < w)
    weight = torch.exp(-(dr**2 + dc**2) / (2 * sigma**2)) * inside
    sample = torch.arange(n, device=maps.device)[:, None]
    values = maps[sample, directions[:, None], r.clamp(0, h - 1), c.clamp(0, w - 1)]
    return values, weight / weight.sum(dim=1, keepdim=True)


def kernel_error(
    q: Maps, actions: Actions, targets: Float[Tensor, " n"], sigma: float
) -> Float[Tensor, ""]:
    """Kernel loss (Ewerton et al. 2023): the target also holds, less and less, nearby."""
    values, weight = neighbourhood(q, actions, sigma)
    return (weight * (values - targets[:, None]) ** 2).sum(dim=1).mean()


def change_error(
    logits: Maps, actions: Actions, changed: Float[Tensor, " n"], sigma: float = 0.0
) -> Float[Tensor, ""]:
    """Binary cross-entropy of "this push changed the scene" at the executed pushes (Eq. 2)."""
    if sigma == 0:
        return F.binary_cross_entropy_with_logits(at_actions(logits, actions), changed)
    values, weight = neighbourhood(logits, actions, sigma)
    target = changed[:, None].expand_as(values)
    loss = F.binary_cross_entropy_with_logits(values, target, reduction="none")
    return (weight * loss).sum(dim=1).mean()


def temporal_difference_target(
    reward: Float[Tensor, " n"],
    next_online: Maps,
    next_target: Maps,
    done: Float[Tensor, " n"],
    gamma: float,
    allowed: Float[Tensor, "n 16 h w"] | None = None,
) -> Float[Tensor, " n"]:
    """y of the paper's Eq. 5 with double Q: the online network chooses, the target one values.

    Args:
        reward: Immediate rewards.
        next_online: Q of the next observation by the network in training.
        next_target: Q of it by the target network.
        done: 1 where no object is left on the table.
        gamma: Discount.
        allowed: The attention mask of the next observation, multiplied onto both.
    """
    if allowed is not None:
        next_online, next_target = next_online * allowed, next_target * allowed
    best = next_online.flatten(1).argmax(dim=1, keepdim=True)
    value = next_target.flatten(1).gather(1, best).squeeze(1)
    return reward + gamma * (1 - done) * value
