"""Poses: composition against rotation matrices."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.worlds.tabletop.pose import ORIGIN, Pose, top_down


def matrix(pose: Pose) -> np.ndarray:
    """The same pose as a (4, 4) matrix, by MuJoCo."""
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, np.array(pose.quaternion))
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = rotation.reshape(3, 3), pose.position
    return whole


def random_pose(rng: np.random.Generator) -> Pose:
    quaternion = rng.normal(size=4)
    return Pose.from_array(np.append(rng.normal(size=3), quaternion / np.linalg.norm(quaternion)))


def test_composition_is_the_product_of_matrices() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = random_pose(rng), random_pose(rng)
        assert matrix(a @ b) == pytest.approx(matrix(a) @ matrix(b), abs=1e-12)


def test_inverse_and_locate_undo_apply() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        pose, point = random_pose(rng), tuple(rng.normal(size=3))
        assert pose.locate(pose.apply(point)) == pytest.approx(point, abs=1e-12)
        assert matrix(pose @ pose.inverse()) == pytest.approx(np.eye(4), abs=1e-12)


def test_angles_turn_about_x_then_y_then_z() -> None:
    pose = Pose.at(yaw=0.3, pitch=0.5, roll=-0.7)
    turns = [Pose.at(yaw=0.3), Pose.at(pitch=0.5), Pose.at(roll=-0.7)]
    product = matrix(turns[0]) @ matrix(turns[1]) @ matrix(turns[2])
    assert matrix(pose) == pytest.approx(product, abs=1e-12)
    assert matrix(turns[0])[:2, 0] == pytest.approx([math.cos(0.3), math.sin(0.3)])


def test_yaw_and_tilt_are_read_back() -> None:
    assert Pose.at(yaw=-2.0).yaw == pytest.approx(-2.0)
    assert Pose.at(yaw=1.0, roll=0.4).tilt == pytest.approx(0.4)
    assert ORIGIN.tilt == 0.0


def test_arrays_there_and_back() -> None:
    pose = Pose.at(0.1, 0.2, 0.3, yaw=0.4)
    assert Pose.from_array(pose.array()) == pose


@pytest.mark.parametrize(("yaw", "closing"), [(0.0, 90), (0.5, 118.6), (math.pi - 0.5, 61.4)])
def test_top_down_points_down_and_closes_across_its_yaw(yaw: float, closing: float) -> None:
    rotation = matrix(top_down(0.4, 0.1, 0.2, yaw))[:3, :3]
    assert rotation[:, 2] == pytest.approx([0, 0, -1], abs=1e-12)
    across = math.degrees(math.atan2(rotation[1, 1], rotation[0, 1])) % 180
    assert across == pytest.approx(closing, abs=0.1)
    forward = rotation[0, 0]
    assert forward >= -1e-9  # the wrist turns by at most a quarter
