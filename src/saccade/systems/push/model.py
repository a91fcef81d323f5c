"""PushMask and the PushReward networks: heightmap in, one number for each of 224 x 224 x 16 pushes.

All networks here map (n, 1, 224, 224) heights [m] to (n, 16, 224, 224).
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from saccade.networks.blocks import make_norm
from saccade.networks.densenet import DenseNet, DenseNetConfig
from saccade.networks.hourglass import Hourglass, HourglassConfig
from saccade.systems.push.config import PushConfig
from saccade.worlds.workspace import N_DIRECTIONS

HEIGHT_SCALE = 10.0
"""Factor on heights [m], which enter the networks in decimetres: blocks are of order one."""
HEAD_WIDTH = 64
"""Number of hidden feature maps of the DenseNet's head, as in Zeng et al."""


class PushMask(nn.Module):
    """Logits of "this push changes the scene" (the paper's valid pushing spot detection)."""

    def __init__(self, config: HourglassConfig) -> None:
        super().__init__()
        self.hourglass = Hourglass(config)

    def forward(self, heights: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 16 h w"]:
        """Logits; their sigmoid is the probability of a change."""
        return self.hourglass(heights * HEIGHT_SCALE)


class HourglassReward(nn.Module):
    """PushReward as an hourglass; with a target, each pixel's position relative to it is input too.

    Args:
        config: Settings of the hourglass; its input channels are set here.
        target: Pixel p_box (row, column) for HGlassN-Pos; None for HGlassN.
    """

    def __init__(self, config: HourglassConfig, target: tuple[float, float] | None) -> None:
        super().__init__()
        self._target = target
        channels = 1 if target is None else 3
        self.hourglass = Hourglass(replace(config, in_channels=channels))

    def forward(self, heights: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 16 h w"]:
        """Q values before the paper's last ReLU, which is applied where they are used.

        Within the network it would stop the gradient of every action that starts below 0.
        """
        x = heights * HEIGHT_SCALE
        if self._target is not None:
            n, _, h, w = x.shape
            row = (torch.arange(h, dtype=x.dtype, device=x.device) - self._target[0]) / h
            col = (torch.arange(w, dtype=x.dtype, device=x.device) - self._target[1]) / w
            row = row.view(1, 1, h, 1).expand(n, 1, h, w)
            col = col.view(1, 1, 1, w).expand(n, 1, h, w)
            x = torch.cat([x, row, col], dim=1)
        return self.hourglass(x)


class DenseNetReward(nn.Module):
    """PushReward as a DenseNet trunk, a 1x1 head and bilinear upsampling (Zeng et al. 2018).

    One prediction covers about 16 input pixels of a x2 upsampled image there, and here likewise
    every (trunk stride / upscale) pixels.

    Args:
        config: Settings of the trunk.
        upscale: Factor by which the input is enlarged first.
        outputs: Output maps: 16 for all directions at once (the paper's variant).
    """

    def __init__(
        self, config: DenseNetConfig, upscale: int = 2, outputs: int = N_DIRECTIONS
    ) -> None:
        super().__init__()
        self._upscale = upscale
        self.trunk = DenseNet(replace(config, in_channels=1, classes=0))
        width = config.out_features
        self.head = nn.Sequential(
            make_norm(config.norm, width),
            nn.ReLU(),
            nn.Conv2d(width, HEAD_WIDTH, 1, bias=False),
            make_norm(config.norm, HEAD_WIDTH),
            nn.ReLU(),
            nn.Conv2d(HEAD_WIDTH, outputs, 1),
        )

    def forward(self, heights: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n outputs h w"]:
        """Q values, interpolated from the trunk's coarse grid."""
        size = heights.shape[-2:]
        x = heights * HEIGHT_SCALE
        if self._upscale > 1:
            x = F.interpolate(x, scale_factor=self._upscale, mode="bilinear")
        q = self.head(self.trunk.features(x))
        return F.interpolate(q, size=size, mode="bilinear")


class RotatingReward(nn.Module):
    """VPG's form: a network for pushes to the right, applied to the input rotated 16 times."""

    def __init__(self, config: DenseNetConfig, upscale: int = 2) -> None:
        super().__init__()
        self.net = DenseNetReward(config, upscale, outputs=1)

    def forward(self, heights: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 16 h w"]:
        """Q values of all directions: 16 rotations of each map, as one batch."""
        n = len(heights)
        directions = torch.arange(N_DIRECTIONS, device=heights.device).repeat(n)
        q = self.along(heights.repeat_interleave(N_DIRECTIONS, dim=0), directions)
        return q.view(n, N_DIRECTIONS, *heights.shape[-2:])

    def along(
        self, heights: Float[Tensor, "n 1 h w"], directions: Int[Tensor, " n"]
    ) -> Float[Tensor, "n 1 h w"]:
        """Q values of one direction a map: rotate the scene, push right, rotate back."""
        angles = 2 * math.pi * directions / N_DIRECTIONS
        return rotate_maps(self.net(rotate_maps(heights, angles)).float(), -angles)


def rotate_maps(
    maps: Float[Tensor, "n c h w"], angles: Float[Tensor, " n"]
) -> Float[Tensor, "n c h w"]:
    """Rotate each map about its centre so that direction `angles` [rad] turns onto +column.

    Zeros enter. Zeng et al. enlarge the canvas so that no corner is lost; the corners of the table,
    which are farther than 0.224 m from its centre, are lost here.
    """
    c, s, zero = torch.cos(angles), torch.sin(angles), torch.zeros_like(angles)
    theta = torch.stack([torch.stack([c, -s, zero], 1), torch.stack([s, c, zero], 1)], 1)
    grid = F.affine_grid(theta.to(maps.dtype), list(maps.shape), align_corners=False)
    return F.grid_sample(maps, grid, mode="bilinear", align_corners=False)


def build_reward_network(config: PushConfig) -> nn.Module:
    """The PushReward network that a configuration names (not GlimpseQ)."""
    workspace, box = config.world.scene.workspace, config.world.scene.box
    centre = workspace.to_pixel(*workspace.centre)
    target = box.mouth(workspace) if box is not None else centre
    if config.network == "densenet":
        return DenseNetReward(config.densenet, config.densenet_upscale)
    if config.network == "densenet-rotate":
        return RotatingReward(config.densenet, config.densenet_upscale)
    return HourglassReward(config.hourglass, target if config.network == "hourglass-pos" else None)
