from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from full_disk import files_of_at_most
from saccade.data.demonstrations import Demonstration
from saccade.data.lerobot import read_lerobot, write_lerobot
from saccade.data.lerobot.layout import EPISODES_FILE, INFO_FILE, STATS_FILE, TASKS_FILE
from saccade.data.lerobot.statistics import (
    QUANTILES,
    colour_statistics,
    combined,
    map_statistics,
    vector_statistics,
)
from saccade.errors import DamagedFileError, MissingExtraError, StorageError, UserInputError
from tiny_arm import FRAMES, GRASP, TASK, a_demonstration, assert_equal

DATA_FILE = "data/chunk-000/file-000.parquet"


def changed(demonstration: Demonstration, **values: Any) -> Demonstration:
    usual = {f.name: getattr(demonstration, f.name) for f in fields(demonstration)}
    return Demonstration(**(usual | values))


def three() -> list[Demonstration]:
    return [a_demonstration(seed, success=seed != 1) for seed in range(3)]


def written(folder: Path, **settings: Any) -> Path:
    assert write_lerobot(folder / "set", three(), **settings) == 3
    return folder / "set"


def column(folder: Path, name: str) -> np.ndarray:
    return np.array(pq.read_table(folder / DATA_FILE)[name].to_pylist())


def test_with_pictures_a_dataset_is_read_as_it_was_written(tmp_path: Path) -> None:
    for made, read in zip(three(), read_lerobot(written(tmp_path, video=False)), strict=True):
        assert_equal(made, read)


def test_with_a_video_colours_are_nearly_the_same_and_the_rest_exactly(tmp_path: Path) -> None:
    for made, read in zip(three(), read_lerobot(written(tmp_path)), strict=True):
        difference = np.abs(made.rgb.astype(int) - read.rgb)
        assert difference.mean() < 4  # half the resolution of colours, of 32 x 32 pixels
        assert_equal(made, changed(read, rgb=made.rgb))


def test_files_are_begun_when_they_are_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saccade.data.lerobot.layout.DATA_MEGABYTES", 0)
    monkeypatch.setattr("saccade.data.lerobot.layout.FILES_A_CHUNK", 2)
    folder = written(tmp_path)
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*file-*"))
    parts = ["chunk-000/file-000", "chunk-000/file-001", "chunk-001/file-000"]
    assert [n for n in names if n.startswith("data/")] == [f"data/{p}.parquet" for p in parts]
    videos = [n for n in names if n.startswith("videos/")]
    assert videos == [f"videos/observation.images.front/{p}.mp4" for p in parts]
    for made, read in zip(three(), read_lerobot(folder), strict=True):
        np.testing.assert_array_equal(made.tip_poses, read.tip_poses)
        assert np.abs(made.rgb.astype(int) - read.rgb).mean() < 4


def test_rows_are_frames_with_what_comes_next(tmp_path: Path) -> None:
    folder, made = written(tmp_path, video=False), a_demonstration(1)
    mine = column(folder, "episode_index") == 1
    action, keyframe = column(folder, "action")[mine], column(folder, "next_keyframe")[mine]
    np.testing.assert_array_equal(action[:-1, :7], made.tip_poses[1:])
    np.testing.assert_array_equal(action[-1, :7], made.tip_poses[-1])
    assert action[:, 7].tolist() == [1] * (GRASP - 1) + [0] * (FRAMES - GRASP + 1)
    for frame in range(FRAMES):
        goal = GRASP if frame < GRASP else FRAMES - 1
        np.testing.assert_array_equal(keyframe[frame, :7], made.tip_poses[goal])
    np.testing.assert_allclose(column(folder, "timestamp")[mine], np.arange(FRAMES) / 20)
    assert column(folder, "frame_index")[mine].tolist() == list(range(FRAMES))
    assert column(folder, "index").tolist() == list(range(3 * FRAMES))
    assert set(column(folder, "task_index")) == {0}


def test_between_two_images_the_earlier_one_is_shown(tmp_path: Path) -> None:
    folder = written(tmp_path, video=False)
    seen = column(folder, "seen_frame")[:FRAMES]
    assert seen.tolist() == [5 * (frame // 5) for frame in range(FRAMES)]
    depth = column(folder, "observation.depth.front")[:FRAMES]
    made = a_demonstration(0)
    np.testing.assert_array_equal(depth[23], made.depth[made.image_frames.tolist().index(20)])


def test_rows_with_an_image_alone_come_at_its_rate(tmp_path: Path) -> None:
    made = a_demonstration(2)
    keep = made.image_frames
    extra = np.sort(np.append(keep, 13))  # a keyframe's image between the others
    index = np.searchsorted(keep, extra, side="right") - 1
    more = changed(made, image_frames=extra, rgb=made.rgb[index], depth=made.depth[index])
    write_lerobot(tmp_path / "set", [more], video=False, seen_only=True)
    (read,) = read_lerobot(tmp_path / "set")
    assert len(read) == len(read.image_frames) == 9
    assert json.loads((tmp_path / "set" / INFO_FILE).read_text())["fps"] == 4
    np.testing.assert_array_equal(read.tip_poses, made.tip_poses[::5])
    np.testing.assert_array_equal(read.rgb, made.rgb)
    np.testing.assert_allclose(read.times, made.times[::5])
    np.testing.assert_array_equal(column(tmp_path / "set", "action")[:-1, :7], made.tip_poses[5::5])


def test_tasks_are_in_words(tmp_path: Path) -> None:
    others = [replace_task(a_demonstration(4), "push_it"), a_demonstration(5)]
    write_lerobot(tmp_path / "set", [a_demonstration(3), *others], text={TASK: "Lift the ball."})
    table = pq.read_table(tmp_path / "set" / TASKS_FILE)
    assert table["task_index"].to_pylist() == [0, 1]
    described = json.loads(table.schema.metadata[b"pandas"])
    (index,) = described["index_columns"]
    assert table[index].to_pylist() == ["Lift the ball.", "push it"]
    episodes = pq.read_table(tmp_path / "set" / EPISODES_FILE)
    tasks = [["Lift the ball."], ["push it"], ["Lift the ball."]]
    assert episodes["tasks"].to_pylist() == tasks
    assert [d.task for d in read_lerobot(tmp_path / "set")] == [TASK, "push_it", TASK]


def replace_task(demonstration: Demonstration, task: str) -> Demonstration:
    return replace(demonstration, task=task)


def test_episodes_are_found_in_the_video(tmp_path: Path) -> None:
    (entry,) = pq.read_table(written(tmp_path) / EPISODES_FILE).slice(2).to_pylist()
    video = "videos/observation.images.front"
    assert entry[f"{video}/from_timestamp"] == 2 * FRAMES / 20
    assert entry[f"{video}/to_timestamp"] == 3 * FRAMES / 20
    assert (entry["dataset_from_index"], entry["dataset_to_index"]) == (2 * FRAMES, 3 * FRAMES)
    assert (entry["length"], entry["episode_index"]) == (FRAMES, 2)


def test_statistics_are_those_of_all_rows(tmp_path: Path) -> None:
    folder = written(tmp_path, video=False)
    found = json.loads((folder / STATS_FILE).read_text())
    state = column(folder, "observation.state")
    for name, value in (
        ("min", state.min(axis=0)), ("max", state.max(axis=0)),
        ("mean", state.mean(axis=0)), ("std", state.std(axis=0)),
    ):  # fmt: skip
        np.testing.assert_allclose(found["observation.state"][name], value, atol=1e-6)
    assert found["observation.state"]["count"] == [3 * FRAMES]
    assert np.shape(found["observation.images.front"]["mean"]) == (3, 1, 1)
    assert np.shape(found["observation.depth.front"]["q50"]) == (1, 1)
    rgb = np.concatenate([d.rgb for d in three()]) / 255
    mean = np.ravel(found["observation.images.front"]["mean"])
    np.testing.assert_allclose(mean, rgb.mean(axis=(0, 1, 2)))


def test_statistics_of_parts_are_combined() -> None:
    rng = np.random.default_rng(1)
    parts = [rng.normal(i, i + 1, (10 * i + 5, 3)) for i in range(4)]
    found, whole = combined([vector_statistics(p) for p in parts]), np.concatenate(parts)
    np.testing.assert_allclose(found["mean"], whole.mean(axis=0))
    np.testing.assert_allclose(found["std"], whole.std(axis=0))
    np.testing.assert_array_equal(found["max"], whole.max(axis=0))
    assert found["count"].tolist() == [80]
    medians = [np.median(p, axis=0) * len(p) for p in parts]
    np.testing.assert_allclose(found["q50"], np.sum(medians, axis=0) / 80)


def test_statistics_of_maps_and_colours_are_over_pixels() -> None:
    rng = np.random.default_rng(2)
    depth, rgb = rng.random((3, 4, 5)), rng.integers(0, 256, (3, 4, 5, 3)).astype(np.uint8)
    assert map_statistics(depth)["std"] == pytest.approx(depth.std())
    colours = colour_statistics(rgb)
    np.testing.assert_allclose(colours["max"].ravel(), rgb.max(axis=(0, 1, 2)) / 255)
    assert all(colours[name].shape == (3, 1, 1) for name in QUANTILES)


def test_without_pyarrow_the_line_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pyarrow is not installed.*\[data\]"):
        write_lerobot(tmp_path / "set", [])
    with pytest.raises(MissingExtraError):
        list(read_lerobot(tmp_path))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"times": np.cumsum(1 + np.arange(FRAMES) % 2) / 20}, "0.05 to 0.1 s apart; expected"),
        ({"times": np.arange(FRAMES) / 7.4}, "7.4 times a second; expected a whole number"),
        ({"times": np.arange(FRAMES) * 3.0}, "3 to 3 s apart; expected even distances"),
        ({"times": np.arange(FRAMES) / 10}, r"rate \(32, 32, 7, 10\); expected \(32, 32, 7, 20\)"),
        ({"rgb": np.zeros((9, 32, 31, 3), np.uint8), "depth": np.ones((9, 32, 31))}, "as the f"),
        (
            {
                "tip_poses": np.tile(a_demonstration().tip_poses[:1], (FRAMES, 1)),
                "gripper_open": np.ones(FRAMES),
            },
            "no keyframe",
        ),
    ],
)
def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserInputError, match=message):
        write_lerobot(tmp_path / "set", [a_demonstration(), changed(a_demonstration(), **values)])
    assert list(tmp_path.iterdir()) == []


def test_an_odd_side_has_no_video(tmp_path: Path) -> None:
    made = a_demonstration()
    odd = changed(made, rgb=made.rgb[:, :31], depth=made.depth[:, :31])
    with pytest.raises(UserInputError, match=r"32 x 31 pixels; .*video=False"):
        write_lerobot(tmp_path / "set", [odd])
    write_lerobot(tmp_path / "set", [odd], video=False)
    (read,) = read_lerobot(tmp_path / "set")
    assert_equal(read, odd)


def test_a_missing_image_is_named_where_only_images_are_written(tmp_path: Path) -> None:
    made, kept = a_demonstration(), [0, 1, 2, 4, 5, 6, 7, 8]
    less = changed(
        made, image_frames=made.image_frames[kept], rgb=made.rgb[kept], depth=made.depth[kept]
    )
    with pytest.raises(UserInputError, match="no image of frame 15; expected one of every 5"):
        write_lerobot(tmp_path / "set", [less], seen_only=True)


def test_nothing_to_write_or_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="no demonstration to write"):
        write_lerobot(tmp_path / "set", [])
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(UserInputError, match="is not empty"):
        write_lerobot(tmp_path, [a_demonstration()])


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with files_of_at_most(3000), pytest.raises(StorageError):
        write_lerobot(tmp_path / "set", three(), video=False)
    assert list(tmp_path.iterdir()) == []


def edited(folder: Path, **values: Any) -> Path:
    path = folder / INFO_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return folder


def test_what_is_no_dataset_of_ours_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, video=False)
    features = json.loads((folder / INFO_FILE).read_text())["features"]
    cases = [
        ({"codebase_version": "v2.1"}, "describes no LeRobotDataset v3.0"),
        ({"data_path": "../../etc/{chunk_index}"}, "has another data_path"),
        ({"fps": 0}, "impossible fps"),
        ({"fps": "20"}, "impossible fps"),
        ({"features": {}}, "has no camera"),
        ({"features": features | {"observation.images.side": {}}}, "camera front, side; expected"),
        ({"features": features | {"observation.depth.front": None}}, "others' have no depth"),
        ({"features": features | {"observation.depth.front": {"shape": [9]}}}, "2 sizes up to"),
    ]
    before = (folder / INFO_FILE).read_text()
    for values, message in cases:
        with pytest.raises(UserInputError, match=message):
            list(read_lerobot(edited(folder, **values)))
        (folder / INFO_FILE).write_text(before)
    with pytest.raises(UserInputError, match="has the camera front; expected wrist"):
        list(read_lerobot(folder, camera="wrist"))
    with pytest.raises(DamagedFileError, match="cannot read"):
        list(read_lerobot(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("file", "name", "values", "message"),
    [
        (DATA_FILE, "seen_frame", np.zeros(123, np.int32), "has of another type, seen_frame"),
        (DATA_FILE, "episode_index", np.zeros(123, np.int64), "has 123 rows of episode 0"),
        (DATA_FILE, "episode_index", np.tile([0, 1, 2], 41), "one behind the other"),
        (DATA_FILE, "seen_frame", np.full(123, -1), "no row has an image of its own"),
        (EPISODES_FILE, "data/file_index", np.array([0, 0, 7]), "cannot read .*file-007.parquet"),
        (EPISODES_FILE, "length", np.array([41, 0, 41]), "has an episode of 0 rows"),
        (EPISODES_FILE, "saccade/start", np.array([0, np.nan, 0]), "has an episode"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    tmp_path: Path, file: str, name: str, values: np.ndarray, message: str
) -> None:
    folder = written(tmp_path, video=False)
    table = pq.read_table(folder / file)
    at = table.schema.names.index(name)
    pq.write_table(table.set_column(at, name, pa.array(values)), folder / file)
    with pytest.raises(DamagedFileError, match=message) as caught:
        list(read_lerobot(folder))
    assert "\n" not in str(caught.value)
