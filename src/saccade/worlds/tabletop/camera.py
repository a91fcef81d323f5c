"""The front camera: it stands opposite the robot and looks down at the workspace."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from saccade.checks import check_positive, check_sizes
from saccade.errors import UserInputError
from saccade.worlds.cameras import MOST_PIXELS, Intrinsics
from saccade.worlds.workspace import FARTHEST

NEAREST, FARTHEST_SEEN = 0.05, 10.0
"""Clipping planes [m]."""


@dataclass(frozen=True)
class FrontCamera:
    """An RGB-D camera that looks along -x; a pixel is 7.7 mm wide at the table's centre.

    Attributes:
        position: Optical centre in the world [m].
        pitch: Angle of the optical axis below the horizontal [rad].
        yaw: Turn of the camera to its left about the vertical [rad].
        roll: Turn about the optical axis, clockwise as the camera sees itself [rad].
        field_of_view: Angle between the upper and the lower edge of the image [rad].
        width: Columns [pixels].
        height: Rows [pixels].
    """

    position: tuple[float, float, float] = (1.60, 0.0, 0.78)
    pitch: float = math.radians(25)
    yaw: float = 0.0
    roll: float = 0.0
    field_of_view: float = math.radians(40)
    width: int = 128
    height: int = 128

    def __post_init__(self) -> None:
        check_sizes(self, "width", "height", prefix="camera ", most=MOST_PIXELS)
        check_positive(self, "field_of_view", prefix="camera ")
        if self.field_of_view >= math.pi:
            raise UserInputError(
                f"camera field_of_view is {self.field_of_view}; expected radians, below pi"
            )
        if not all(abs(v) <= FARTHEST for v in (*self.position, self.pitch, self.yaw, self.roll)):
            raise UserInputError(
                f"camera position {self.position}, pitch {self.pitch}, yaw {self.yaw}, roll "
                f"{self.roll}; expected metres within 10 km and radians"
            )

    @property
    def intrinsics(self) -> Intrinsics:
        """Pinhole parameters [pixels]."""
        focal = self.height / (2 * math.tan(self.field_of_view / 2))
        return Intrinsics(focal, focal, (self.width - 1) / 2, (self.height - 1) / 2)

    @property
    def T_world_camera(self) -> Float[np.ndarray, "4 4"]:
        """Pose of the OpenCV camera frame (x right, y down, z forward) in the world."""
        cp, sp = math.cos(self.pitch), math.sin(self.pitch)
        cy, sy = math.cos(self.yaw), math.sin(self.yaw)
        cr, sr = math.cos(self.roll), math.sin(self.roll)
        # Columns: right, down and forward of a camera that looks along -x, pitched down.
        level = np.array([[0.0, sp, -cp], [1.0, 0.0, 0.0], [0.0, -cp, -sp]])
        about_z = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
        about_axis = np.array([[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]])
        pose = np.eye(4)
        pose[:3, :3] = about_z @ level @ about_axis
        pose[:3, 3] = self.position
        return pose

    def moved(self, rng: np.random.Generator, shift: float, turn: float) -> FrontCamera:
        """The camera knocked about: shifted by a distance [m] and turned by an angle [rad], each in
        a random direction."""
        way, axis = rng.normal(size=3), rng.normal(size=3)
        way *= shift / np.linalg.norm(way)
        axis *= turn / np.linalg.norm(axis)
        x, y, z = (float(p + w) for p, w in zip(self.position, way, strict=True))
        pitch, yaw, roll = (
            float(v + a) for v, a in zip((self.pitch, self.yaw, self.roll), axis, strict=True)
        )
        return replace(self, position=(x, y, z), pitch=pitch, yaw=yaw, roll=roll)
