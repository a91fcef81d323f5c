"""The push system at its smallest: networks of a few channels, worlds of two objects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from saccade.attention.oriented_glimpse import GlimpseConfig
from saccade.networks.densenet import DenseNetConfig
from saccade.networks.hourglass import HourglassConfig
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import (
    DataConfig,
    FitConfig,
    MaskConfig,
    MaskKind,
    Network,
    OnlineConfig,
    PolicyConfig,
    PushConfig,
)
from saccade.systems.push.glimpse_q import GlimpseQ, GlimpseQConfig
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.policy import GlimpsePolicy, PushPolicy, QMapPolicy
from saccade.systems.push.record import Mix, RecordConfig
from saccade.worlds.push_box import SceneConfig, WorldConfig
from saccade.worlds.scenarios import Block, Scenario

WORLD = WorldConfig(scene=SceneConfig(arm=False), use_gl=False, settle_time=1.0)
HOURGLASS = HourglassConfig(
    out_channels=16, stem_width=4, stem_kernel=3, stem_stride=2, front_widths=(), width=4, levels=1,
    encoder_blocks=1, bottleneck_blocks=1, skip_blocks=1, decoder_blocks=0, block="basic",
    padding="zeros", head_kernel=1, head_hidden=0,
)  # fmt: skip
DENSENET = DenseNetConfig(growth=2, blocks=(1, 1), init_features=4, classes=0)
GLIMPSE = GlimpseQConfig(
    widths=(2, 2, 3, 4),
    hidden=4,
    glimpse=GlimpseConfig(resolution=0.012, height=16, width=24, back=0.06),
)
RECORDING = RecordConfig(
    min_objects=1, max_objects=2, pushes=3, mix=Mix(0.2, 0.4, 0.4), world=WORLD
)


def tiny_config(
    network: Network = "glimpse", mask: MaskKind = "learned", gamma: float = 0.0
) -> PushConfig:
    """Every stage in a few steps."""
    return PushConfig(
        network=network,
        gamma=gamma,
        hourglass=HOURGLASS,
        densenet=DENSENET,
        glimpse=GLIMPSE,
        mask=MaskConfig(
            kind=mask, network=HOURGLASS, heuristic_steps=2, refine_steps=2, batch=2,
            changed_pixels=100, test_pushes=5,
        ),
        data=DataConfig(episodes=3, max_objects=2, pushes=3, uniform=0.2, near=0.4),
        offline=FitConfig(steps=5, batch=3, checkpoint_every=2),
        online=OnlineConfig(
            rounds=1, episodes=2, pushes=2, epsilon=0.3, steps=3, batch=3, target_update=2,
            checkpoint_every=2,
        ),
        policy=PolicyConfig(candidates=12, refine=6),
        precision="float32",
        world=WORLD,
    )  # fmt: skip


def tiny_policy(network: Network, mask: MaskKind = "edge", explore: float = 0.0) -> PushPolicy:
    """A policy with untrained networks, the same at every call."""
    torch.manual_seed(3)
    config = tiny_config(network, mask)
    push_mask = PushMask(HOURGLASS).eval() if mask == "learned" else None
    attention = Attention(config, push_mask, 0.5)
    if network == "glimpse":
        return GlimpsePolicy(config, attention, GlimpseQ(GLIMPSE).eval(), explore)
    return QMapPolicy(config, attention, build_reward_network(config).eval(), explore)


class FixedMaps(nn.Module):
    """A network that answers every heightmap with the same maps."""

    def __init__(self, maps: np.ndarray) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.from_numpy(maps.astype(np.float32))[None])

    def forward(self, heights: torch.Tensor) -> torch.Tensor:
        return self.maps.expand(len(heights), -1, -1, -1)


def fixed_policy(
    q: np.ndarray,
    probability: np.ndarray,
    threshold: float = 0.5,
    *,
    soft: bool = False,
    explore: float = 0.0,
) -> QMapPolicy:
    """A policy whose Q map and mask probabilities are given."""
    config = tiny_config("hourglass", "learned")
    config = replace(config, mask=replace(config.mask, soft=soft))
    with np.errstate(divide="ignore"):
        logits = np.log(probability) - np.log1p(-probability)
    attention = Attention(config, FixedMaps(logits), threshold)  # pyright: ignore[reportArgumentType]
    return QMapPolicy(config, attention, FixedMaps(q), explore)


def block_map(row: int = 100, col: int = 120, side: int = 25, height: float = 0.05) -> np.ndarray:
    """A heightmap (224, 224) [m] of one box-shaped object with its first corner at (row, col)."""
    heightmap = np.zeros((224, 224), np.float32)
    heightmap[row : row + side, col : col + side] = height
    return heightmap


def cube_at(*places: tuple[float, float]) -> Scenario:
    """Cubes that rest on the table at world (x, y) [m]."""
    upright = (1.0, 0.0, 0.0, 0.0)
    return Scenario(tuple(Block("cube", "red", (x, y, 0.7251), upright) for x, y in places))
