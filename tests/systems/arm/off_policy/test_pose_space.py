from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.pose_space import (
    PoseSpace,
    code_of,
    from_top_down,
    space_of,
    to_world,
)

DOWN = Rotation.from_quat([1, 0, 0, 0])  # scipy's order: x, y, z, w


def random_quaternions(n: int) -> torch.Tensor:
    q = torch.randn(n, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return q / q.norm(dim=1, keepdim=True)


def rotation(quaternion: torch.Tensor) -> Rotation:
    w, x, y, z = quaternion.unbind(dim=1)
    return Rotation.from_quat(torch.stack([x, y, z, w], dim=1).numpy())


def test_pointing_down_is_the_reference() -> None:
    assert from_top_down(torch.tensor([[0.0, 1.0, 0.0, 0.0]])).tolist() == [[1, 0, 0, 0]]
    assert from_top_down(torch.tensor([[0.0, -1.0, 0.0, 0.0]])).tolist() == [[1, 0, 0, 0]]


def test_a_hand_turned_about_the_vertical_keeps_w_far_from_zero() -> None:
    for yaw in np.linspace(-2.5, 2.5, 11):
        turned = Rotation.from_euler("z", yaw) * DOWN
        x, y, z, w = turned.as_quat()
        relative = from_top_down(torch.tensor([[w, x, y, z]]))[0]
        expected = [math.cos(yaw / 2), 0, 0, math.sin(yaw / 2)]
        assert relative.tolist() == pytest.approx(expected, abs=1e-12)


def test_rotations_agree_with_scipy_and_return() -> None:
    world = random_quaternions(50)
    relative = from_top_down(world)
    assert (relative[:, 0] >= 0).all()
    assert (rotation(relative) * DOWN * rotation(world).inv()).magnitude().max() < 1e-7
    assert (rotation(to_world(relative)) * rotation(world).inv()).magnitude().max() < 1e-7


@pytest.mark.parametrize("frame", ["world", "attended"])
def test_codes_return_to_their_actions(frame) -> None:
    draw = torch.Generator().manual_seed(1)
    gripper = torch.tensor([[1.0], [0.0]] * 3, dtype=torch.float64)
    positions = torch.randn(6, 3, generator=draw, dtype=torch.float64)
    actions = torch.cat([positions, random_quaternions(6), gripper], dim=1)
    attended = torch.randn(6, 3, generator=draw, dtype=torch.float64)
    space = space_of(actions, attended, frame)
    codes = space.encode(actions, attended)
    assert codes[:, :3].abs().max() < 1  # the margin
    back = space.decode(codes, attended)
    assert torch.allclose(back[:, [0, 1, 2, 7]], actions[:, [0, 1, 2, 7]])
    assert torch.allclose((back[:, 3:7] * actions[:, 3:7]).sum(dim=1).abs(), torch.ones(6).double())


def test_bounds_reach_a_tenth_of_the_range_beyond_and_never_vanish() -> None:
    actions = torch.tensor([[0.0, 1.0, 0.5, 0, 1, 0, 0, 1], [2.0, 1.0, 1.5, 0, 1, 0, 0, 0]])
    attended = torch.tensor([[0.0, 0.0, 0.5], [1.0, 0.0, 0.5]])
    space = space_of(actions, attended, "world")
    assert space.low == pytest.approx((-0.2, 0.99, 0.4))
    assert space.high == pytest.approx((2.2, 1.01, 1.6))
    centred = space_of(actions, attended, "attended")
    assert centred.low == pytest.approx((-0.1, 0.99, -0.1))
    assert centred.high == pytest.approx((1.1, 1.01, 1.1))


def test_positions_by_hand() -> None:
    space = PoseSpace((0.0, 0.0, 0.0), (1.0, 2.0, 4.0), "attended")
    action = torch.tensor([[0.5, 2.5, 1.5, 0.0, 1.0, 0.0, 0.0, 0.9]])
    codes = space.encode(action, torch.tensor([[0.25, 1.0, 0.5]]))
    assert codes.tolist() == [[-0.5, 0.5, -0.5, 1, 0, 0, 0, 1]]


def test_what_an_actor_gives_becomes_a_unit_quaternion_with_positive_w() -> None:
    squashed = torch.tensor([[0.1, 0.2, 0.3, -1.0, 0.0, 0.0, 0.0, 0.5],
                             [0.1, 0.2, 0.3, 0.0, 0.5, -0.5, 0.5, -0.5]])  # fmt: skip
    codes = code_of(squashed)
    assert torch.equal(codes[:, [0, 1, 2, 7]], squashed[:, [0, 1, 2, 7]])
    assert codes[0, 3:7].tolist() == [1, 0, 0, 0]
    assert codes[1, 3:7].tolist() == [0.5, 0.5, -0.5, 0.5]


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(UserInputError, match="expected low < high"):
        PoseSpace((0.0, 0.0, 0.0), (1.0, 0.0, 1.0))


def test_centred_images_and_tips_are_relative_to_the_attended_point() -> None:
    images = torch.ones(1, 6, 1, 2)
    images[0, 3:, 0, 0] = torch.tensor([0.5, 0.1, 0.05])
    attended = torch.tensor([[0.45, 0.1, 0.0]])
    world = PoseSpace((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0))
    assert world.centred_images(images, attended) is images
    centred = PoseSpace((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), "attended")
    given = centred.centred_images(images, attended)
    assert given[0, :, 0, 0].tolist() == pytest.approx([1, 1, 1, 1, 0, 1], abs=1e-6)
    assert given[0, 3:, 0, 1].tolist() == [4, 4, 4]  # a metre away: cut
    tip = centred.centred_tip(torch.tensor([[0.45, 0.2, 0.5, 1.0, 7.0]]), attended)
    assert tip[0].tolist() == pytest.approx([0, 2, 10, 1, 7], abs=1e-5)
