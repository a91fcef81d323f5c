"""Axes of a hand against rotations written out by hand, and mirrored hands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from saccade.systems.arm.look_and_vote.axes import axes_of, mirrored, quaternion_of

DOWN = np.array([0.0, 1.0, 0.0, 0.0])


def random_quaternions(n: int) -> np.ndarray:
    q = np.random.default_rng(0).standard_normal((n, 4))
    return q / np.linalg.norm(q, axis=1, keepdims=True)


def test_a_hand_that_points_down_closes_against_y() -> None:
    np.testing.assert_allclose(axes_of(DOWN), [0, 0, -1, 0, -1, 0], atol=1e-6)


def test_axes_are_columns_of_the_rotation() -> None:
    q = random_quaternions(20)
    rotations = Rotation.from_quat(q[:, [1, 2, 3, 0]]).as_matrix()
    expected = np.concatenate([rotations[:, :, 2], rotations[:, :, 1]], axis=1)
    np.testing.assert_allclose(axes_of(q), expected, atol=1e-6)


@pytest.mark.parametrize("stretch", [1.0, 3.0])
def test_quaternions_come_back_from_axes(stretch: float) -> None:
    for q in random_quaternions(20):
        back = quaternion_of(stretch * axes_of(q).astype(float))
        assert abs(back @ q) == pytest.approx(1, abs=1e-6)
        assert back[0] >= 0


def test_a_closing_axis_is_turned_to_a_right_angle() -> None:
    leaning = np.array([0, 0, -1, 0, -1, -0.5])
    assert abs(quaternion_of(leaning) @ DOWN) == pytest.approx(1)


def test_a_mirrored_hand_is_a_hand_that_points_where_the_mirror_shows() -> None:
    mirror = np.diag([1.0, -1.0, 1.0])
    for q in random_quaternions(10):
        axes = axes_of(q).astype(float)
        flipped = mirrored(axes)
        np.testing.assert_allclose(flipped[:3], mirror @ axes[:3])
        rotation = Rotation.from_quat(quaternion_of(flipped)[[1, 2, 3, 0]]).as_matrix()
        thumb = np.cross(axes[3:], axes[:3])
        # Right-handed still: the third axis is where the mirror shows it.
        np.testing.assert_allclose(rotation[:, 0], mirror @ thumb, atol=1e-6)
