"""The networks of the next-best pose agent (Figure 2): what is shared, the actor, the critics."""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.pixel_argmax import soft_attention
from saccade.errors import UserInputError
from saccade.networks.blocks import initialise, make_conv
from saccade.systems.arm.off_policy.layers import ConvLayer, PooledHead, ResidualLayers, tiled
from saccade.systems.arm.off_policy.pose_space import ACTION_SIZE
from saccade.systems.arm.paper_method.next_best_pose.config import MAPS, PoseConfig
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig
from saccade.systems.arm.paper_method.q_attention.network import QAttentionNetwork

Images = Float[Tensor, "n 6 h w"]
Features = Float[Tensor, "n c rows columns"]
Vectors = Float[Tensor, "n p"]
Maps = Float[Tensor, "n y x"]


class SharedTrunk(nn.Module):
    """Colours and points each through a convolution, concatenated.

    A whole view is halved until its maps are no larger than a crop's; with soft attention it is
    first weighed by a map of a Q-attention network, which nothing but this trains.

    Args:
        config: Settings of the agent.
        attention: Settings of the soft attention's network.
        view: Side of the view [pixels].

    Raises:
        UserInputError: The view cannot be halved to the size of the maps.
    """

    def __init__(self, config: PoseConfig, attention: QAttentionConfig, view: int) -> None:
        super().__init__()
        self.rgb_stem = ConvLayer(3, config.stem)
        self.points_stem = ConvLayer(3, config.stem)
        self.attention = QAttentionNetwork(attention) if config.look == "soft" else None
        halvings = 0 if config.look == "crop" else _halvings(view)
        width = self.width = 2 * config.stem
        self.down = nn.Sequential(*[ConvLayer(width, width, stride=2) for _ in range(halvings)])

    def forward(self, images: Images) -> Features:
        rgb, points = images.chunk(2, dim=1)
        features = torch.cat([self.rgb_stem(rgb), self.points_stem(points)], dim=1)
        if self.attention is not None:
            features = soft_attention(self.attention(images), features)
        return self.down(features)


def _halvings(view: int) -> int:
    """How often a view is halved to become maps of `MAPS` pixels."""
    times = max(0, (view // MAPS).bit_length() - 1)
    if MAPS << times != view:
        raise UserInputError(
            f"view is {view} pixels; without hard attention expected {MAPS} times a power of two"
        )
    return times


class Actor(nn.Module):
    """Mean and logarithm of the standard deviation of the squashed Gaussian."""

    def __init__(self, inputs: int, config: PoseConfig) -> None:
        super().__init__()
        self._log_std = config.log_std
        width = config.actor
        self.layers = nn.Sequential(ConvLayer(inputs, width, 1), ConvLayer(width, width))
        self.head = PooledHead(width, width, 2 * ACTION_SIZE)

    def forward(
        self, features: Features, proprioception: Vectors
    ) -> tuple[Float[Tensor, "n 8"], Float[Tensor, "n 8"]]:
        maps = self.layers(tiled(features, proprioception))
        mean, log_std = self.head(maps).chunk(2, dim=1)
        return mean, log_std.clamp(*self._log_std)


class Critic(nn.Module):
    """Q and its confidence a pixel; with `confidence` off, one Q that is certain (n, 1, 1)."""

    def __init__(self, inputs: int, config: PoseConfig) -> None:
        super().__init__()
        kind = ResidualLayers if config.residual else ConvLayer
        widths = (inputs + ACTION_SIZE, *(config.critic,) * config.depth)
        self.layers = nn.Sequential(*[kind(a, b) for a, b in pairwise(widths)])
        last = widths[-1]
        self._confident = config.confidence
        self.head = (
            make_conv(last, 2, 3, padding="zeros")
            if config.confidence
            else PooledHead(last, config.actor, 1)
        )

    def forward(
        self, features: Features, proprioception: Vectors, codes: Float[Tensor, "n 8"]
    ) -> tuple[Maps, Maps]:
        maps = self.layers(tiled(features, proprioception, codes))
        # In reduced precision a Q of 100 would be rounded to halves.
        with torch.autocast(maps.device.type, enabled=False):
            out = self.head(maps.float())
        if not self._confident:
            q = out[:, :, None]
            return q, torch.ones_like(q)
        q, logit = out.unbind(dim=1)
        return q, logit.sigmoid()


class TwinCritic(nn.Module):
    """What actor and critics share, and two critics on it."""

    def __init__(
        self,
        config: PoseConfig,
        attention: QAttentionConfig,
        view: int,
        proprioception: int,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.trunk = SharedTrunk(config, attention, view)
        inputs = self.trunk.width + proprioception
        self.twins = nn.ModuleList([Critic(inputs, config) for _ in range(2)])
        initialise(self, generator)

    def both(
        self, features: Features, proprioception: Vectors, codes: Float[Tensor, "n 8"]
    ) -> tuple[tuple[Maps, Maps], tuple[Maps, Maps]]:
        """Q and confidence of each critic, of features of the trunk."""
        first, second = self.twins
        return first(features, proprioception, codes), second(features, proprioception, codes)
