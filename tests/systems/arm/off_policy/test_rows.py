from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from saccade.data.replay import Replay
from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.systems.arm.off_policy.row_batches import rows_to_batch
from saccade.systems.arm.off_policy.rows import (
    Looked,
    Step,
    attended_point,
    columns,
    demonstration_rows,
    episode_rows,
    join_rows,
    keyframes_of,
    small_view,
)
from saccade.worlds.rgbd import RgbdView
from tiny_arm import FRAMES, GRASP, SIZE, a_demonstration

CONFIG = RowConfig(view=16, crop=8, jitter=0.0)


def test_rows_start_at_every_mth_frame_and_go_through_all_keyframes() -> None:
    d = a_demonstration()
    assert keyframes_of(d, CONFIG).tolist() == [GRASP, FRAMES - 1]
    rows = demonstration_rows(d, CONFIG).rows
    # From 0, 5, 10 and 15 to the grasp and on to the end; from 20 to 35 to the end.
    assert len(rows["reward"]) == 4 * 2 + 4
    tips = rows["proprioception"][:, :3]
    for row, frame in enumerate([0, GRASP, 5, GRASP, 10, GRASP, 15, GRASP, 20, 25, 30, 35]):
        np.testing.assert_allclose(tips[row], d.tip_poses[frame, :3])
        target = GRASP if frame < GRASP else FRAMES - 1
        np.testing.assert_allclose(rows["action"][row, :7], d.tip_poses[target])
        np.testing.assert_allclose(rows["next_proprioception"][row, :7], d.tip_poses[target])
    assert rows["action"][:, 7].tolist() == [0.0] * 12  # closed at the grasp, and after


def test_the_last_keyframe_of_a_success_is_rewarded_and_ends_the_episode() -> None:
    ends = [0.0, 1.0] * 4 + [1.0] * 4
    rows = demonstration_rows(a_demonstration(), CONFIG).rows
    assert rows["terminal"].tolist() == ends
    assert rows["reward"].tolist() == [100 * end for end in ends]
    failed = demonstration_rows(a_demonstration(success=False), CONFIG).rows
    assert not failed["terminal"].any() and not failed["reward"].any()


def test_without_augmentation_rows_start_at_the_first_frame_and_at_keyframes() -> None:
    rows = demonstration_rows(a_demonstration(), replace(CONFIG, every=None)).rows
    assert rows["terminal"].tolist() == [0.0, 1.0]


def test_keyframes_may_be_evenly_spaced_instead() -> None:
    spaced = replace(CONFIG, keyframes=False, spacing=15)
    assert keyframes_of(a_demonstration(), spaced).tolist() == [15, 30, 40]


def test_the_attended_pixel_shows_where_the_tip_will_be_and_the_crop_is_around_it() -> None:
    d = a_demonstration()
    rows = demonstration_rows(d, CONFIG).rows
    view = d.view(0)
    x, y = np.rint(view.project(d.tip_poses[GRASP, :3][None])[0]).astype(int)
    assert rows["pixel"][0].tolist() == [x, y]
    assert rows["corner"][0].tolist() == [x - 4, y - 4]
    np.testing.assert_array_equal(rows["crop_rgb"][0], view.rgb[y - 4 : y + 4, x - 4 : x + 4])
    np.testing.assert_allclose(rows["attended"][0], view.points[y, x], rtol=1e-6)
    # The next state of a row is looked at where the row after it looks.
    np.testing.assert_array_equal(rows["next_crop_rgb"][0], rows["crop_rgb"][1])
    np.testing.assert_array_equal(rows["next_pixel"][0], rows["pixel"][1])


def test_targets_off_the_image_are_clipped_and_counted() -> None:
    d = a_demonstration()
    assert demonstration_rows(d, CONFIG).clipped == 0
    narrow = replace(d, intrinsics=replace(d.intrinsics, fx=2000.0, fy=2000.0))
    done = demonstration_rows(narrow, CONFIG)
    assert 0 < done.clipped <= done.targets
    assert done.rows["pixel"].min() >= 0 and done.rows["pixel"].max() < SIZE


def test_points_of_sampled_rows_are_those_of_the_view() -> None:
    d = a_demonstration()
    replay = Replay(columns(CONFIG), 100)
    replay.add(demonstration_rows(d, CONFIG).rows)
    batch = rows_to_batch(replay.rows(np.arange(2)))
    view = d.view(0)
    (left, top), points = replay.rows(np.arange(1))["corner"][0], view.points
    crop = batch.state.crops[0].permute(1, 2, 0).numpy()
    window = slice(top, top + 8), slice(left, left + 8)
    np.testing.assert_allclose(crop[..., :3], view.rgb[window] / 127.5 - 1, atol=1e-6)
    np.testing.assert_allclose(crop[..., 3:], points[window], atol=1e-3)
    whole = batch.state.views[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(whole[..., 3:], points[1::2, 1::2], atol=1e-3)
    np.testing.assert_allclose(
        (whole[3, 5, :3] + 1) * 127.5, view.rgb[6:8, 10:12].mean(axis=(0, 1)), atol=0.51
    )
    assert batch.pixels[0].tolist() == (replay.rows(np.arange(1))["pixel"][0] // 2).tolist()
    assert batch.state.proprioception[0, 3:7].tolist() == [1, 0, 0, 0]  # pointing down
    assert batch.weights.tolist() == [1, 1] and batch.demonstrated.all()


def test_rows_of_an_own_episode_are_of_the_same_kind() -> None:
    d = a_demonstration()
    looked = [Looked(d.observation(f), (10, 12)) for f in (0, GRASP, FRAMES - 1)]
    action = np.arange(8, dtype=np.float32)
    steps = [Step(looked[0], action, 0.0), Step(looked[1], action + 1, 1.0)]
    rows = episode_rows(steps, looked[2], True, CONFIG)
    assert rows["terminal"].tolist() == [0, 1] and rows["reward"].tolist() == [0, 100]
    assert not rows["demonstrated"].any()
    np.testing.assert_array_equal(rows["next_view_rgb"][0], rows["view_rgb"][1])
    timed_out = episode_rows(steps, looked[2], False, CONFIG)
    assert timed_out["terminal"].tolist() == [0, 0]
    both = join_rows([rows, demonstration_rows(d, CONFIG).rows])
    replay = Replay(columns(CONFIG), 100)
    assert len(replay.add(both)) == 14


def test_a_pixel_without_depth_is_answered_by_the_nearest_with() -> None:
    d = a_demonstration()
    view = d.view(0)
    depth = view.depth.copy()
    depth[8:13, 8:13] = 0
    depth[10, 12] = 1.0
    holed = RgbdView(view.rgb, depth, view.intrinsics, view.T_world_camera)
    np.testing.assert_array_equal(attended_point(holed, (10, 10), 8), holed.points[10, 12])
    np.testing.assert_array_equal(attended_point(holed, (20, 20), 8), holed.points[20, 20])
    depth[:] = 0
    depth[31, 31] = 1.0
    nothing = RgbdView(view.rgb, depth, view.intrinsics, view.T_world_camera)
    np.testing.assert_allclose(
        attended_point(nothing, (10, 10), 8), view.T_world_camera[:3, 3], atol=1e-6
    )


def test_a_small_view_of_the_same_size_is_the_view() -> None:
    view = a_demonstration().view(0)
    rgb, depth = small_view(view, SIZE)
    assert np.array_equal(rgb, view.rgb)
    np.testing.assert_array_equal(depth, view.depth.astype(np.float16))


@pytest.mark.parametrize("every", [4, 7])
def test_a_frame_without_an_image_is_named(every: int) -> None:
    with pytest.raises(UserInputError, match=f"has no image of frame {every}"):
        demonstration_rows(a_demonstration(), replace(CONFIG, every=every))


def test_the_state_at_a_keyframe_is_the_last_that_is_seen_before_the_arm_moves_on() -> None:
    # The gripper closes at 20 and the arm is lifted from 24 on; there is an image of 22.
    d = a_demonstration()
    later = np.sort(np.append(d.image_frames, 22))
    index = np.searchsorted(d.image_frames, later, side="right") - 1
    seen = replace(d, image_frames=later, rgb=d.rgb[index] // 2, depth=d.depth[index])
    rows = demonstration_rows(seen, CONFIG).rows
    np.testing.assert_allclose(rows["proprioception"][1, :7], d.tip_poses[22])
    np.testing.assert_array_equal(rows["next_proprioception"][0], rows["proprioception"][1])
    np.testing.assert_allclose(rows["action"][0, :7], d.tip_poses[GRASP])


def test_a_keyframe_without_an_image_is_named() -> None:
    spaced = replace(CONFIG, keyframes=False, spacing=13)
    with pytest.raises(UserInputError, match="has no image of frame 13"):
        demonstration_rows(a_demonstration(), spaced)


def test_crops_of_demonstrations_are_moved_from_the_attended_pixel() -> None:
    d, exact = a_demonstration(), demonstration_rows(a_demonstration(), CONFIG).rows
    moved = demonstration_rows(d, replace(CONFIG, jitter=2.0)).rows
    np.testing.assert_array_equal(moved["pixel"], exact["pixel"])
    off = moved["corner"] - exact["corner"]
    assert 0.5 < off.std() < 4 and len(np.unique(off, axis=0)) > 5
    for row in range(0, 12, 3):  # the attended point is what the moved pixel shows
        x, y = moved["corner"][row]
        inside = moved["crop_depth"][row][4, 4]
        assert inside == exact["crop_depth"][row][4, 4] or off[row].any()
        frame = [0, GRASP, 5, GRASP, 10, GRASP, 15, GRASP, 20, 25, 30, 35][row]
        np.testing.assert_allclose(moved["attended"][row], d.view(frame).points[y + 4, x + 4])
    again = demonstration_rows(d, replace(CONFIG, jitter=2.0)).rows
    np.testing.assert_array_equal(moved["corner"], again["corner"])
