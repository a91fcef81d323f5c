"""Made-up batches for the tests of the paper's agents."""

from __future__ import annotations

import torch

from saccade.systems.arm.off_policy.batch import Batch, State


def make_state(n: int, view: int, crop: int, numbers: int, draw: torch.Generator) -> State:
    """States of random numbers."""
    return State(
        torch.randn(n, 6, view, view, generator=draw),
        torch.randn(n, 6, crop, crop, generator=draw),
        torch.randn(n, 3, generator=draw),
        torch.randn(n, numbers, generator=draw),
    )


def make_batch(
    n: int = 4, view: int = 16, crop: int = 8, numbers: int = 3, terminal: float = 0.0
) -> Batch:
    """Transitions of random numbers, the same at each call."""
    draw = torch.Generator().manual_seed(0)
    actions = torch.randn(n, 8, generator=draw)
    actions[:, 3:7] /= actions[:, 3:7].norm(dim=1, keepdim=True)
    return Batch(
        make_state(n, view, crop, numbers, draw),
        make_state(n, view, crop, numbers, draw),
        torch.randint(0, view, (n, 2), generator=draw),
        actions,
        torch.linspace(0, 100, n),
        torch.full((n,), terminal),
        torch.ones(n),
        torch.ones(n, dtype=torch.bool),
    )
