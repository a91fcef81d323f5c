"""Looking: a small U-Net over the whole view says which pixel matters next."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import ConvNorm
from saccade.systems.arm.look_and_vote.config import HALVINGS, LookConfig
from saccade.systems.arm.look_and_vote.images import Images

CENTRE, REACH, NEAR = (0.5, 0.0, 0.1), 0.2, 0.1
"""Middle of the workspace, and scales of points in the world and relative to the tip [m]."""
MOST = 2.0
"""Largest scaled coordinate: what is farther looks alike."""
CHANNELS = 10


class LookNetwork(nn.Module):
    """One logit a pixel: of the softmax over the view, the share of the look.

    Squares of pixels are channels, so that the convolutions are cheap; skips are added.
    """

    def __init__(self, config: LookConfig) -> None:
        super().__init__()
        self.config = config
        w, patch = config.width, config.patch
        widths = (w, w + w // 2, 2 * w, 2 * w)
        self.enter = ConvNorm(CHANNELS * patch**2, w, 1, norm="group", padding="zeros")
        self.down = nn.ModuleList(
            nn.Sequential(
                _layer(widths[max(0, i - 1)], width, stride=2 if i else 1), _layer(width, width)
            )
            for i, width in enumerate(widths)
        )
        self.narrow = nn.ModuleList(
            nn.Conv2d(widths[i + 1], widths[i], 1) for i in reversed(range(HALVINGS))
        )
        self.up = nn.ModuleList(_layer(widths[i], widths[i]) for i in reversed(range(HALVINGS)))
        self.leave = nn.Conv2d(w, patch**2, 1)

    def forward(self, x: Float[Tensor, "n 10 h w"]) -> Float[Tensor, "n h w"]:
        x = self.enter(F.pixel_unshuffle(x, self.config.patch))
        skips = []
        for layers in self.down:
            x = layers(x)
            skips.append(x)
        for narrow, layer, skip in zip(self.narrow, self.up, reversed(skips[:-1]), strict=True):
            x = layer(F.interpolate(narrow(x), scale_factor=2.0) + skip)
        return F.pixel_shuffle(self.leave(x), self.config.patch)[:, 0]


def _layer(inputs: int, outputs: int, stride: int = 1) -> ConvNorm:
    return ConvNorm(inputs, outputs, 3, stride=stride, norm="group", padding="zeros")


def look_inputs(
    images: Images,
    tips: Float[np.ndarray, "n 3"],
    opening: Float[np.ndarray, " n"],
    moved: Float[np.ndarray, "n 3"] | None = None,
) -> Float[Tensor, "n 10 h w"]:
    """What the network sees: colours, points in the world and from the tip, the opening.

    Args:
        images: Colours and world points.
        tips: Positions of the tip [m].
        opening: Openings of the gripper.
        moved: What the points in the world are moved by [m].
    """
    n, h, w, _ = images.shape
    x = np.empty((n, CHANNELS, h, w), np.float32)
    x[:, :6] = images.transpose(0, 3, 1, 2)
    points = x[:, 3:6]
    x[:, 6:9] = np.clip((points - tips[:, :, None, None]) / NEAR, -MOST, MOST)
    centre = np.array(CENTRE, np.float32) - (0 if moved is None else moved)
    points -= np.broadcast_to(centre, (n, 3))[:, :, None, None]
    points /= REACH
    np.clip(points, -MOST, MOST, out=points)
    x[:, 9] = opening[:, None, None]
    return torch.from_numpy(x)
