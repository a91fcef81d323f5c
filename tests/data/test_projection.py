from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tiny_arm
from saccade.data.projection import TipInView, check_projection, tip_in_view
from saccade.errors import UserInputError

SEEN = tiny_arm.a_demonstration(2)


def test_the_tip_is_seen_in_every_image() -> None:
    assert tip_in_view(SEEN) == TipInView(9, behind=0, outside=0, elsewhere=0)
    check_projection(SEEN)


@pytest.mark.parametrize(
    ("turn", "where"),
    [
        (np.diag([1.0, -1.0, -1.0, 1.0]), "behind the camera in 9, off the image in 0"),  # OpenGL's
        (np.diag([-1.0, -1.0, 1.0, 1.0]), "behind the camera in 0"),  # negative focal lengths
    ],
)
def test_a_camera_of_another_convention_is_refused(turn: np.ndarray, where: str) -> None:
    turned = replace(SEEN, T_world_camera=SEEN.T_world_camera @ turn)
    with pytest.raises(UserInputError, match=where) as caught:
        check_projection(turned)
    assert "expected T_world_camera from the camera to the world" in str(caught.value)


def test_a_pose_of_the_world_in_the_camera_is_refused() -> None:
    with pytest.raises(UserInputError, match="not where its matrices say"):
        check_projection(replace(SEEN, T_world_camera=np.linalg.inv(SEEN.T_world_camera)))


def test_depth_of_another_unit_is_refused() -> None:
    with pytest.raises(UserInputError, match="nothing is seen at its distance in 9"):
        check_projection(replace(SEEN, depth=SEEN.depth.astype(np.float32) / 4))


def test_a_hand_hidden_in_a_few_images_is_no_fault() -> None:
    depth = SEEN.depth.copy()
    depth[2:5] = 0.3
    hidden = replace(SEEN, depth=depth)
    assert tip_in_view(hidden).elsewhere == 3
    check_projection(hidden)


def test_a_tip_beside_the_image_is_counted_as_such() -> None:
    poses = SEEN.tip_poses.copy()
    poses[: tiny_arm.GRASP, 1] += 1
    assert tip_in_view(replace(SEEN, tip_poses=poses)).outside == 4
