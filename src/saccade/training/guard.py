"""The guard that stops a training that has become meaningless, before it spoils a checkpoint."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from saccade.errors import TrainingDivergedError


def check_finite(value: Tensor | float, step: int, batch: str, name: str = "loss") -> None:
    """Refuse a value that is not finite everywhere.

    Args:
        value: Loss, or any tensor (a gradient norm, the weights).
        step: Optimisation step.
        batch: Words that find again what was trained on (episode and push numbers).
        name: Name of the value, for the error.

    Raises:
        TrainingDivergedError: The value is NaN or infinite; the message names the value, the step
            and the batch.
    """
    if isinstance(value, Tensor):
        finite = bool(torch.isfinite(value).all())
        shown = f"{value.item()}" if value.numel() == 1 else "not finite"
    else:
        finite, shown = math.isfinite(value), f"{value}"
    if not finite:
        raise TrainingDivergedError(
            f"the {name} is {shown} at step {step}, batch {batch}; "
            "the last checkpoint is from before; try a smaller learning rate"
        )
