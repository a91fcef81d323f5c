from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.cameras import Intrinsics
from saccade.worlds.rgbd import Observation, Proprioception, RgbdView

LENS = Intrinsics(50.0, 60.0, 20.0, 10.0)


def a_pose() -> np.ndarray:
    """A camera one metre up at (0.2, 0, 1) that looks down, turned by 30 degrees about z."""
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag([1.0, -1.0, -1.0])
    pose[:3, 3] = (0.2, 0, 1)
    return pose


def a_view(**changed: Any) -> RgbdView:
    rng = np.random.default_rng(1)
    usual: dict[str, Any] = {
        "rgb": rng.integers(0, 256, (24, 32, 3)).astype(np.uint8),
        "depth": rng.uniform(0.5, 1.5, (24, 32)).astype(np.float32),
        "intrinsics": LENS,
        "T_world_camera": a_pose(),
    }
    return RgbdView(**(usual | changed))


def an_arm(**changed: Any) -> Proprioception:
    usual: dict[str, Any] = {
        "tip_pose": np.array([0.4, 0, 0.2, 0, 1, 0, 0]),
        "gripper_open": 0.5,
        "finger_positions": np.array([0.02, 0.02]),
        "joint_positions": np.zeros(7),
        "joint_velocities": np.zeros(7),
    }
    return Proprioception(**(usual | changed))


def test_points_are_those_of_each_pixel_s_ray() -> None:
    view = a_view()
    for row, column in ((0, 0), (3, 17), (23, 31)):
        z = float(view.depth[row, column])
        ray = np.array([(column - 20) / 50 * z, (row - 10) / 60 * z, z, 1])
        np.testing.assert_allclose(view.points[row, column], (a_pose() @ ray)[:3], atol=1e-5)
    assert view.points.dtype == np.float32 and view.points is view.points


def test_points_are_projected_back_onto_their_pixels() -> None:
    view = a_view()
    rows, columns = np.mgrid[: view.height, : view.width]
    pixels = view.project(view.points.reshape(-1, 3).astype(np.float64))
    np.testing.assert_allclose(pixels[:, 0].reshape(24, 32), columns, atol=1e-3)
    np.testing.assert_allclose(pixels[:, 1].reshape(24, 32), rows, atol=1e-3)


def test_what_is_behind_the_camera_has_no_pixel() -> None:
    assert np.isnan(a_view().project(np.array([[0.2, 0, 1.5], [0.2, 0, 1.0]]))).all()


def test_a_pixel_without_measurement_lies_at_the_camera() -> None:
    depth = np.ones((24, 32))
    depth[5, 6] = np.nan
    view = a_view(depth=depth)
    assert view.depth.dtype == np.float32 and view.depth[5, 6] == 0
    np.testing.assert_allclose(view.points[5, 6], (0.2, 0, 1), atol=1e-6)


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("make", "changed", "message"),
    [
        (a_view, {"rgb": np.zeros((24, 32, 3))}, "rgb is of type float64; expected uint8"),
        (a_view, {"rgb": np.zeros((24, 31, 3), np.uint8)}, r"rgb has shape \(24, 31, 3\)"),
        (a_view, {"rgb": None}, "rgb is of type NoneType"),
        (a_view, {"depth": np.full((24, 32), 700, np.uint16)}, "depth image has dtype uint16"),
        (a_view, {"depth": np.full((24, 32), 700.0)}, "millimetres"),
        (a_view, {"depth": np.full((24, 32), np.inf)}, "768 infinite"),
        (a_view, {"depth": np.where(np.eye(24, 32), -1.0, 1.0)}, "depth holds -1 m"),
        (a_view, {"T_world_camera": np.eye(3)}, r"shape \(3, 3\); expected \(4, 4\)"),
        (a_view, {"T_world_camera": 2 * np.eye(4)}, "no rotation"),
        (a_view, {"intrinsics": Intrinsics(50, 50, 32, 10)}, "lies outside the 32 x 24 image"),
        (an_arm, {"tip_pose": np.zeros(7)}, "quaternion of length 0"),
        (an_arm, {"tip_pose": np.ones(6)}, r"shape \(6,\); expected \(7,\)"),
        (an_arm, {"gripper_open": 1.2}, "gripper_open is 1.2; expected 0 to 1"),
        (an_arm, {"joint_velocities": np.zeros(6)}, r"shape \(6,\); expected \(7,\)"),
        (an_arm, {"joint_positions": np.full(7, np.nan)}, "joint_positions holds NaN"),
        (an_arm, {"finger_positions": [0.0, 0.0]}, "finger_positions is of type list"),
    ],
)
def test_what_is_no_observation_is_refused_in_one_line(
    make: Callable[..., Any], changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        make(**changed)
    assert "\n" not in str(caught.value)


def test_an_observation_is_of_one_moment() -> None:
    observation = Observation(a_view(), an_arm())
    assert observation.view.width == 32 and observation.proprioception.gripper_open == 0.5
