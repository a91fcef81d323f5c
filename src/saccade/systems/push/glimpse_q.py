"""GlimpseQ: the value of a push from a small oriented crop around it.

Where the papers' networks value all 224 x 224 x 16 pushes, GlimpseQ looks only where the attention
mask allows, and each time in the frame of the push: one network serves all directions, mirror
images are the same problem, and a training sample costs a crop instead of a map. What the table's
edges, the box and the way to it look like from there comes in as three more channels.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.directions import direction_vectors
from saccade.attention.oriented_glimpse import GlimpseConfig
from saccade.checks import check_sizes
from saccade.errors import UserInputError
from saccade.systems.push.targets import Goals, cost_to_go, inside_box
from saccade.worlds.workspace import Workspace

CHANNELS = 4
"""Number of channels of a glimpse: height, table, box, cost to go."""
RAYS = np.deg2rad([0.0, 45.0, 90.0, -45.0, -90.0]).astype(np.float32)
"""Directions, from the push's, in which the table is measured: what rolls may leave the crop."""
MIRRORED_RAYS = [0, 3, 4, 1, 2]
"""Index of the ray that each becomes in the mirror image."""
SCALARS = 2 + 2 * len(RAYS)
"""Number of scalars: the camera's direction in the frame of the push (occlusion shadows fall away
from it), and for each ray how far the table reaches and whether the box lies there."""
OUTPUTS = 2
"""Number of outputs: gain [pushes] and logit of losing an object."""
HEIGHT_SCALE = 10.0
COST_SCALE = 0.25
RAY_SCALE = 4.0
"""Factors that bring heights [m], costs [pushes] and distances [m] to the order of one."""
STEM_KERNEL = 5
SHRINKAGE = 8
"""Pixels of a glimpse a side for one of the feature map: the stem and two poolings halve it."""
ALMOST_PARALLEL = 1e-6
"""Smallest component of a ray's direction that is divided by."""


@dataclass(frozen=True)
class GlimpseQConfig:
    """Size of the network.

    Attributes:
        widths: Channels of the stem and of the three resolutions after it.
        hidden: Units of the fully connected layer.
        glimpse: Geometry of the crop: 0.24 x 0.288 m at 6 mm a pixel.
    """

    widths: tuple[int, int, int, int] = (24, 32, 48, 64)
    hidden: int = 128
    glimpse: GlimpseConfig = field(
        default_factory=lambda: GlimpseConfig(resolution=0.006, height=40, width=48, back=0.06)
    )

    def __post_init__(self) -> None:
        check_sizes(self, "widths", "hidden")
        sides = self.glimpse.height, self.glimpse.width
        if min(sides) < SHRINKAGE:
            raise UserInputError(
                f"a glimpse of {sides[0]} x {sides[1]} pixels; expected {SHRINKAGE} or more"
            )


class GlimpseQ(nn.Module):
    """Values pushes from their glimpses.

    Args:
        config: Size of the network.
    """

    def __init__(self, config: GlimpseQConfig) -> None:
        super().__init__()
        self.config = config
        stem, a, b, c = config.widths
        self.features = nn.Sequential(
            nn.Conv2d(CHANNELS, stem, STEM_KERNEL, stride=2, padding=STEM_KERNEL // 2, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(),
            *_conv(stem, a),
            nn.MaxPool2d(2),
            *_conv(a, b),
            *_conv(b, b),
            nn.MaxPool2d(2),
            *_conv(b, c),
            *_conv(c, c),
            nn.Flatten(),
        )
        cells = (config.glimpse.height // SHRINKAGE) * (config.glimpse.width // SHRINKAGE)
        self.head = nn.Sequential(
            nn.Linear(c * cells + SCALARS, config.hidden),
            nn.ReLU(),
            nn.Linear(config.hidden, OUTPUTS),
        )

    def forward(
        self, glimpses: Float[Tensor, "n 4 h w"], scalars: Float[Tensor, "n 12"]
    ) -> Float[Tensor, "n 2"]:
        """Gain [pushes] and logit of losing an object, for each glimpse."""
        return self.head(torch.cat([self.features(glimpses), scalars], dim=1))


def _conv(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def glimpse_inputs(
    heights: Float[np.ndarray, "n h w"],
    rows: np.ndarray,
    cols: np.ndarray,
    directions: np.ndarray,
    goals: Goals,
    workspace: Workspace,
    config: GlimpseConfig,
) -> tuple[Float[np.ndarray, "n 4 h w"], Float[np.ndarray, "n 12"]]:
    """Assemble the network's inputs for N pushes.

    Args:
        heights: Height glimpses [m].
        rows: Start rows (N,).
        cols: Start columns (N,).
        directions: Directions (N,), 0 to 15.
        goals: Goal of each push.
        workspace: The table.
        config: Geometry that the heights were cropped with.
    """
    n, (h, w) = len(rows), heights.shape[1:]
    u = direction_vectors()[directions].astype(np.float32)
    x0 = (workspace.x_min + workspace.pixel * cols).astype(np.float32)
    y0 = (workspace.y_min + workspace.pixel * rows).astype(np.float32)
    ahead = (np.arange(w, dtype=np.float32) - config.back_columns) * np.float32(config.resolution)
    beside = (np.arange(h, dtype=np.float32) - (h - 1) / 2) * np.float32(config.resolution)
    ahead, beside = np.tile(ahead, h), np.repeat(beside, w)
    x = x0[:, None] + u[:, :1] * ahead - u[:, 1:] * beside
    y = y0[:, None] + u[:, 1:] * ahead + u[:, :1] * beside
    inputs = np.empty((n, CHANNELS, h * w), np.float32)
    inputs[:, 0] = heights.reshape(n, -1)
    inputs[:, 0] *= HEIGHT_SCALE
    size = workspace.size
    inputs[:, 1] = (
        (x > workspace.x_min)
        & (x < workspace.x_min + size)
        & (y > workspace.y_min)
        & (y < workspace.y_min + size)
    )
    inputs[:, 2] = inside_box(x, y, goals)
    inputs[:, 3] = cost_to_go(x, y, goals)
    inputs[:, 3] *= COST_SCALE
    # The camera stands towards +y: its direction is v-wards cos and u-wards sin.
    camera = np.stack([u[:, 1], u[:, 0]], axis=1)
    scalars = np.concatenate([camera, *_rays(x0, y0, u, goals, workspace)], axis=1)
    return inputs.reshape(n, CHANNELS, h, w), scalars


def _rays(
    x: Float[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    u: Float[np.ndarray, "n 2"],
    goals: Goals,
    workspace: Workspace,
) -> tuple[Float[np.ndarray, "n rays"], Float[np.ndarray, "n rays"]]:
    """For each of RAYS: scaled distance to the table's edge, and 1 where the box lies there."""
    c, s = np.cos(RAYS), np.sin(RAYS)
    dx, dy = u[:, :1] * c - u[:, 1:] * s, u[:, 1:] * c + u[:, :1] * s
    (cx, cy), half = workspace.centre, workspace.size / 2
    away = [
        (half - np.sign(d) * (p - centre)[:, None]) / np.maximum(np.abs(d), ALMOST_PARALLEL)
        for p, d, centre in ((x, dx, cx), (y, dy, cy))
    ]
    reach = np.minimum(*away)
    boxed = inside_box(x[:, None] + reach * dx, y[:, None] + reach * dy, goals)
    return (RAY_SCALE * reach).astype(np.float32), boxed.astype(np.float32)


def mirror_inputs(
    inputs: Float[np.ndarray, "n 4 h w"], scalars: Float[np.ndarray, "n 12"], flip: np.ndarray
) -> None:
    """Reflect, in place, the samples chosen by the boolean `flip` about the line of the push."""
    inputs[flip] = inputs[flip][:, :, ::-1]
    scalars[flip, 1] *= -1
    rays = scalars[flip, 2:].reshape(-1, 2, len(RAYS))[:, :, MIRRORED_RAYS]
    scalars[flip, 2:] = rays.reshape(-1, 2 * len(RAYS))
