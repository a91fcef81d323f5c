from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import tiny_push
from saccade.systems.push.commands import apply as command

ABOVE = 1.0
"""The camera looks straight down from so high above the table [m]."""
FOCAL, ROWS, COLS = 1000.0, 480, 640
POSE = [[1, 0, 0, -0.5], [0, -1, 0, 0.0], [0, 0, -1, 0.70 + ABOVE], [0, 0, 0, 1]]
"""Over the table's centre: camera x along world x, camera y (down) along world -y."""


def camera_file(folder: Path, **changes: object) -> Path:
    """camera.json; a change to None leaves the field out."""
    document: dict = {
        "fx": FOCAL, "fy": FOCAL, "cx": (COLS - 1) / 2, "cy": (ROWS - 1) / 2, "T_world_camera": POSE
    }  # fmt: skip
    document = {k: v for k, v in (document | changes).items() if v is not None}
    path = folder / "camera.json"
    path.write_text(json.dumps(document))
    return path


def block_depth() -> np.ndarray:
    """Depth [m] of a 5 cm block whose top spans 5 x 5 cm about world (-0.45, 0.06)."""
    depth = np.full((ROWS, COLS), ABOVE, np.float32)
    top = ABOVE - 0.05
    # x = -0.5 + (u - cx) z / f and y = -(v - cy) z / f, solved for the pixel of the block's centre.
    u = (COLS - 1) / 2 + 0.05 * FOCAL / top
    v = (ROWS - 1) / 2 - 0.06 * FOCAL / top
    half = 0.025 * FOCAL / top
    depth[round(v - half) : round(v + half), round(u - half) : round(u + half)] = top
    return depth


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, Path, str, Path]:
    """--depth and --camera of the block."""
    np.save(tmp_path / "depth.npy", block_depth())
    return "--depth", tmp_path / "depth.npy", "--camera", camera_file(tmp_path)


def push_of(folder: Path) -> dict:
    return json.loads((folder / "push.json").read_text())


def test_the_push_is_in_the_cameras_world(saccade, files, tmp_path, monkeypatch):
    q = np.zeros((16, 224, 224), np.float32)
    q[12, 142, 137] = 3.5
    policy = tiny_push.fixed_policy(q, np.full(q.shape, 0.9, np.float32))
    monkeypatch.setattr(command, "load_policy", lambda folder: policy)
    monkeypatch.setattr(command, "weights_folder", lambda *_: None)
    done = saccade("run", "push", *files, "--out", tmp_path)
    assert done.code == 0
    push = push_of(tmp_path)
    # x = -0.724 + 0.002 * 137, y = -0.224 + 0.002 * 142; direction 12 of 16 points along -y.
    assert push["start"] == pytest.approx([-0.45, 0.06])
    assert push["end"] == pytest.approx([-0.45, -0.04])
    assert push["angle"] == pytest.approx(1.5 * math.pi)
    assert push["angle_degrees"] == pytest.approx(270)
    assert push["length"] == pytest.approx(0.1)
    assert push["value"] == pytest.approx(3.5)
    # Fingertips 1 cm above the block's top, which stands 5 cm above the table at 0.70.
    assert push["tool_height"] == pytest.approx(0.76, abs=1e-6)
    assert "x -0.450, y 0.060 m, fingertips at z 0.760 m" in done.out
    assert "270.0 degrees, 4.7124 rad" in done.out


def test_heightmap_and_picture_show_the_block(saccade, files, weights, tmp_path):
    assert saccade("run", "push", *files, "--weights", weights, "--out", tmp_path).code == 0
    heightmap = np.load(tmp_path / "heightmap.npy")
    rows, cols = np.nonzero(heightmap > 0.04)
    # Centre of the block: row (0.06 + 0.224) / 0.002, column (-0.45 + 0.724) / 0.002.
    assert (rows.mean(), cols.mean()) == pytest.approx((142, 137), abs=1)
    assert np.ptp(rows) == pytest.approx(25, abs=1.5)
    assert heightmap.max() == pytest.approx(0.05, abs=1e-4)
    picture = np.asarray(Image.open(tmp_path / "push.png"))
    assert picture.shape[0] >= 448 and picture.shape[1] > 4 * 448


def test_a_png_in_millimetres_gives_the_same_push(saccade, map_weights, tmp_path):
    choices = []
    for name, scale in (("depth.npy", None), ("millimetres.png", 1000), ("tenths.png", 10_000)):
        camera = camera_file(tmp_path, depth_scale=None if scale is None else 1 / scale)
        if scale is None:
            np.save(tmp_path / name, block_depth())
        else:
            scaled = (block_depth() * scale).round().astype(np.uint16)
            cv2.imwrite(str(tmp_path / name), scaled)
        argv = ("--depth", tmp_path / name, "--camera", camera, "--out", tmp_path / Path(name).stem)
        assert saccade("run", "push", "--weights", map_weights, *argv).code == 0
        push = push_of(tmp_path / Path(name).stem)
        choices.append([push[key] for key in ("row", "col", "direction")])
    assert choices[0] == choices[1] == choices[2]


def test_moving_camera_and_table_moves_the_push(saccade, files, map_weights, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    rules = ("run", "push", "--weights", map_weights, *files[:2])
    assert saccade(*rules, *files[2:], "--out", here).code == 0
    pose = np.array(POSE, float)
    pose[:3, 3] += (2.0, -1.0, 0.25)
    workspace = {"x_min": 1.276, "y_min": -1.224, "table_height": 0.95}
    camera = camera_file(tmp_path, T_world_camera=pose.tolist(), workspace=workspace)
    assert saccade(*rules, "--camera", camera, "--out", there).code == 0
    one, two = push_of(here), push_of(there)
    assert (one["row"], one["col"]) == (two["row"], two["col"])
    assert np.subtract(two["start"], one["start"]) == pytest.approx([2.0, -1.0])
    assert two["tool_height"] - one["tool_height"] == pytest.approx(0.25, abs=1e-5)


def test_a_heightmap_alone_is_enough(saccade, weights, tmp_path):
    np.save(tmp_path / "map.npy", tiny_push.block_map())
    rules = ("--heightmap", tmp_path / "map.npy", "--weights", weights, "--out", tmp_path / "out")
    assert saccade("run", "push", *rules).code == 0
    assert 0 <= push_of(tmp_path / "out")["direction"] < 16


def test_the_box_may_be_moved_where_the_network_knows_how(saccade, weights, map_weights, tmp_path):
    np.save(tmp_path / "map.npy", tiny_push.block_map())
    moved = ("--heightmap", tmp_path / "map.npy", "--box.edge", "right", "--out", tmp_path / "out")
    assert saccade("run", "push", "--weights", weights, *moved).code == 0
    done = saccade("run", "push", "--weights", map_weights, *moved)
    done.mistake("the box is right 0.112", "hourglass")


def cube(height: float) -> np.ndarray:
    return tiny_push.block_map(height=height)


def with_hole(depth: np.ndarray, value: float) -> np.ndarray:
    holed = depth.copy()
    holed[10, 10] = value
    return holed


@pytest.mark.parametrize(
    ("heightmap", "words"),
    [
        (cube(0.05)[:100], ["(100, 224)", "(224, 224)"]),
        (cube(0.05)[None], ["(1, 224, 224)", "(224, 224)"]),
        ((1000 * cube(0.05)).astype(np.int32), ["int32", "metres"]),
        (1000 * cube(0.05), ["50", "millimetres"]),
        (with_hole(cube(0.05), np.nan), ["1 NaN or infinite"]),
        (with_hole(cube(0.05), np.inf), ["1 NaN or infinite"]),
        (cube(0.0), ["the table is empty", "0.0 mm"]),
        (cube(0.005), ["the table is empty", "5.0 mm"]),
        (np.full((224, 224), 0.05, np.float32), ["the mask is empty", "50 mm"]),
    ],
)
def test_a_bad_heightmap_costs_one_line(saccade, weights, tmp_path, heightmap, words):
    np.save(tmp_path / "map.npy", heightmap)
    out = tmp_path / "out"
    rules = ("--heightmap", tmp_path / "map.npy", "--weights", weights, "--out", out)
    saccade("run", "push", *rules).mistake(*words)
    assert not out.exists()


@pytest.mark.parametrize(
    ("depth", "words"),
    [
        (block_depth()[None], ["(1, 480, 640)", "(height, width)"]),
        ((1000 * block_depth()).astype(np.uint16), ["uint16", "metres"]),
        (1000 * block_depth(), ["median of 1000", "millimetres"]),
        (with_hole(block_depth(), np.inf), ["1 infinite", "NaN"]),
        (np.full((ROWS, COLS), np.nan, np.float32), ["no measurement"]),
        (np.full((ROWS, COLS), ABOVE, np.float32), ["the table is empty"]),
        (block_depth()[:100, :100], ["principal point", "100 x 100"]),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_bad_depth_image_costs_one_line(saccade, weights, tmp_path, depth, words):
    np.save(tmp_path / "depth.npy", depth)
    files = ("--depth", tmp_path / "depth.npy", "--camera", camera_file(tmp_path))
    out = tmp_path / "out"
    saccade("run", "push", *files, "--weights", weights, "--out", out).mistake(*words)
    assert not out.exists()


AWAY = [[1, 0, 0, 5], [0, -1, 0, 0], [0, 0, -1, 1.7], [0, 0, 0, 1]]
MIRRORED = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 1.7], [0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"T_world_camera": AWAY}, ["(5.00, 0.00, 1.70)", "does not see the table", "OpenCV"]),
        ({"T_world_camera": MIRRORED}, ["no rotation"]),
        ({"T_world_camera": [1, 2, 3]}, ["[1, 2, 3]", "4 rows of 4 numbers"]),
        ({"T_world_camera": "up"}, ["up", "4 rows of 4 numbers"]),
        ({"fx": None}, ["lacks fx", "fx, fy, cx, cy, T_world_camera"]),
        ({"fx": "wide"}, ["fx is 'wide'", "finite number"]),
        ({"fy": 0}, ["fx and fy > 0"]),
        ({"focal": 3}, ["unknown focal", "depth_scale, workspace"]),
        ({"depth_scale": -1}, ["depth_scale is -1", "0.001"]),
        ({"workspace": 3}, ["workspace is 3", "object"]),
        ({"workspace": {"size": 0.6}}, ["size is 0.6", "0.448"]),
        ({"workspace": {"table": 0.6}}, ["unknown table", "table_height"]),
    ],
)
def test_a_bad_camera_file_costs_one_line(saccade, files, weights, tmp_path, changes, words):
    camera = camera_file(tmp_path, **changes)
    argv = (*files[:2], "--camera", camera, "--weights", weights, "--out", tmp_path / "out")
    saccade("run", "push", *argv).mistake(*words)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("colour.png", np.zeros((8, 8, 3), np.uint8), ["3 channel(s) of uint8", "16-bit"]),
        ("grey.png", np.zeros((8, 8), np.uint8), ["1 channel(s) of uint8", "16-bit"]),
        ("words.png", b"no picture", ["words.png cannot be read", "16-bit PNG"]),
        ("words.npy", b"no array", ["words.npy", "no array"]),
        ("missing.png", None, ["missing.png", "No such file"]),
        ("missing.npy", None, ["missing.npy", "No such file"]),
    ],
)
def test_a_file_that_is_no_depth_image_is_named(saccade, tmp_path, name, content, words):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        cv2.imwrite(str(path), content)
    files = ("--depth", path, "--camera", camera_file(tmp_path))
    saccade("run", "push", *files).mistake(*words)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], ["--depth is missing"]),
        (["--depth", "d.png"], ["--camera is missing"]),
        (["--camera", "c.json"], ["--depth is missing"]),
        (["--heightmap", "m.npy", "--depth", "d.png"], ["--heightmap was given beside"]),
        (["--depth", "d.png", "--camera", "no.json"], ["no.json", "No such file"]),
        (["--box.edge", "middle"], ["'middle'", "left, right, top, bottom"]),
        (["--dept", "d.png"], ["--dept", "did you mean --depth"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, argv, words):
    saccade("run", "push", *argv).mistake(*words)


def test_a_camera_file_must_be_json(saccade, tmp_path):
    (tmp_path / "camera.json").write_text("{")
    files = ("--depth", "d.npy", "--camera", tmp_path / "camera.json")
    saccade("run", "push", *files).mistake("camera.json", "not valid JSON")
