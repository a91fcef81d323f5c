"""The front camera: its geometry by hand, and its images against rays."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.cameras import pixels_from_points
from saccade.worlds.tabletop.camera import FrontCamera
from saccade.worlds.tabletop.tasks import TASKS
from saccade.worlds.tabletop.world import TabletopWorld

CAMERA = FrontCamera()


def pixels(*points: tuple[float, float, float]) -> np.ndarray:
    return pixels_from_points(np.array(points), CAMERA.intrinsics, CAMERA.T_world_camera)


def test_a_pixel_is_about_7_7_mm_at_the_tables_centre() -> None:
    left, right = pixels((0.5, -0.05, 0.0), (0.5, 0.05, 0.0))
    assert 100 / (right[0] - left[0]) == pytest.approx(7.7, abs=0.3)


def test_the_workspace_is_in_view_and_the_robots_left_is_on_the_images_right() -> None:
    corners = pixels(*((x, y, z) for x in (0.3, 0.7) for y in (-0.3, 0.3) for z in (0, 0.3)))
    assert corners.min() >= 0 and corners.max() <= 127
    assert pixels((0.5, 0.2, 0.0))[0, 0] > pixels((0.5, -0.2, 0.0))[0, 0]


def test_the_optical_axis_points_25_degrees_down_at_the_robot() -> None:
    forward = CAMERA.T_world_camera[:3, 2]
    assert forward == pytest.approx([-math.cos(math.radians(25)), 0.0, -math.sin(math.radians(25))])


def test_a_knocked_camera_has_moved_by_what_was_said() -> None:
    moved = CAMERA.moved(np.random.default_rng(3), shift=0.05, turn=math.radians(5))
    assert math.dist(moved.position, CAMERA.position) == pytest.approx(0.05)
    relative = moved.T_world_camera[:3, :3].T @ CAMERA.T_world_camera[:3, :3]
    angle = math.degrees(math.acos((np.trace(relative) - 1) / 2))
    assert angle == pytest.approx(5.0, abs=0.5)
    assert abs(np.linalg.det(moved.T_world_camera[:3, :3]) - 1) < 1e-12


def test_depths_are_those_of_rays() -> None:
    world = TabletopWorld(TASKS["take_lid_off_saucepan"])
    world.reset(0)
    try:
        view = world.observe().view
    except UserInputError:
        pytest.skip("no GL on this machine")
    rng = np.random.default_rng(0)
    near = 0
    for row, column in rng.integers(0, 128, size=(200, 2)):
        ray = view.points[row, column].astype(float) - view.T_world_camera[:3, 3]
        length = float(np.linalg.norm(ray))
        hit = mujoco.mj_ray(
            world.model, world.data, view.T_world_camera[:3, 3], ray / length,
            None, 1, -1, np.zeros(1, np.int32),
        )  # fmt: skip
        near += abs(hit - length) < 0.004
    assert near >= 190  # the others are at edges, where round things are drawn as polygons
    world.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 0}, "camera width is 0"),
        ({"field_of_view": 4.0}, "below pi"),
        ({"pitch": math.nan}, "expected metres within 10 km and radians"),
    ],
)
def test_impossible_cameras_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        FrontCamera(**settings)
