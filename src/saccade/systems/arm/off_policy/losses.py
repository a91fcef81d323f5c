"""The paper's losses and targets: pure functions of values, confidences and rewards.

A loss is one number a row of the batch, so that replay can weigh it and order rows by it. Rewards
are scaled: 100 for a task that was done.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from saccade.attention.pixel_argmax import argmax_2d, value_at

Maps = Float[Tensor, "n h w"]
EachRow = Float[Tensor, " n"]


def q_attention_target(
    reward: EachRow,
    next_online: Maps,
    next_target: Maps,
    terminal: EachRow,
    gamma: float,
    highest: float | None,
) -> EachRow:
    """Target of Eq. 5: r + gamma Q'(s', argmax2D Q(s')), a double-DQN's.

    Args:
        reward: Rewards; negative ones count as 0, for a pixel is not to blame for a pose.
        next_online: Q of the next state by the network in training, which chooses the pixel.
        next_target: Q of it by the target network, which values the pixel.
        terminal: 1 where the episode ended; 0 also where only its time was over.
        gamma: Discount.
        highest: Largest possible return: the target is clamped to 0 .. highest. None does not.
    """
    value = value_at(next_target, argmax_2d(next_online))
    target = reward.clamp(min=0) + gamma * (1 - terminal) * value
    return target if highest is None else target.clamp(0, highest)


def q_attention_error(q: Maps, pixels: Int[Tensor, "n 2"], target: EachRow) -> EachRow:
    """Temporal-difference error of Eq. 5 at the attended pixels, as Huber's (slope 1 beyond 1)."""
    return F.smooth_l1_loss(value_at(q, pixels), target, reduction="none")


def q_regularisation(q: Maps) -> EachRow:
    """|Q| of Eq. 5: the mean square of a map over its pixels."""
    return q.square().mean(dim=(1, 2))


def soft_q_target(
    reward: EachRow,
    next_q: Maps,
    next_log_prob: EachRow,
    terminal: EachRow,
    gamma: float,
    alpha: float,
    bounds: tuple[float, float] | None,
) -> Maps:
    """Target of Eq. 6 at each pixel: r + gamma (Q'(s', a') - alpha log pi(a' | s')), a' from pi.

    The paper prints log pi(a | s); soft actor-critic, which it builds on, has that of the next
    action, and so has this.

    Args:
        reward: Rewards.
        next_q: Q of the next state and action a pixel, the smaller of the two target critics'.
        next_log_prob: Logarithm of the density of the next action.
        terminal: 1 where the episode ended; 0 also where only its time was over.
        gamma: Discount.
        alpha: Weight of the entropy.
        bounds: Least and largest possible return: the target is clamped to them. None does not.
    """
    value = next_q - alpha * next_log_prob[:, None, None]
    target = reward[:, None, None] + gamma * (1 - terminal)[:, None, None] * value
    return target if bounds is None else target.clamp(*bounds)


def bellman_target(
    reward: EachRow,
    next_value: EachRow,
    terminal: EachRow,
    gamma: float,
    bounds: tuple[float, float] | None,
) -> EachRow:
    """r + gamma V'(s'), of critics that give one Q.

    Args:
        reward: Rewards.
        next_value: Value of the next state.
        terminal: 1 where the episode ended; 0 also where only its time was over.
        gamma: Discount.
        bounds: Least and largest possible return: the target is clamped to them. None does not.
    """
    target = reward + gamma * (1 - terminal) * next_value
    return target if bounds is None else target.clamp(*bounds)


def twin_error(first: EachRow, second: EachRow, target: EachRow) -> EachRow:
    """Mean of two critics' temporal-difference errors, as Huber's (slope 1 beyond 1)."""
    one = F.smooth_l1_loss(first, target, reduction="none")
    return (one + F.smooth_l1_loss(second, target, reduction="none")) / 2


def confidence_aware_error(q: Maps, confidence: Maps, target: Maps, weight: float) -> EachRow:
    """Eq. 6: the mean over pixels of Huber(Q, target) c - w log c.

    Args:
        q: Q a pixel.
        confidence: Confidence c a pixel, in (0, 1].
        target: Target a pixel.
        weight: Weight w of the confidence's regularisation.
    """
    error = F.smooth_l1_loss(q, target, reduction="none")
    # A confidence that rounds to 0 would have an infinite loss and no way back.
    regularisation = confidence.clamp(min=1e-6).log()
    return (error * confidence - weight * regularisation).mean(dim=(1, 2))


def most_confident(q: Maps, confidence: Maps) -> EachRow:
    """Q of the pixel with the highest confidence, which trains the actor (section 4.2)."""
    return value_at(q, argmax_2d(confidence))


def actor_loss(log_prob: EachRow, q: EachRow, alpha: float) -> EachRow:
    """Eq. 3: alpha log pi(a | s) - Q(s, a), a from pi."""
    return alpha * log_prob - q
