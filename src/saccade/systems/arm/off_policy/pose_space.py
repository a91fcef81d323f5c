"""Poses as the agent's networks give and take them.

An action is the tip's position [m], its unit quaternion (w, x, y, z) and the gripper (1 is open),
in the world. Its code has the position in -1..1 between bounds, the rotation relative to pointing
straight down, as a unit quaternion with w >= 0, and the gripper as -1 (closed) or 1 (open).

The paper restricts w of the world's quaternion to be positive. A hand that points down has w near
0 there, where that fixes no sign; relative to pointing down it has w near 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.checks import check_choice
from saccade.errors import UserInputError

Frame = Literal["world", "attended"]
FRAMES: tuple[Frame, ...] = ("world", "attended")
ACTION_SIZE = 8
MARGIN = 0.1
"""Share of the demonstrated range by which the bounds reach beyond it, on either side."""
LEAST_MARGIN = 0.01
"""Least of it [m], for what never moved in the demonstrations."""

REACH = 0.05
"""Unit of positions relative to the attended point [m]: a crop reaches about as far."""
FARTHEST = 4.0
"""Largest such coordinate of a point."""

Actions = Float[Tensor, "n 8"]
Points = Float[Tensor, "n 3"]


@dataclass(frozen=True)
class PoseSpace:
    """Bounds of the positions, and the frame that they are in.

    Attributes:
        low: Least coordinates [m].
        high: Largest coordinates [m].
        frame: Origin of the coordinates: the "world"'s (the paper's) or the "attended" point's; the
            axes are the world's either way.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    frame: Frame = "world"

    def __post_init__(self) -> None:
        check_choice("frame", self.frame, FRAMES)
        if not all(low < high for low, high in zip(self.low, self.high, strict=True)):
            raise UserInputError(
                f"bounds of positions are {self.low} and {self.high}; expected low < high"
            )

    def encode(self, actions: Actions, attended: Points) -> Actions:
        """Codes of actions in the world."""
        low, high = self._bounds(actions)
        position = actions[:, :3] - self._origin(attended)
        position = 2 * (position - low) / (high - low) - 1
        gripper = torch.where(actions[:, 7:] > 0.5, 1.0, -1.0)
        return torch.cat([position, from_top_down(actions[:, 3:7]), gripper], dim=1)

    def decode(self, codes: Actions, attended: Points) -> Actions:
        """Actions in the world of codes."""
        low, high = self._bounds(codes)
        position = low + (codes[:, :3] + 1) / 2 * (high - low) + self._origin(attended)
        gripper = (codes[:, 7:] > 0).to(codes.dtype)
        return torch.cat([position, to_world(codes[:, 3:7]), gripper], dim=1)

    def centred_images(
        self, images: Float[Tensor, "n 6 h w"], attended: Points
    ) -> Float[Tensor, "n 6 h w"]:
        """Images whose points are in metres of the world, or relative to the attended point.

        There they are in units of `REACH`, and what is far behind is cut.
        """
        if self.frame == "world":
            return images
        points = (images[:, 3:] - attended[:, :, None, None]) / REACH
        return torch.cat([images[:, :3], points.clamp(-FARTHEST, FARTHEST)], dim=1)

    def centred_tip(
        self, proprioception: Float[Tensor, "n p"], attended: Points
    ) -> Float[Tensor, "n p"]:
        """What the arm knows of itself, the tip's position likewise."""
        if self.frame == "world":
            return proprioception
        return torch.cat([(proprioception[:, :3] - attended) / REACH, proprioception[:, 3:]], dim=1)

    def _bounds(self, like: Tensor) -> tuple[Tensor, Tensor]:
        return like.new_tensor(self.low), like.new_tensor(self.high)

    def _origin(self, attended: Points) -> Points:
        return attended if self.frame == "attended" else torch.zeros_like(attended)


def space_of(actions: Actions, attended: Points, frame: Frame) -> PoseSpace:
    """Bounds of demonstrated actions, with a margin of their range."""
    positions = actions[:, :3] - (attended if frame == "attended" else 0)
    low, high = positions.amin(dim=0), positions.amax(dim=0)
    margin = (MARGIN * (high - low)).clamp(min=LEAST_MARGIN)
    x, y, z = (low - margin).tolist()
    far_x, far_y, far_z = (high + margin).tolist()
    return PoseSpace((x, y, z), (far_x, far_y, far_z), frame)


def code_of(squashed: Actions) -> Actions:
    """Codes of numbers in -1..1, as an actor gives them: of four, a unit quaternion with w > 0."""
    scalar = ((squashed[:, 3:4] + 1) / 2).clamp(min=1e-4)  # never 0 / 0
    quaternion = torch.cat([scalar, squashed[:, 4:7]], dim=1)
    quaternion = quaternion / quaternion.norm(dim=1, keepdim=True)
    return torch.cat([squashed[:, :3], quaternion, squashed[:, 7:]], dim=1)


def from_top_down(world: Float[Tensor, "n 4"]) -> Float[Tensor, "n 4"]:
    """Rotation q (0, 1, 0, 0)^-1 that turns the tip from pointing down (x forward) to q; w >= 0."""
    w, x, y, z = world.unbind(dim=1)
    relative = torch.stack([x, -w, -z, y], dim=1)
    return torch.where(relative[:, :1] < 0, -relative, relative)


def to_world(relative: Float[Tensor, "n 4"]) -> Float[Tensor, "n 4"]:
    """Quaternion in the world of a rotation relative to pointing down: q (0, 1, 0, 0)."""
    w, x, y, z = relative.unbind(dim=1)
    return torch.stack([-x, w, z, -y], dim=1)
