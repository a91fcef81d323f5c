"""The form of a push policy: a heightmap in, a decision out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float

from saccade.worlds.push_box import PushWorld
from saccade.worlds.workspace import N_DIRECTIONS, Push, Workspace

OBJECT_HEIGHT = 0.01
"""Height above which a pixel shows an object [m]."""
NEAREST_START, FARTHEST_START = 0.02, 0.08
"""Distances at which a push near an object starts from one of its pixels [m]."""


@dataclass(frozen=True)
class Decision:
    """A chosen push and what it was chosen from, for pictures.

    Attributes:
        push: Push that was chosen.
        mask: Pushes that the attention allowed (16, rows, cols); None without attention.
        q: Values of the pushes (16, rows, cols), 0 where none was computed; None without Q.
    """

    push: Push
    mask: Bool[np.ndarray, "16 rows cols"] | None = None
    q: Float[np.ndarray, "16 rows cols"] | None = None


class Policy(Protocol):
    """Anything that chooses pushes."""

    def reset(self, seed: int, world: PushWorld) -> None:
        """Start an episode. Only a privileged policy looks at the world."""
        ...

    def decide(
        self, heightmap: Float[np.ndarray, "rows cols"], avoid: Sequence[Push] = ()
    ) -> Decision:
        """Choose a push; `avoid` holds recent pushes that changed nothing."""
        ...


def random_push(rng: np.random.Generator, workspace: Workspace) -> Push:
    """Any of the 224 x 224 x 16 pushes."""
    rows, cols = workspace.shape
    return Push(
        int(rng.integers(rows)),
        int(rng.integers(cols)),
        int(rng.integers(N_DIRECTIONS)),
        workspace,
    )


def push_near_object(
    rng: np.random.Generator, heightmap: Float[np.ndarray, "rows cols"], workspace: Workspace
) -> Push:
    """A push towards a random object pixel from 2 to 8 cm away: the way out of an empty mask."""
    rows, cols = np.nonzero(heightmap > OBJECT_HEIGHT)
    if len(rows) == 0:
        return random_push(rng, workspace)
    i, k = int(rng.integers(len(rows))), int(rng.integers(N_DIRECTIONS))
    angle = 2 * np.pi * k / N_DIRECTIONS
    back = rng.uniform(NEAREST_START, FARTHEST_START) / workspace.pixel
    row = np.clip(round(rows[i] - back * np.sin(angle)), 0, workspace.shape[0] - 1)
    col = np.clip(round(cols[i] - back * np.cos(angle)), 0, workspace.shape[1] - 1)
    return Push(int(row), int(col), k, workspace)


def from_mask(
    rng: np.random.Generator, mask: Bool[np.ndarray, "16 rows cols"], workspace: Workspace
) -> Push | None:
    """A push drawn uniformly from a mask; None where it is empty."""
    allowed = np.flatnonzero(mask)
    if len(allowed) == 0:
        return None
    k, row, col = np.unravel_index(allowed[rng.integers(len(allowed))], mask.shape)
    return Push(int(row), int(col), int(k), workspace)


def blocked(
    avoid: Sequence[Push], radius: int, shape: tuple[int, int, int]
) -> Bool[np.ndarray, "16 rows cols"]:
    """The actions within `radius` pixels of recent useless pushes of the same direction."""
    out = np.zeros(shape, bool)
    for push in avoid:
        r0, c0 = max(push.row - radius, 0), max(push.col - radius, 0)
        out[push.direction, r0 : push.row + radius + 1, c0 : push.col + radius + 1] = True
    return out
