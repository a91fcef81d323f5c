"""What an arm observes: one camera's colours and depths, and its own joints and fingers.

view = RgbdView(rgb, depth, Intrinsics(175.8, 175.8, 63.5, 63.5), T_world_camera)
view.points[row, column]                    # world point [m] that a pixel shows
view.project(np.array([[0.5, 0.0, 0.1]]))   # pixel (column, row) of a world point
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from saccade.errors import UserInputError
from saccade.worlds.cameras import (
    Intrinsics,
    check_depth,
    check_pose,
    pixels_from_points,
    points_from_depth,
)
from saccade.worlds.workspace import FARTHEST

UNIT_WITHIN = 1e-2
"""Largest distance of the length of a quaternion from 1."""


@dataclass(frozen=True, eq=False)
class RgbdView:
    """What one camera sees: colour and depth of the same pixels, and where the camera stands.

    Attributes:
        rgb: Colours (h, w, 3), 0 to 255.
        depth: Depth along the optical axis (h, w) [m]; 0 where nothing was measured. NaN is taken
            for 0, and other floating point types are converted.
        intrinsics: The camera's pinhole parameters [pixels].
        T_world_camera: Pose of the camera (OpenCV frame: x right, y down, z forward) in the
            world, (4, 4).

    Raises:
        UserInputError: A shape, type or value is not as said here.
    """

    rgb: UInt8[np.ndarray, "h w 3"]
    depth: Float[np.ndarray, "h w"]
    intrinsics: Intrinsics
    T_world_camera: Float[np.ndarray, "4 4"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", check_depth(self.depth))
        object.__setattr__(self, "T_world_camera", check_pose(self.T_world_camera))
        rgb = self.rgb
        if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8:
            given = getattr(rgb, "dtype", type(rgb).__name__)
            raise UserInputError(f"rgb is of type {given}; expected uint8, 0 to 255")
        if rgb.shape != (*self.depth.shape, 3):
            raise UserInputError(
                f"rgb has shape {rgb.shape} and depth {self.depth.shape}; expected (height, width, "
                "3) and (height, width) of the same pixels"
            )
        if self.depth.min() < 0:
            raise UserInputError(f"depth holds {self.depth.min():g} m; expected 0 or more")
        height, width = self.depth.shape
        check_principal_point(self.intrinsics, width, height)

    @property
    def height(self) -> int:
        """Number of rows [pixels]."""
        return self.depth.shape[0]

    @property
    def width(self) -> int:
        """Number of columns [pixels]."""
        return self.depth.shape[1]

    @cached_property
    def points(self) -> Float[np.ndarray, "h w 3"]:
        """World points [m] that the pixels show, float32; the camera's centre where depth is 0."""
        return points_from_depth(self.depth, self.intrinsics, self.T_world_camera)

    def project(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 2"]:
        """Pixels (column x, row y) of world points [m], not rounded; NaN behind the camera."""
        return pixels_from_points(points, self.intrinsics, self.T_world_camera)


@dataclass(frozen=True, eq=False)
class Proprioception:
    """What an arm knows of itself without looking.

    Attributes:
        tip_pose: Position [m] and unit quaternion (w, x, y, z) of the tip between the fingers, in
            the world (7).
        gripper_open: Opening of the gripper as a share of its widest, 0 to 1.
        finger_positions: How far each of two fingers is from closed (2) [m].
        joint_positions: Angles of the arm's joints (j) [rad].
        joint_velocities: Speeds of the same joints (j) [rad/s].

    Raises:
        UserInputError: A shape or value is not as said here.
    """

    tip_pose: Float[np.ndarray, "7"]
    gripper_open: float
    finger_positions: Float[np.ndarray, "2"]
    joint_positions: Float[np.ndarray, " j"]
    joint_velocities: Float[np.ndarray, " j"]

    def __post_init__(self) -> None:
        _check_numbers("tip_pose", self.tip_pose, (7,))
        _check_numbers("finger_positions", self.finger_positions, (2,))
        joints = np.shape(self.joint_positions)[:1]
        _check_numbers("joint_positions", self.joint_positions, joints or (7,))
        _check_numbers("joint_velocities", self.joint_velocities, joints)
        check_unit(self.tip_pose[3:], "tip_pose")
        if not 0 <= self.gripper_open <= 1:
            raise UserInputError(f"gripper_open is {self.gripper_open}; expected 0 to 1")


@dataclass(frozen=True, eq=False)
class Observation:
    """What an arm sees and knows at one moment.

    Attributes:
        view: The camera's view.
        proprioception: The state of the arm itself.
    """

    view: RgbdView
    proprioception: Proprioception


def check_principal_point(intrinsics: Intrinsics, width: int, height: int) -> None:
    """Refuse intrinsics whose principal point is off the image: those of another image size.

    Raises:
        UserInputError: The message has the point and the size.
    """
    cx, cy = intrinsics.cx, intrinsics.cy
    if not (0 <= cx < width and 0 <= cy < height):
        raise UserInputError(
            f"the principal point (cx {cx:g}, cy {cy:g}) lies outside the {width} x {height} "
            "image; expected the intrinsics of this very image size"
        )


def check_unit(quaternions: Float[np.ndarray, "*n 4"], name: str) -> None:
    """Refuse quaternions that are not of length 1.

    Raises:
        UserInputError: The message has `name` and one of the lengths.
    """
    lengths = np.linalg.norm(quaternions, axis=-1)
    wrong = ~(np.abs(lengths - 1) <= UNIT_WITHIN)
    if wrong.any():
        raise UserInputError(
            f"{name} has a quaternion of length {np.ravel(lengths[wrong])[0]:.3g}; expected a unit "
            "quaternion (w, x, y, z) after the position"
        )


def _check_numbers(name: str, value: Any, shape: tuple[int, ...]) -> None:
    """Refuse what is no array of finite floating point numbers of a shape."""
    if not isinstance(value, np.ndarray) or not np.issubdtype(value.dtype, np.floating):
        given = getattr(value, "dtype", type(value).__name__)
        raise UserInputError(f"{name} is of type {given}; expected an array of floating point")
    if value.shape != shape:
        raise UserInputError(f"{name} has shape {value.shape}; expected {shape}")
    if not (np.abs(value) <= FARTHEST).all():
        raise UserInputError(f"{name} holds NaN or infinite values; expected finite SI units")
