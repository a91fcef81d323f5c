"""What every method of the system decides: where to look, and the pose to go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float

from saccade.attention.pixel_argmax import crop_corner
from saccade.worlds.rgbd import Observation, RgbdView


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision: the attended pixel, and the next-best pose.

    Attributes:
        pixel: Attended pixel (column x, row y) of the image.
        corner: Top-left pixel (x, y) of the crop around it.
        crop: Side of the crop [pixels].
        attention: Value of every pixel (h, w), in the size that attention works in; higher is more
            attended.
        tip_pose: Position [m] and unit quaternion (w, x, y, z) to bring the tip to, in the world.
        gripper_open: Whether the gripper shall be open there.
    """

    pixel: tuple[int, int]
    corner: tuple[int, int]
    crop: int
    attention: Float[np.ndarray, "h w"]
    tip_pose: Float[np.ndarray, "7"]
    gripper_open: bool

    @classmethod
    def at(
        cls, view: RgbdView, pixel: tuple[int, int], crop: int, attention: Float[np.ndarray, "h w"],
        tip_pose: Float[np.ndarray, "7"], gripper_open: bool,
    ) -> Decision:  # fmt: skip
        """The decision at a pixel of a view, from the crop (side in pixels) around it."""
        x, y = crop_corner(np.array(pixel), (view.height, view.width), crop)
        return cls(pixel, (int(x), int(y)), crop, attention, tip_pose, gripper_open)

    @property
    def action(self) -> Float[np.ndarray, "8"]:
        """The pose and the gripper (1 is open), as the environments take them."""
        return np.append(self.tip_pose, float(self.gripper_open)).astype(np.float32)


class ArmPolicy(Protocol):
    """Chooses the next-best pose of what it sees."""

    @property
    def task(self) -> str:
        """Name of the task that it was trained for; "" where there is none."""
        ...

    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Decide.

        Args:
            observation: What is seen and known.
            rng: Source of chance for exploring; None for what the policy thinks best.
        """
        ...
