"""Conventions of CoppeliaSim, which RLBench stands on, and ours.

Its cameras look along z with x to the left and y up, and have negative focal lengths instead; its
quaternions are (x, y, z, w).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from saccade.errors import UserInputError
from saccade.worlds.cameras import Intrinsics, check_pose


def camera_from_coppelia(
    intrinsic_matrix: Float[np.ndarray, "3 3"], extrinsic_matrix: Float[np.ndarray, "4 4"]
) -> tuple[Intrinsics, Float[np.ndarray, "4 4"]]:
    """Pinhole parameters [pixels] and T_world_camera (OpenCV frame) of a camera of CoppeliaSim.

    Args:
        intrinsic_matrix: Its matrix of focal lengths, negative or not, and principal point.
        extrinsic_matrix: Its pose in the world.

    Raises:
        UserInputError: The matrices are none of a camera.
    """
    (fx, skew, cx), (zero, fy, cy) = np.asarray(intrinsic_matrix, float)[:2].tolist()
    if skew != 0 or zero != 0 or not fx * fy > 0:
        raise UserInputError(
            f"camera intrinsics have focal lengths {fx:g} and {fy:g} and skew {skew:g}; expected "
            "two of the same sign, without skew"
        )
    # Turning the camera by half a turn about its axis of view changes both signs.
    turn = np.diag([np.sign(fx), np.sign(fy), 1.0, 1.0])
    pose = check_pose(np.asarray(extrinsic_matrix, float)) @ turn
    return Intrinsics(abs(fx), abs(fy), cx, cy), pose


def pose_from_coppelia(pose: Float[np.ndarray, "*n 7"]) -> Float[np.ndarray, "*n 7"]:
    """Positions and quaternions (w, x, y, z) of those with (x, y, z, w)."""
    return np.asarray(pose)[..., [0, 1, 2, 6, 3, 4, 5]]


def pose_to_coppelia(pose: Float[np.ndarray, "*n 7"]) -> Float[np.ndarray, "*n 7"]:
    """Positions and quaternions (x, y, z, w) of those with (w, x, y, z)."""
    return np.asarray(pose)[..., [0, 1, 2, 4, 5, 6, 3]]
