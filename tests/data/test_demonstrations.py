from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from full_disk import REFUSAL, files_of_at_most
from saccade.data.demonstrations import (
    Demonstration,
    DemonstrationDataset,
    load_demonstration,
    save_demonstration,
)
from saccade.data.keyframes import augment, discover_keyframes
from saccade.errors import DamagedFileError, StorageError, UserInputError
from tiny_arm import FRAMES, GRASP, TASK, a_demonstration, assert_equal

FACTS = {"task": TASK, "seed": 3, "camera": {"width": 32}}


def changed(**values: Any) -> Demonstration:
    demonstration = a_demonstration()
    usual = {f.name: getattr(demonstration, f.name) for f in fields(demonstration)}
    return Demonstration(**(usual | values))


def a_dataset(folder: Path, successes: str) -> DemonstrationDataset:
    dataset = DemonstrationDataset.create(folder, FACTS)
    for index, success in enumerate(successes):
        if success != ".":
            save_demonstration(dataset.path(index), a_demonstration(index, success == "+"))
    return dataset


def test_a_demonstration_is_read_as_it_was_written(tmp_path: Path) -> None:
    demonstration = a_demonstration()
    save_demonstration(tmp_path / "d.npz", demonstration)
    assert_equal(load_demonstration(tmp_path / "d.npz"), demonstration)


def test_an_observation_is_that_of_its_frame() -> None:
    demonstration = a_demonstration()
    observation = demonstration.observation(GRASP)
    index = demonstration.image_frames.tolist().index(GRASP)
    np.testing.assert_array_equal(observation.view.rgb, demonstration.rgb[index])
    np.testing.assert_allclose(observation.view.depth, demonstration.depth[index])
    np.testing.assert_array_equal(
        observation.proprioception.tip_pose, demonstration.tip_poses[GRASP]
    )
    assert observation.proprioception.gripper_open == pytest.approx(0.6)


def test_a_frame_without_an_image_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(UserInputError, match=r"no image of frame 7; it has 9, of frames 0, 5, 10"):
        a_demonstration().view(7)
    with pytest.raises(UserInputError, match="no image of frame 41"):
        a_demonstration().view(FRAMES)


def test_its_keyframes_are_the_grasp_and_the_end() -> None:
    demonstration = a_demonstration()
    keyframes = discover_keyframes(
        demonstration.joint_velocities, demonstration.gripper_open, demonstration.tip_poses
    )
    assert keyframes.tolist() == [GRASP, FRAMES - 1]
    rows = augment(keyframes, len(demonstration), every=5)
    assert set(np.unique(rows)) <= set(demonstration.image_frames.tolist())


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"times": np.zeros(FRAMES)}, "times do not ascend"),
        ({"image_frames": np.arange(1, 10)}, "do not ascend from 0"),
        ({"image_frames": np.array([0, 1, 2, 3, 4, 5, 6, 7, 41])}, "an image of frame 41 and 41"),
        ({"image_frames": np.arange(8)}, "depth of demonstration 1 of grasp_and_lift: has shape"),
        ({"tip_poses": np.zeros((FRAMES, 7))}, "tip_poses has a quaternion of length 0"),
        ({"tip_poses": np.zeros((FRAMES, 6))}, r"tip_poses .* has shape \(41, 6\)"),
        ({"gripper_open": np.full(FRAMES, 1.5)}, "has a value 1.5; expected 0 to 1"),
        ({"joint_velocities": np.zeros((FRAMES, 6))}, r"joint_velocities .* shape \(41, 6\)"),
        ({"joint_positions": np.full((FRAMES, 7), np.nan)}, "joint_positions .* value nan"),
        ({"depth": np.full((9, 32, 32), 1e6)}, "depth .* value inf"),
        ({"depth": np.full((9, 32, 32), -0.25)}, "depth .* value -0.25"),
        ({"rgb": np.zeros((9, 32, 32, 3))}, "rgb .* Cannot cast"),
        ({"T_world_camera": np.zeros((4, 4))}, "no rotation"),
        ({"task": ""}, "expected a name"),
        ({"seed": 2**63}, "a seed of 64 bits"),
    ],
)
def test_what_is_no_demonstration_is_refused_in_one_line(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        changed(**values)
    assert "\n" not in str(caught.value)


def test_a_recording_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path, "+.+")
    assert dataset.missing(5) == [1, 3, 4]
    assert DemonstrationDataset.create(tmp_path, FACTS).missing(3) == [1]
    with pytest.raises(DamagedFileError, match="another seed; expected"):
        DemonstrationDataset.create(tmp_path, FACTS | {"seed": 4})


def test_a_dataset_goes_on_under_another_version(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path, "+")
    assert set(dataset.facts["versions"]) == {"saccade", "mujoco", "numpy"}
    path = tmp_path / "dataset.json"
    path.write_text(path.read_text().replace('"mujoco": "', '"mujoco": "0.'))
    noted = DemonstrationDataset.create(tmp_path, FACTS).facts["versions"]["mujoco"]
    assert noted.startswith("0.")


def test_failures_are_kept_and_listed_and_not_learned_from(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path, "+-.-+")
    (tmp_path / "episodes" / "episode_notes.npz").write_text("not an episode")
    assert [demonstration.seed for demonstration in dataset.successes()] == [0, 4]
    assert dataset.failures() == [1, 3]
    assert len(dataset) == len(list(dataset)) == 4


def test_a_full_disk_loses_only_the_episode_in_hand(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path, "+")
    with files_of_at_most(1000), pytest.raises(StorageError, match=REFUSAL):
        save_demonstration(dataset.path(1), a_demonstration())
    assert dataset.missing(2) == [1]
    assert_equal(load_demonstration(dataset.path(0)), a_demonstration(0))


def test_a_folder_of_pushes_is_no_dataset_of_demonstrations(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"format": "saccade-push-dataset-1"}')
    with pytest.raises(DamagedFileError, match="is no demonstration dataset"):
        DemonstrationDataset(tmp_path)


def test_an_episode_that_is_none_is_named(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path, "+")
    content = dict(np.load(dataset.path(0)))
    content["tip_poses"] = content["tip_poses"] * 2
    np.savez(dataset.path(0), **content)
    with pytest.raises(DamagedFileError, match=r"episode_000000.npz .* quaternion of length 2"):
        list(dataset)


def test_an_array_that_would_fill_the_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_demonstration(tmp_path / "d.npz", a_demonstration())
    monkeypatch.setattr("saccade.data.demonstrations.MOST_BYTES", 9 * 32 * 32 * 3 - 1)
    with pytest.raises(DamagedFileError, match="rgb takes 27,648 bytes; expected at most 27,647"):
        load_demonstration(tmp_path / "d.npz")
