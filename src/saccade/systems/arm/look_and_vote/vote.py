"""Voting: each pixel of the crop at the attended point votes for poses of the tip.

A vote has a position, two axes, a logit of the open gripper, and a logit of the vote's own share.
Of the poses that a pixel votes for, the first, third, ... are counted from the point that it shows,
the others from where the hand is: "to the left of this edge", "up from here".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.networks.blocks import ConvNorm
from saccade.systems.arm.look_and_vote.config import VoteConfig
from saccade.systems.arm.look_and_vote.images import Images

NEAR = 0.05
"""Scale of points and votes relative to the attended point [m]."""
MOST = 4.0
"""Largest scaled coordinate of a point."""
TIP_SCALE = 0.1
"""Scale of the tip's position relative to the attended point [m]."""
KNOWN = 10
"""Numbers that are known of the hand: position (3), opening (1), axes (6)."""
VOTE = 11
"""Numbers of a vote: position (3), axes (6), logits of the gripper and of the share."""


class Votes(NamedTuple):
    """Votes of p pixels for k poses each; positions are relative to the attended point.

    Attributes:
        positions: Positions of the tip [m].
        axes: Approach and closing axes, of any length.
        open: Logits of the open gripper.
        shares: Logarithms of the shares, which sum to one over all votes of a crop.
    """

    positions: Float[Tensor, "n p k 3"]
    axes: Float[Tensor, "n p k 6"]
    open: Float[Tensor, "n p k"]
    shares: Float[Tensor, "n p k"]


class VoteNetwork(nn.Module):
    """Votes of the pixels of a crop, from what is seen there and known of the hand."""

    def __init__(self, config: VoteConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.enter = _layer(6, w, 3)
        self.local = _layer(w, w, 3)
        self.known = nn.Sequential(nn.Linear(KNOWN, w), nn.ReLU(inplace=True), nn.Linear(w, w))
        self.joint = _layer(w, w, 3)
        self.whole = nn.Sequential(
            nn.Linear(3 * w, 2 * w), nn.ReLU(inplace=True), nn.Linear(2 * w, w)
        )
        self.each = nn.ModuleList(_layer(w, w, 1) for _ in range(2))
        self.leave = nn.Conv2d(w, config.hypotheses * VOTE, 1)

    def forward(self, maps: Float[Tensor, "n 6 c c"], known: Float[Tensor, "n 10"]) -> Votes:
        x = self.enter(maps)
        x = x + self.local(x)
        hand = self.known(known)
        x = x + self.joint(x + hand[:, :, None, None])
        whole = self.whole(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3)), hand], dim=1))
        x = self.each[0](x) + whole[:, :, None, None]
        x = x + self.each[1](x)
        with torch.autocast(x.device.type, enabled=False):  # millimetres need float32
            return self._votes(self.leave(x.float()), maps[:, 3:], known)

    def _votes(
        self,
        out: Float[Tensor, "n _ c c"],
        points: Float[Tensor, "n 3 c c"],
        known: Float[Tensor, "n 10"],
    ) -> Votes:
        """Votes of numbers a pixel."""
        n, k = len(out), self.config.hypotheses
        votes = out.view(n, k, VOTE, -1).permute(0, 3, 1, 2)
        here = points.flatten(2).transpose(1, 2)[:, :, None] * NEAR
        hand = (known[:, :3] * TIP_SCALE)[:, None, None]
        from_hand = (torch.arange(k, device=out.device) % 2 == 1)[None, None, :, None]
        positions = votes[..., :3] * NEAR + torch.where(from_hand, hand, here)
        axes = votes[..., 3:9] + from_hand * known[:, None, None, 4:]
        shares = votes[..., 10].flatten(1).log_softmax(dim=1).view_as(votes[..., 10])
        return Votes(positions, axes, votes[..., 9], shares)


def _layer(inputs: int, outputs: int, kernel: int) -> ConvNorm:
    return ConvNorm(inputs, outputs, kernel, norm="group", padding="zeros")


def vote_inputs(
    images: Images,
    attended: Float[np.ndarray, "n 3"],
    tips: Float[np.ndarray, "n 3"],
    axes: Float[np.ndarray, "n 6"],
    opening: Float[np.ndarray, " n"],
) -> tuple[Float[Tensor, "n 6 c c"], Float[Tensor, "n 10"]]:
    """What the network sees of crops, and knows: all of it relative to the attended points."""
    maps = images.transpose(0, 3, 1, 2).copy()
    points = maps[:, 3:]
    points -= attended[:, :, None, None]
    points /= NEAR
    np.clip(points, -MOST, MOST, out=points)
    away = np.clip((tips - attended) / TIP_SCALE, -MOST, MOST)
    known = np.concatenate([away, 2 * opening[:, None] - 1, axes], axis=1).astype(np.float32)
    return torch.from_numpy(maps), torch.from_numpy(known)
