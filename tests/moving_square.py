"""The smallest tracking data: a bright square that moves over noise."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Sequence(NamedTuple):
    """Frames (T, N, C, H, W) in 0..1 and boxes (T, N, 4) in pixels."""

    frames: torch.Tensor
    boxes: torch.Tensor


def moving_square(
    length: int, samples: int = 2, channels: int = 3, height: int = 48, width: int = 64
) -> Sequence:
    generator = torch.Generator().manual_seed(3)
    frames = torch.rand(length, samples, channels, height, width, generator=generator) * 0.4
    boxes = torch.zeros(length, samples, 4)
    for t in range(length):
        for n in range(samples):
            y, x = 10 + 2 * t + n, 12 + 3 * t
            frames[t, n, :, y : y + 12, x : x + 12] = 0.9
            boxes[t, n] = torch.tensor([y, x, 12, 12])
    return Sequence(frames, boxes)
