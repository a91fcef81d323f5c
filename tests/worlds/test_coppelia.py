from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.cameras import pixels_from_points
from saccade.worlds.coppelia import camera_from_coppelia, pose_from_coppelia, pose_to_coppelia

LENS = np.array([[-175.8, 0, 64], [0, -175.8, 64], [0, 0, 1]])
FRONT = np.array([[0, 0, -1, 1.35], [-1, 0, 0, 0], [0, 1, 0, 1.6], [0, 0, 0, 1.0]])
"""A camera at x = 1.35 that looks along -x: its x to the left, its y up."""


def test_a_camera_is_ours_with_x_to_the_right_and_y_down() -> None:
    lens, pose = camera_from_coppelia(LENS, FRONT)
    assert (lens.fx, lens.fy, lens.cx, lens.cy) == (175.8, 175.8, 64, 64)
    np.testing.assert_array_equal(pose[:3, 0], (0, 1, 0))
    np.testing.assert_array_equal(pose[:3, 1], (0, 0, -1))
    np.testing.assert_array_equal(pose[:3, 2], (-1, 0, 0))


def test_a_point_has_the_pixel_that_their_own_matrices_give() -> None:
    lens, pose = camera_from_coppelia(LENS, FRONT)
    points = np.array([[0.3, 0.2, 1.4], [0.1, -0.3, 1.9]])
    local = np.linalg.inv(FRONT) @ np.c_[points, np.ones(2)].T
    theirs = LENS @ local[:3]
    np.testing.assert_allclose(pixels_from_points(points, lens, pose), (theirs[:2] / theirs[2]).T)


def test_positive_focal_lengths_are_taken_as_they_are() -> None:
    lens, pose = camera_from_coppelia(np.abs(LENS), np.eye(4))
    assert lens.fx == 175.8
    np.testing.assert_array_equal(pose, np.eye(4))


def test_quaternions_change_places_and_back() -> None:
    pose = np.array([[1.0, 2, 3, 0.1, 0.2, 0.3, 0.9]])
    ours = pose_from_coppelia(pose)
    assert ours.tolist() == [[1, 2, 3, 0.9, 0.1, 0.2, 0.3]]
    np.testing.assert_array_equal(pose_to_coppelia(ours), pose)
    np.testing.assert_array_equal(pose_from_coppelia(pose[0]), ours[0])


@pytest.mark.parametrize("change", [(0, 0, 175.8), (0, 1, 0.1), (1, 1, 0.0)])
def test_focal_lengths_of_two_signs_or_a_skew_are_refused(change: tuple[int, int, float]) -> None:
    lens = LENS.copy()
    lens[change[0], change[1]] = change[2]
    with pytest.raises(UserInputError, match="two of the same sign, without skew"):
        camera_from_coppelia(lens, FRONT)
