"""Keyframes against a literal transcription of the rule, and against motions made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.data.keyframes import (
    KeyframeRule,
    augment,
    departures,
    discover_keyframes,
    gripper_is_open,
    pixel_target,
)
from saccade.errors import UserInputError
from saccade.worlds.cameras import Intrinsics
from saccade.worlds.rgbd import RgbdView

DOWN = (0.0, 1.0, 0.0, 0.0)


def literal_keyframes(speeds: np.ndarray, is_open: list[bool]) -> list[int]:
    """The rule, frame after frame."""
    n, keyframes, wait = len(is_open), [], 0
    for i in range(n):
        is_last = i == n - 1
        stopped = False
        if i > 0 and i + 2 < n and wait == 0:
            states = {is_open[max(i - 2, 0)], is_open[i - 1], is_open[i], is_open[i + 1]}
            stopped = len(states) == 1 and max(abs(s) for s in speeds[i]) <= 0.1
        wait = 4 if stopped else max(wait - 1, 0)
        if i > 0 and (is_open[i] != is_open[i - 1] or is_last or stopped):
            keyframes.append(i)
    if len(keyframes) > 1 and keyframes[-2] == keyframes[-1] - 1:
        del keyframes[-2]
    return keyframes


def test_the_rule_is_the_literal_one() -> None:
    rng = np.random.default_rng(1)
    stops = changes = 0
    for _ in range(300):
        n = int(rng.integers(2, 60))
        # Runs of standing and moving, of the gripper open and closed.
        moving = np.repeat(rng.random(n) < 0.5, rng.integers(1, 8, n))[:n]
        speeds = np.where(moving[:, None], 0.5, 0.05) * rng.choice([-1.0, 1.0], (n, 7))
        is_open = np.repeat(rng.random(n) < 0.5, rng.integers(1, 20, n))[:n]
        found = discover_keyframes(speeds, is_open)
        assert found.tolist() == literal_keyframes(speeds, is_open.tolist())
        changed = np.flatnonzero(is_open[1:] != is_open[:-1]) + 1
        changes += len(np.intersect1d(found, changed))
        stops += len(np.setdiff1d(found, changed)) - 1
    assert stops > 300 and changes > 300


def a_motion(*legs: tuple[tuple[float, float, float], float, int]) -> tuple[np.ndarray, ...]:
    """Tip poses, tip speeds and openings of legs: where to, opening there, frames of standing."""
    position = np.array([0.4, 0.0, 0.4])
    poses, openings = [position], [1.0]
    for goal, opening, waits in legs:
        steps = max(int(np.linalg.norm(np.subtract(goal, position)) / 0.02), 0)
        poses += [position + (np.array(goal) - position) * i / steps for i in range(1, steps + 1)]
        openings += [openings[-1]] * steps + [opening] * waits
        position = np.array(goal)
        poses += [position] * waits
    speeds = np.linalg.norm(np.diff(poses, axis=0, prepend=[poses[0]]), axis=1) / 0.05
    tip_poses = np.concatenate([poses, np.tile(DOWN, (len(poses), 1))], axis=1)
    return speeds[:, None], np.array(openings), tip_poses


def grasp_and_lift(wait: int) -> tuple[np.ndarray, ...]:
    """Above, at the object, gripper closed around something of 6 of 8 cm, lifted; waiting before,
    between and after."""
    above, at, lifted = (0.5, 0.1, 0.3), (0.5, 0.1, 0.1), (0.5, 0.1, 0.25)
    return a_motion(
        ((0.4, 0.0, 0.4), 1, wait),
        (above, 1, wait),
        (at, 1, wait),
        (at, 0.75, wait),
        (lifted, 0.75, wait),
    )


@pytest.mark.parametrize("wait", [4, 10, 23])
def test_each_thing_that_is_done_gives_one_keyframe_however_long_the_arm_waits(wait: int) -> None:
    speeds, openings, poses = grasp_and_lift(wait)
    found = discover_keyframes(speeds, openings, poses)
    np.testing.assert_allclose(poses[found, 2], [0.3, 0.1, 0.25])
    assert (openings[found] > 0.95).tolist() == [True, False, False]
    assert found[-1] == len(poses) - 1
    assert openings[found[1] - 1] == 1  # the very frame at which it closes


def test_the_rule_alone_finds_more_the_longer_the_arm_waits() -> None:
    found = [len(discover_keyframes(*grasp_and_lift(wait)[:2])) for wait in (10, 40)]
    assert found[0] > 5 and found[1] > 25


def test_a_standing_run_gives_its_slowest_frame() -> None:
    speeds = np.full((40, 1), 0.5)
    speeds[10:20, 0] = [0.09, 0.07, 0.04, 0.02, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1]
    poses = np.zeros((40, 7))
    poses[:, 0], poses[:, 3] = 0.02 * np.arange(40), 1
    assert discover_keyframes(speeds, np.ones(40), poses).tolist() == [14, 39]


def test_a_turn_on_the_spot_is_a_keyframe() -> None:
    speeds, poses = np.full((30, 1), 0.5), np.tile((0.4, 0, 0.2, 1.0, 0, 0, 0), (30, 1))
    speeds[10:15] = 0
    poses[10:, 3:] = (np.cos(0.1), 0, 0, np.sin(0.1))  # by 0.2 rad
    poses[20:, 3:] = (-np.cos(0.15), 0, 0, -np.sin(0.15))  # by 0.1 rad more, written otherwise
    assert discover_keyframes(speeds, np.ones(30), poses).tolist() == [29]
    finer = KeyframeRule(turned=0.09)
    assert discover_keyframes(speeds, np.ones(30), poses, finer).tolist() == [10, 29]


def test_a_change_of_the_gripper_is_kept_where_the_tip_stays() -> None:
    place = (0.5, 0.0, 0.1)
    speeds, openings, poses = a_motion((place, 0, 6), (place, 1, 6), (place, 0, 6))
    found = discover_keyframes(speeds, openings, poses)
    assert (openings[found] > 0.95).tolist() == [False, True, False]
    assert found[-1] == len(poses) - 1  # the last frame stands for the last change


def test_a_gripper_that_is_said_to_be_open_is_taken_at_its_word() -> None:
    speeds, openings, poses = grasp_and_lift(6)
    said = discover_keyframes(speeds, openings > 0.8, poses)
    assert said.tolist() == discover_keyframes(speeds, openings, poses).tolist()


def test_a_gripper_that_has_begun_to_close_is_no_longer_open() -> None:
    assert (
        gripper_is_open(np.array([1.0, 0.96, 0.94, 0.5, 0.0])).tolist() == [True] * 2 + [False] * 3
    )
    assert gripper_is_open(np.array([True, False])).tolist() == [True, False]


@pytest.mark.parametrize("frames", [1, 2, 3, 30])
def test_an_arm_that_does_nothing_has_no_keyframe(frames: int) -> None:
    poses = np.tile((0.4, 0, 0.2, *DOWN), (frames, 1))
    with pytest.raises(UserInputError, match="no keyframe in"):
        discover_keyframes(np.zeros((frames, 7)), np.ones(frames), poses)


def test_arrays_of_other_lengths_or_of_nan_are_refused(unchecked_types: None) -> None:
    with pytest.raises(UserInputError, match="of 5, 4 frames"):
        discover_keyframes(np.zeros((5, 7)), np.ones(4))
    with pytest.raises(UserInputError, match="NaN"):
        discover_keyframes(np.full((5, 7), np.nan), np.ones(5))


def test_rows_go_from_every_mth_frame_through_all_keyframes_that_remain() -> None:
    rows = augment(np.array([7, 12]), 13, every=5)
    expected = [(0, 7), (7, 12), (5, 7), (7, 12), (10, 12)]
    assert rows.tolist() == [list(row) for row in expected]


def test_without_augmentation_there_is_a_row_a_keyframe() -> None:
    assert augment(np.array([3, 7, 12]), 13, every=None).tolist() == [[0, 3], [3, 7], [7, 12]]


def test_rows_are_those_of_the_paper_s_loop() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        n = int(rng.integers(2, 80))
        keyframes = np.unique(rng.integers(1, n, rng.integers(1, 6)))
        every, expected = int(rng.integers(1, 12)), []
        for i in range(n):
            remaining, frame = [k for k in keyframes.tolist() if k > i], i
            if i % every == 0:
                for keyframe in remaining:
                    expected.append([frame, keyframe])
                    frame = keyframe
        assert augment(keyframes, n, every).tolist() == expected


@pytest.mark.parametrize("keyframes", [[], [0, 3], [3, 3], [4, 3], [3, 13]])
def test_keyframes_of_another_demonstration_are_refused(keyframes: list[int]) -> None:
    with pytest.raises(UserInputError, match="keyframes are"):
        augment(np.array(keyframes, np.int64), 13)


def test_every_0th_frame_is_refused() -> None:
    with pytest.raises(UserInputError, match="every is 0"):
        augment(np.array([3]), 13, every=0)


def overhead(height: float = 1.0) -> RgbdView:
    """A camera that looks straight down from above the origin; x is right and y up in its image."""
    pose = np.diag([1.0, -1.0, -1.0, 1.0])
    pose[2, 3] = height
    depth = np.full((48, 64), height, np.float32)
    rgb = np.zeros((48, 64, 3), np.uint8)
    return RgbdView(rgb, depth, Intrinsics(100, 100, 32, 24), pose)


@pytest.mark.parametrize(
    ("position", "target"),
    [
        ((0, 0, 0), (32, 24, False)),
        ((0.1, 0.05, 0), (42, 19, False)),
        ((0.1, 0.05, 0.5), (52, 14, False)),
        ((-0.324, 0, 0), (0, 24, False)),
        ((-0.4, 0, 0), (0, 24, True)),
        ((5, -5, 0), (63, 47, True)),
    ],
)
def test_a_target_is_projected_and_clipped(position: tuple, target: tuple) -> None:
    assert pixel_target(overhead(), np.array(position, float)) == target


def test_a_target_behind_the_camera_is_refused() -> None:
    with pytest.raises(UserInputError, match=r"\(0.000, 0.000, 1.500\) m lies behind the camera"):
        pixel_target(overhead(), np.array([0, 0, 1.5]))


def test_an_arm_departs_from_a_keyframe_when_it_moves_again() -> None:
    speeds = np.ones((12, 2))
    speeds[3:7] = 0.05
    speeds[9:] = 0.0
    found = departures(np.array([1, 3, 5, 11]), speeds)
    assert found.tolist() == [1, 6, 6, 11]
