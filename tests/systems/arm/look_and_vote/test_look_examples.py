"""Examples of a demonstration written out by hand, and shares of the look by brute force."""

from __future__ import annotations

import numpy as np
import pytest

from arm_scenes import BLOCK, HEIGHT, table_view
from saccade.data.demonstrations import Demonstration
from saccade.systems.arm.look_and_vote.examples import Examples, examples_of, look_shares
from saccade.systems.arm.look_and_vote.images import camera_numbers, points_of, seen_at

HOVER, GRASP, LIFT = (10, 0.18), (20, 0.05), (30, 0.15)
"""Frames, and heights of the tip [m]."""
SIGMA, SAME_PLACE = 0.012, 0.15


@pytest.fixture(scope="module")
def demonstration() -> Demonstration:
    """Above the block, down, close, up: one image every fifth frame."""
    n = 31
    frames = np.arange(n)
    heights = np.interp(frames, [0, HOVER[0], GRASP[0], LIFT[0]], [0.35, *(z for _, z in
                        (HOVER, GRASP, LIFT))])  # fmt: skip
    tips = np.zeros((n, 7), np.float32)
    tips[:, :3] = np.stack([np.full(n, BLOCK[0]), np.full(n, BLOCK[1]), heights], axis=1)
    tips[:, 4] = 1
    speeds = np.ones((n, 7), np.float32)
    speeds[[HOVER[0], GRASP[0]]] = 0
    opening = np.where(frames < GRASP[0], 1.0, 0.6).astype(np.float32)
    images = np.arange(0, n, 5)
    view = table_view()
    return Demonstration(
        "test", 0, True, view.intrinsics, view.T_world_camera, images,
        np.stack([view.rgb] * len(images)), np.stack([view.depth] * len(images)).astype(np.float16),
        frames / 20, tips, opening, np.zeros((n, 2), np.float32), np.zeros((n, 7), np.float32),
        speeds,
    )  # fmt: skip


@pytest.fixture(scope="module")
def examples(demonstration: Demonstration) -> Examples:
    return examples_of(demonstration, SIGMA, SAME_PLACE)


def test_each_image_before_the_last_keyframe_is_an_example(examples: Examples) -> None:
    assert len(examples) == 6  # frames 0, 5, ..., 25
    np.testing.assert_allclose(examples.targets[:, 2], [0.18, 0.18, 0.05, 0.05, 0.15, 0.15], 1e-5)
    assert examples.target_open.tolist() == [True, True, False, False, False, False]
    assert examples.decisive.tolist() == [True, False, True, False, True, False]
    assert examples.free.tolist() == [True, True, True, True, False, False]


def test_the_next_change_of_the_gripper_is_looked_at_where_it_is_near(examples: Examples) -> None:
    np.testing.assert_allclose(examples.focus[:4, 2], 0.05, rtol=1e-5)  # the grasp, 13 cm below
    np.testing.assert_allclose(examples.focus[4:, 2], 0.15, rtol=1e-5)  # no change follows


def test_a_hand_that_closed_on_nothing_goes_back_above(examples: Examples) -> None:
    np.testing.assert_allclose(examples.back[:4, 2], 0.18, rtol=1e-5)
    assert np.isnan(examples.back[4:]).all()


def test_the_look_is_on_the_block_although_the_focus_is_inside_or_above(
    examples: Examples,
) -> None:
    view = table_view()
    for i in range(len(examples)):
        x, y = examples.pixels[i, 0]
        point = view.points[y, x]
        assert np.abs(point[:2] - BLOCK).max() < 0.045, "on the block, not on the table behind it"
        assert examples.weights[i].sum() == pytest.approx(1, abs=1e-5)
    above = examples.pixels[4, 0]
    np.testing.assert_allclose(view.points[above[1], above[0], 2], HEIGHT, atol=0.002)


def test_shares_are_a_gaussian_of_what_is_farther_than_the_nearest() -> None:
    points = np.array([[[0, 0, 0], [0.02, 0, 0], [0, 0, 9.0]]], np.float32)
    focus = np.array([0, 0, 0.1], np.float32)
    measured = np.array([[True, True, False]])
    shares = look_shares(points, measured, focus, 0.02)
    expected = np.array([1, np.exp(-0.5), 0])
    np.testing.assert_allclose(shares[0], expected / expected.sum(), rtol=1e-5)


def test_points_are_those_of_the_view() -> None:
    view = table_view()
    camera = camera_numbers(view.intrinsics, view.T_world_camera)[None]
    rows, columns = np.mgrid[:128, :128]
    points = points_of(view.depth[None], camera, columns[None], rows[None])
    np.testing.assert_allclose(points[0], view.points, atol=1e-5)
    seen = seen_at(view.rgb[None], view.depth[None], camera, np.array([[64]]), np.array([[80]]))
    np.testing.assert_allclose(seen[0, 0, :3], view.rgb[80, 64] / 127.5 - 1, atol=1e-6)


def test_examples_are_joined_in_order(examples: Examples) -> None:
    joined = Examples.join([examples, examples])
    assert len(joined) == 12
    np.testing.assert_equal(joined.targets[6:], examples.targets)
