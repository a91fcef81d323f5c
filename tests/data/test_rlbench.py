from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tiny_arm
import tiny_rlbench
from saccade.data.projection import check_projection
from saccade.data.rlbench import read_rlbench, read_rlbench_episode, rlbench_episodes
from saccade.errors import DamagedFileError, UserInputError
from saccade.viewing.images import save_png

TASK = tiny_arm.TASK


def an_episode(folder: Path, change: Callable[[Any], object] | None = None) -> Path:
    """An episode of which one observation after another is changed before it is written."""
    demonstration = tiny_arm.a_demonstration(3)
    tiny_rlbench.write_episode(folder, demonstration)
    if change is not None:
        seen = tiny_rlbench.observations(demonstration)
        for observation in seen:
            change(observation)
        tiny_rlbench.write_demo(folder / "low_dim_obs.pkl", seen)
    return folder


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_demonstration_is_read_as_it_was_made(tmp_path: Path, protocol: int) -> None:
    made = tiny_arm.a_demonstration(3)
    folder = tiny_rlbench.write_episode(tmp_path / "episode3", made, protocol)
    read = read_rlbench_episode(folder, TASK)
    assert (read.task, read.seed, read.success) == (TASK, 3, True)
    np.testing.assert_array_equal(read.image_frames, made.image_frames)
    np.testing.assert_array_equal(read.rgb, made.rgb)
    np.testing.assert_allclose(read.depth, made.depth, atol=1e-3)
    np.testing.assert_allclose(read.tip_poses, made.tip_poses, atol=1e-6)
    np.testing.assert_allclose(read.T_world_camera, made.T_world_camera, atol=1e-12)
    np.testing.assert_array_equal(read.gripper_open, made.gripper_open > 0.9)
    for name in ("finger_positions", "joint_positions", "joint_velocities"):
        np.testing.assert_allclose(getattr(read, name), getattr(made, name), err_msg=name)
    assert read.intrinsics == made.intrinsics


def test_a_point_is_where_rlbench_s_own_matrices_say(tmp_path: Path) -> None:
    """Its way from a pixel to a point, written down: world = E (d K^-1 (column, row, 1))."""
    read = read_rlbench_episode(an_episode(tmp_path / "episode0"), TASK)
    facts, view = tiny_rlbench.camera_facts(tiny_arm.a_demonstration(3)), read.view(0)
    for row, column in ((2, 3), (20, 30)):
        pixel = np.array([column, row, 1.0]) * view.depth[row, column]
        local = np.linalg.inv(facts["front_camera_intrinsics"]) @ pixel
        world = facts["front_camera_extrinsics"] @ np.append(local, 1)
        np.testing.assert_allclose(view.points[row, column], world[:3], atol=1e-5)


def test_episodes_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for variation, number in ((0, 10), (0, 2), (11, 0), (3, 1)):
        (tmp_path / TASK / f"variation{variation}" / "episodes" / f"episode{number}").mkdir(
            parents=True
        )
    names = [p.relative_to(tmp_path / TASK).parts for p in rlbench_episodes(tmp_path, TASK)]
    assert [(v, e) for v, _, e in names] == [
        ("variation0", "episode2"),
        ("variation0", "episode10"),
        ("variation3", "episode1"),
        ("variation11", "episode0"),
    ]
    assert len(rlbench_episodes(tmp_path, TASK, variation=3)) == 1


@pytest.mark.parametrize("variations", ["variation0", "all_variations"])
def test_a_dataset_is_read_episode_by_episode(tmp_path: Path, variations: str) -> None:
    root = tiny_rlbench.write_dataset(tmp_path, 2, variations)
    assert [d.seed for d in read_rlbench(root, TASK)] == [0, 1]


def test_only_every_nth_picture_and_those_of_keyframes_are_needed(tmp_path: Path) -> None:
    folder = an_episode(tmp_path / "episode0")
    (folder / "front_rgb" / "5.png").unlink()
    with pytest.raises(DamagedFileError, match=r"front_rgb/5.png"):
        read_rlbench_episode(folder, TASK)
    assert read_rlbench_episode(folder, TASK, every=10).image_frames.tolist() == [0, 10, 20, 30, 40]


def test_a_task_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    root = tiny_rlbench.write_dataset(tmp_path, 1)
    (root / "open_door" / "variation0").mkdir(parents=True)
    with pytest.raises(UserInputError, match=rf"'grasp'.*valid: {TASK}, open_door"):
        next(read_rlbench(root, "grasp"))
    with pytest.raises(UserInputError, match="'variation7'.*valid: variation0"):
        next(read_rlbench(root, TASK, variation=7))
    with pytest.raises(UserInputError, match="holds no episodes in variation0"):
        next(read_rlbench(root, "open_door"))
    with pytest.raises(UserInputError, match="holds no TASK/variation0"):
        next(read_rlbench(tmp_path / "nowhere", TASK))
    with pytest.raises(UserInputError, match="camera is 'side'; expected one of front"):
        next(read_rlbench(root, TASK, camera="side"))


def without(name: str) -> Callable[[Any], object]:
    return lambda observation: setattr(observation, name, None)


def facts(**changed: Any) -> Callable[[Any], object]:
    keys = {f"front_camera_{name}": value for name, value in changed.items()}
    return lambda observation: observation.misc.update(keys)


EXTRINSICS = tiny_rlbench.camera_facts(tiny_arm.a_demonstration(3))["front_camera_extrinsics"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("joint_velocities"), "lacks joint_velocities; expected a dataset made with it"),
        (without("misc"), r'lacks misc\["front_camera_intrinsics"\]'),
        (facts(near=5.0), "front_camera_near is 5 and far 4.5"),
        (facts(intrinsics=np.eye(4)), r"has shape \(4, 4\); expected \(3, 3\)"),
        (facts(intrinsics=np.diag([44.0, -44.0, 1.0])), "two of the same sign"),
        (facts(extrinsics=2 * np.eye(4)), "no rotation"),
        (facts(extrinsics=np.array(["a"])), "array is of type '?U1"),
        (facts(extrinsics=np.linalg.inv(EXTRINSICS)), "is not where its matrices say"),
        (facts(extrinsics=EXTRINSICS @ np.diag([-1, -1, 1, 1])), "is not where its matrices say"),
        (facts(extrinsics=EXTRINSICS @ np.diag([1, -1, -1, 1])), "tip is behind the camera in 9"),
        (lambda o: setattr(o, "gripper_pose", np.zeros(3)), r"gripper_pose has \[3\] values"),
        (lambda o: setattr(o, "gripper_pose", 2 * o.gripper_pose), "quaternion of length 2"),
        (lambda o: setattr(o, "gripper_open", float("nan")), "gripper_open holds NaN"),
        (lambda o: setattr(o, "joint_positions", "x"), "joint_positions: 'x' is no array"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, change: Callable[[Any], object], message: str
) -> None:
    folder = an_episode(tmp_path / "episode0", change)
    with pytest.raises(DamagedFileError, match=message) as caught:
        read_rlbench_episode(folder, TASK)
    assert str(folder / "low_dim_obs.pkl") in str(caught.value) and "\n" not in str(caught.value)


def test_a_camera_that_moves_is_refused(tmp_path: Path) -> None:
    moved = []

    def move(observation: Any) -> None:
        moved.append(0)
        observation.misc["front_camera_extrinsics"][2, 3] += 0.01 * len(moved)

    folder = an_episode(tmp_path / "episode0", move)
    with pytest.raises(DamagedFileError, match="expected a camera that stands"):
        read_rlbench_episode(folder, TASK)


def test_an_episode_in_which_nothing_is_done_is_refused(tmp_path: Path) -> None:
    still = tiny_rlbench.observations(tiny_arm.a_demonstration(3))[:1] * 8
    folder = an_episode(tmp_path / "episode0")
    tiny_rlbench.write_demo(folder / "low_dim_obs.pkl", still)
    with pytest.raises(DamagedFileError, match="no keyframe in 8 frame"):
        read_rlbench_episode(folder, TASK)


def test_a_missing_camera_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    folder = an_episode(tmp_path / "episode0")
    (folder / "front_rgb").rename(folder / "wrist_rgb")
    with pytest.raises(DamagedFileError, match="has no front_rgb; it has wrist_rgb"):
        read_rlbench_episode(folder, TASK)


def test_pictures_of_two_sizes_are_refused(tmp_path: Path) -> None:
    folder = an_episode(tmp_path / "episode0")
    save_png(folder / "front_depth" / "10.png", np.zeros((8, 9, 3), np.uint8))
    with pytest.raises(DamagedFileError, match=r"10.png has shape \(8, 9, 3\); expected \(32"):
        read_rlbench_episode(folder, TASK)


def test_pictures_that_would_fill_the_memory_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = an_episode(tmp_path / "episode0")
    shutil.rmtree(folder / "front_depth")
    monkeypatch.setattr("saccade.data.rlbench.MOST_BYTES", 9 * 32 * 32 * 3 - 1)
    with pytest.raises(DamagedFileError, match="9 images of .* take 27,648 bytes"):
        read_rlbench_episode(folder, TASK)


def test_the_camera_of_a_sound_demonstration_is_where_it_says() -> None:
    for seed in range(5):
        check_projection(tiny_arm.a_demonstration(seed))
