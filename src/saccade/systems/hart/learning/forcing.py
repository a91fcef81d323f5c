"""Teacher forcing: windows that are put on the object, less and less often.

A tracker that has just begun loses its object at once and then learns from windows that show
nothing. At first its windows are put near the object instead, off by a random jitter, so that it
learns to correct them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

Around = Callable[[Tensor, int, int], Tensor]
FAR_TIMES = 3.0
"""Factor on the distance of the windows that are to be far off."""


def forced_share(step: int, steps: int) -> float:
    """Share of the sequences that are forced: falls from 1 at step 0 to 0 at `steps`."""
    return max(0.0, 1 - step / steps) if steps > 0 else 0.0


def jittered(
    boxes: Float32[np.ndarray, "*n 4"],
    jitter: float,
    rng: np.random.Generator,
    far_share: float = 0.0,
) -> Float32[np.ndarray, "*n 4"]:
    """Boxes (y, x, h, w) whose centres and log sizes are off, normally distributed.

    Args:
        boxes: Boxes (y, x, h, w); NaN stays NaN.
        jitter: Standard deviation: of the centres in heights and widths, and of the log sizes.
        rng: Generator that draws the same numbers whatever the boxes are.
        far_share: Share of the boxes whose centres are off `FAR_TIMES` as much.
    """
    shift, stretch = jitter * rng.normal(size=(2, *boxes.shape[:-1], 2))
    shift *= np.where(rng.random(boxes.shape[:-1]) < far_share, FAR_TIMES, 1.0)[..., None]
    size = boxes[..., 2:] * np.exp(stretch)
    centre = boxes[..., :2] + boxes[..., 2:] * (0.5 + shift)
    return np.concatenate([centre - size / 2, size], axis=-1).astype(np.float32)


def forced_windows(
    around: Around,
    boxes: Tensor,
    forced: Tensor,
    height: int,
    width: int,
) -> Tensor:
    """Windows for `Tracker.forward`: NaN, the model's own, where they are not forced.

    Args:
        around: Method `around` of the tracker.
        boxes: Boxes to look at, (T, N, 4) [pixels]; NaN where the object is absent.
        forced: Whether each window is forced, (T, N).
        height: Height of the frames [pixels].
        width: Width of the frames [pixels].
    """
    with torch.no_grad():
        windows = around(boxes.flatten(0, 1), height, width).view_as(boxes)
    return torch.where(forced[..., None], windows, torch.nan)
