"""What the paper's agents learn from: a batch of transitions, as tensors."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True)
class State:
    """States of n rows.

    Attributes:
        views: Views that the Q-attention sees: colours in -1..1 and world points [m].
        crops: Crops at the attended pixels that the next-best pose agent sees: likewise.
        attended: World points that the attended pixels show [m].
        proprioception: What the arm knows of itself.
    """

    views: Float[Tensor, "n 6 h w"]
    crops: Float[Tensor, "n 6 c c"]
    attended: Float[Tensor, "n 3"]
    proprioception: Float[Tensor, "n p"]


@dataclass(frozen=True)
class Batch:
    """Transitions (s, pixel, action, reward, s') of n rows.

    Attributes:
        state: States s.
        next_state: States s'.
        pixels: Attended pixels (x, y) of the views.
        actions: Tip's poses (position [m], quaternion (w, x, y, z)) and gripper (1 is open).
        rewards: Scaled rewards.
        terminal: 1 where the episode ended; 0 also where only its time was over.
        weights: Weights of prioritised replay.
        demonstrated: Whether the row is of a demonstration.
    """

    state: State
    next_state: State
    pixels: Int[Tensor, "n 2"]
    actions: Float[Tensor, "n 8"]
    rewards: Float[Tensor, " n"]
    terminal: Float[Tensor, " n"]
    weights: Float[Tensor, " n"]
    demonstrated: Bool[Tensor, " n"]
