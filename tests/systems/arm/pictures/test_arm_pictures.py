from __future__ import annotations

import numpy as np
import pytest

from saccade.data.keyframes import discover_keyframes
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.episodes import Step
from saccade.systems.arm.pictures.attention import GAP, attention_over_time
from saccade.systems.arm.pictures.decisions import draw_attention, draw_view_and_crop
from saccade.systems.arm.pictures.keyframes import SIDE, draw_keyframes
from saccade.viewing.colours import PUSH
from tiny_arm import a_demonstration

VIEW = a_demonstration().view(0)


def looking_at(x: int, y: int, attention: np.ndarray, crop: int = 8) -> Decision:
    pose = np.array([0.5, 0.0, 0.1, 0.0, 1.0, 0.0, 0.0])
    return Decision.at(VIEW, (x, y), crop, attention, pose, gripper_open=True)


def colourfulness(picture: np.ndarray) -> np.ndarray:
    """How far each pixel is from grey."""
    return np.ptp(picture.astype(int), axis=2)


def test_heat_is_where_attention_is_and_most_of_the_view_stays_grey() -> None:
    attention = np.full((16, 16), -3.0)
    attention[:4, :4] = -9.0  # what is less than most is as cold as most
    attention[10, 5] = 1.0
    picture = draw_attention(VIEW, looking_at(11, 21, attention), scale=2)
    colour = colourfulness(picture)
    crop = np.zeros(colour.shape, bool)
    crop[2 * 17 - 1 : 2 * 25 + 1, 2 * 7 - 1 : 2 * 15 + 1] = True  # with its frame
    assert not colour[~crop].any()
    # Pixel (5, 10) of 16 covers the pixels from (20, 40) to (23, 43) of the picture.
    inner = colour[42 - 4 : 42 + 4, 22 - 4 : 22 + 4]
    assert inner[2:6, 2:6].min() > 0.8 * inner.max() > 50


def test_no_attention_is_no_heat() -> None:
    colour = colourfulness(draw_attention(VIEW, looking_at(16, 16, np.zeros((32, 32))), scale=2))
    assert not colour[2 * 12 + 3 : 2 * 20 - 3, 2 * 12 + 3 : 2 * 20 - 3].any()
    colour[2 * 12 - 1 : 2 * 20 + 1, 2 * 12 - 1 : 2 * 20 + 1] = 0
    assert not colour.any()


@pytest.mark.parametrize("crop", [8, 16])
def test_the_frame_is_as_large_as_the_crop(crop: int) -> None:
    picture = draw_attention(VIEW, looking_at(16, 16, np.zeros((32, 32)), crop), scale=3)
    rows, columns = np.nonzero((picture == PUSH).all(axis=2))
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == pytest.approx(3 * crop, abs=2)


def test_the_crop_stands_in_the_corner() -> None:
    decision = looking_at(16, 16, np.zeros((32, 32)))
    inset = draw_view_and_crop(VIEW, decision, 120)[2 : 2 + 40, 120 - 2 - 40 : 120 - 2]
    x, y = decision.corner
    crop = VIEW.rgb[y : y + 8, x : x + 8]
    np.testing.assert_array_equal(inset[7:33:5, 7:33:5], crop[1:7, 1:7])


def test_each_episode_is_a_row_and_each_decision_two_pictures() -> None:
    observation = a_demonstration().observation(0)
    step = Step(observation, looking_at(4, 4, np.zeros((16, 16))), 0.0, False, {})
    one = attention_over_time({"lift": [step]}, side=64)
    assert one.shape[1] == 2 * 64 + GAP
    both = attention_over_time({"lift": [step], "press": [step, step, step]}, side=64)
    assert both.shape == (2 * len(one) + 2 * GAP, 3 * one.shape[1] + 2 * 12, 3)


def test_a_demonstration_shows_its_start_and_each_keyframe_above_its_curves() -> None:
    d = a_demonstration()
    keyframes = discover_keyframes(d.joint_velocities, d.gripper_open, d.tip_poses)
    picture = draw_keyframes(d)
    frames = 1 + len(keyframes)
    assert picture.shape[1] == frames * SIDE + (frames - 1) * 12
    assert len(picture) > SIDE + 200
