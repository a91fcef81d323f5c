"""From depth to heightmap, against a camera written by hand: rays that meet a plane and a box."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.cameras import (
    Camera,
    Intrinsics,
    add_sensor_noise,
    heightmap_from_depth,
    points_from_depth,
)
from saccade.worlds.workspace import Workspace

TABLE = 0.70
BOX_LOW, BOX_HIGH = np.array([-0.54, -0.03, TABLE]), np.array([-0.46, 0.03, TABLE + 0.05])
CAMERA = Camera()


def rays(camera: Camera) -> np.ndarray:
    """World direction (h, w, 3) of each pixel's ray, one metre along the optical axis."""
    u, v = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    x = (u - (camera.width - 1) / 2) / camera.focal
    y = (v - (camera.height - 1) / 2) / camera.focal
    s = math.sqrt(0.5)
    # Looking along -y, 45 degrees down.
    right, down, forward = np.array([-1, 0, 0]), np.array([0, s, -s]), np.array([0, -s, -s])
    return x[..., None] * right + y[..., None] * down + forward


def analytic_depth(camera: Camera = CAMERA) -> np.ndarray:
    """Depth (h, w) [m] of a table plane that fills the view and one box that stands on it."""
    ray, eye = rays(camera), np.array(camera.position)
    plane = (TABLE - eye[2]) / ray[..., 2]
    with np.errstate(divide="ignore"):
        near, far = (BOX_LOW - eye) / ray, (BOX_HIGH - eye) / ray
    enter = np.minimum(near, far).max(axis=-1)
    leave = np.maximum(near, far).min(axis=-1)
    return np.where(enter < leave, np.minimum(enter, plane), plane).astype(np.float32)


def heightmap(depth: np.ndarray, camera: Camera = CAMERA, **options) -> np.ndarray:
    return heightmap_from_depth(depth, camera.intrinsics, camera.T_world_camera, **options)


def pixels(x0: float, x1: float, y0: float, y1: float) -> tuple[slice, slice]:
    """The cells whose centres lie in [x0, x1] x [y0, y1]."""
    rows = slice(
        math.ceil((y0 + 0.224) / 0.002 - 1e-6), math.floor((y1 + 0.224) / 0.002 + 1e-6) + 1
    )
    cols = slice(
        math.ceil((x0 + 0.724) / 0.002 - 1e-6), math.floor((x1 + 0.724) / 0.002 + 1e-6) + 1
    )
    return rows, cols


def test_the_pose_is_45_degrees_down_along_minus_y() -> None:
    points = points_from_depth(np.ones((480, 640)), CAMERA.intrinsics, CAMERA.T_world_camera)
    assert np.abs(points - rays(CAMERA) - np.array(CAMERA.position)).max() < 1e-5


def test_mujocos_quaternion_is_the_same_rotation() -> None:
    w, x, y, z = CAMERA.quaternion
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    flipped = CAMERA.T_world_camera[:3, :3] * [1, -1, -1]  # y up, z backward
    assert rotation == pytest.approx(flipped, abs=1e-12)


def test_a_box_on_a_plane_has_its_height_and_the_plane_has_none() -> None:
    found = heightmap(analytic_depth())
    top = found[pixels(-0.536, -0.464, -0.026, 0.026)]
    assert np.abs(top - 0.05).max() < 2e-4
    around = found.copy()
    around[pixels(-0.544, -0.456, -0.034, 0.034)] = 0.0
    assert around.max() == 0.0
    assert found.dtype == np.float32 and found.shape == (224, 224)


def test_without_closing_gaps_no_cell_is_invented() -> None:
    closed, raw = heightmap(analytic_depth()), heightmap(analytic_depth(), close_gaps=False)
    assert (closed >= raw).all()
    assert (raw > 0).sum() < (closed > 0).sum()


def test_a_low_object_behind_a_high_one_is_in_its_shadow() -> None:
    # The box hides the table for 5 cm behind it: what stands there is not seen.
    depth = analytic_depth()
    points = points_from_depth(depth, CAMERA.intrinsics, CAMERA.T_world_camera)
    seen_y = points[..., 1][np.abs(points[..., 0] + 0.5) < 0.03]
    eye_y, eye_z = 0.5, 1.2
    shadow = BOX_LOW[1] - (eye_y - BOX_LOW[1]) * 0.05 / (eye_z - TABLE - 0.05)
    hidden = (seen_y < BOX_LOW[1] - 0.002) & (seen_y > shadow + 0.002)
    assert not hidden.any()
    assert shadow == pytest.approx(-0.0889, abs=1e-3)


def test_another_workspace_and_another_camera_move_the_map() -> None:
    shifted = Workspace(x_min=-0.724 + 0.02, y_min=-0.224 - 0.04)
    a, b = heightmap(analytic_depth()), heightmap(analytic_depth(), workspace=shifted)
    assert (b[20:, :-10] == a[:-20, 10:]).mean() > 0.999
    high = replace(CAMERA, position=(-0.45, 0.65, 1.35))
    c = heightmap(analytic_depth(high), high)
    assert np.abs(c[pixels(-0.53, -0.47, -0.02, 0.02)] - 0.05).max() < 2e-4


def test_unmeasured_pixels_leave_holes_not_heights() -> None:
    depth = analytic_depth()
    depth[::2] = 0.0
    depth[1::4] = np.nan
    found = heightmap(depth, close_gaps=False)
    full = heightmap(analytic_depth(), close_gaps=False)
    assert 0 < (found > 0).sum() < (full > 0).sum()
    assert found.max() == pytest.approx(0.05, abs=2e-4)


def test_points_far_above_the_table_are_no_objects() -> None:
    depth = analytic_depth()
    depth[100:200, 100:200] = 0.3  # a hand before the camera
    assert heightmap(depth).max() < 0.051


def looking_away() -> np.ndarray:
    pose = CAMERA.T_world_camera.copy()
    pose[:3, 1:3] *= -1
    return pose


def scaled() -> np.ndarray:
    pose = CAMERA.T_world_camera.copy()
    pose[:3, :3] *= 1.01
    return pose


def mirrored() -> np.ndarray:
    pose = CAMERA.T_world_camera.copy()
    pose[:3, 0] *= -1
    return pose


GOOD = analytic_depth()
POSE = CAMERA.T_world_camera
BAD = [
    (GOOD[None], POSE, r"shape \(1, 480, 640\); expected \(height, width\)"),
    (GOOD[0], POSE, r"shape \(640,\)"),
    ((GOOD * 1000).astype(np.uint16), POSE, "dtype uint16; expected floating point metres"),
    (GOOD > 0, POSE, "dtype bool"),
    (GOOD * 1000, POSE, "looks like millimetres; expected metres"),
    (np.where(GOOD > 0.8, np.inf, GOOD), POSE, "infinite values; expected metres"),
    (np.zeros_like(GOOD), POSE, "holds no measurement"),
    (np.full_like(GOOD, np.nan), POSE, "holds no measurement"),
    (GOOD[:0], POSE, "holds no measurement"),
    (np.ma.masked_less(GOOD, 0.9), POSE, "masked array .* expected .* 0 or NaN"),
    (GOOD, looking_away(), r"camera at \(-0.50, 0.50, 1.20\) m does not see the table"),
    (GOOD + 2, POSE, "does not see the table"),
    (GOOD, scaled(), "is no rotation"),
    (GOOD, mirrored(), "is no rotation"),
    (GOOD, POSE[:3], r"shape \(3, 4\); expected \(4, 4\)"),
    (GOOD, POSE * np.nan, "NaN or infinite"),
    (GOOD, POSE + np.diag([0, 0, 1e300], 1), "beyond 10 km"),
    (GOOD, POSE.T, "no rotation|last row"),
    (GOOD, np.array([["a"] * 4] * 4), "holds no numbers"),
]


@pytest.mark.parametrize(("depth", "pose", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_with_one_line(
    depth: np.ndarray, pose: np.ndarray, message: str
) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        heightmap_from_depth(depth, CAMERA.intrinsics, pose)
    assert "\n" not in str(caught.value)


def test_an_empty_table_is_a_flat_map_not_an_error() -> None:
    ray = rays(CAMERA)
    depth = ((TABLE - 1.2) / ray[..., 2]).astype(np.float32)
    assert heightmap(depth).max() == 0.0


@pytest.mark.parametrize(
    "values", [(0, 1, 0, 0), (1, -1, 0, 0), (math.nan, 1, 0, 0), (1e300, 1, 0, 0)]
)
def test_impossible_intrinsics_are_refused(values: tuple[float, float, float, float]) -> None:
    with pytest.raises(UserInputError, match="fx and fy > 0"):
        Intrinsics(*values)


def test_noise_and_holes_have_the_set_size() -> None:
    camera = replace(CAMERA, noise=0.003, holes=0.1)
    depth = analytic_depth()
    noisy = add_sensor_noise(depth, camera, np.random.default_rng(0))
    hole = noisy == 0
    assert hole.mean() == pytest.approx(0.1, abs=0.005)
    error = (noisy - depth)[~hole]
    assert error.std() == pytest.approx(0.003, rel=0.02)
    assert abs(error.mean()) < 1e-4
    again = add_sensor_noise(depth, camera, np.random.default_rng(0))
    assert (again == noisy).all()
    assert (add_sensor_noise(depth, CAMERA, np.random.default_rng(0)) == depth).all()
