"""`saccade run arm`: the next-best pose for a user's own RGB-D image, in the camera's world."""

from __future__ import annotations

import json
import math
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from arm_scenes import BLOCK, HEIGHT, SIDE, table_view
from saccade.systems.arm.pictures.decisions import SCALE
from saccade.worlds.rgbd import RgbdView
from saccade.worlds.tabletop.camera import FrontCamera

MINE = FrontCamera(width=320, height=240)
"""A camera of more pixels than policies see, and of another shape."""
Files = tuple[object, ...]


def write(folder: Path, view: RgbdView, pose: np.ndarray, **changes: object) -> Files:
    """The files of a view, and the options that name them; a change to None leaves it out."""
    k = view.intrinsics
    document = {"fx": k.fx, "fy": k.fy, "cx": k.cx, "cy": k.cy, "T_world_camera": pose.tolist()}
    document = {k: v for k, v in (document | changes).items() if v is not None}
    (folder / "camera.json").write_text(json.dumps(document))
    cv2.imwrite(str(folder / "rgb.png"), view.rgb[..., ::-1])
    millimetres = (1000 * view.depth).round().astype(np.uint16)
    cv2.imwrite(str(folder / "depth.png"), millimetres)
    return tuple(
        part
        for name in ("rgb.png", "depth.png", "camera.json")
        for part in (f"--{name.partition('.')[0]}", folder / name)
    )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A red block on a table, seen by `MINE`."""
    return write(tmp_path, table_view(camera=MINE), MINE.T_world_camera)


def pose_of(folder: Path) -> dict:
    return json.loads((folder / "pose.json").read_text())


def test_the_pose_is_where_the_camera_says_that_the_block_is(saccade, files, reaching, tmp_path):
    out = tmp_path / "out"
    done = saccade("run", "arm", *files, "--weights", reaching, "--out", out)
    assert done.code == 0
    pose = pose_of(out)
    middle, half = np.array([*BLOCK, HEIGHT / 2]), np.array([SIDE, SIDE, HEIGHT]) / 2
    assert (np.abs(np.array(pose["attended_point"]) - middle) <= half + 0.008).all()
    assert (np.abs(np.array(pose["position"]) - middle) <= half).all()
    assert pose["quaternion"] == [0, 1, 0, 0] and pose["gripper_open"] is True
    x, y, z = pose["position"]
    assert f"goes to    x {x:.3f}, y {y:.3f}, z {z:.3f} m" in done.out
    assert "w 0.0000, x 1.0000" in done.out and "fingers    open there" in done.out
    assert np.asarray(Image.open(out / "pose.png")).shape[1] == 2 * 128 * SCALE + 12
    # The command that it notes down is the one that was given.
    assert pose["command"].startswith("saccade run arm")
    again = shlex.split(pose["command"])[1:]
    assert saccade(*again, "--out", tmp_path / "again").code == 0
    assert pose_of(tmp_path / "again")["position"] == pose["position"]


def test_where_the_world_lies_is_the_cameras_word(saccade, files, reaching, tmp_path):
    saccade("run", "arm", *files, "--weights", reaching, "--out", tmp_path / "here")
    angle = math.radians(20)
    moved = np.eye(4)
    moved[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    moved[:3, 3] = (0.05, 0.10, 0.02)
    elsewhere = write(tmp_path, table_view(camera=MINE), moved @ MINE.T_world_camera)
    saccade("run", "arm", *elsewhere, "--weights", reaching, "--out", tmp_path / "there")
    here, there = (pose_of(tmp_path / name)["position"] for name in ("here", "there"))
    assert there == pytest.approx(moved[:3, :3] @ here + moved[:3, 3], abs=1e-5)


def test_networks_decide_on_files(saccade, files, weights, tmp_path):
    done = saccade("run", "arm", *files, "--weights", weights, "--out", tmp_path / "out")
    assert done.code == 0
    pose = pose_of(tmp_path / "out")
    assert pose["task"] == "reach_target"
    assert math.hypot(*pose["quaternion"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--depth", "nothing.png"), ["nothing.png"]),
        (("--depth", "rgb.png"), ["rgb.png", "3 channel(s) of uint8", "16-bit"]),
        (("--rgb", "depth.png"), ["depth.png", "uint16", "three of uint8"]),
        (("--rgb", "small.png"), ["(100, 100, 3)", "(240, 320)", "same pixels"]),
        (("--depth", "dark.npy"), ["depth image holds no measurement"]),
        (("--opening", "3"), ["--opening", "3", "0 to 1"]),
        (("--tip", *"0400000"), ["--tip", "quaternion of length 0"]),
        (("--weights", "nobody"), ["no weights 'nobody'"]),
        (("--task", "fly"), ["unknown task 'fly'", "stack_wine"]),
    ],
)
def test_a_mistake_costs_one_line(saccade, files, tmp_path, monkeypatch, given, words):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (100, 100)).save("small.png")
    np.save("dark.npy", np.zeros((240, 320), np.float32))
    task = () if given[0] in ("--task", "--weights") else ("--task", "stack_wine")
    saccade("run", "arm", *files, *task, *given, "--out", "out").mistake(*words)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fx": None}, ["camera.json", "lacks fx"]),
        ({"cx": 900.0}, ["cx 900", "320 x 240"]),
        ({"T_world_camera": np.zeros((4, 4)).tolist()}, ["T_world_camera"]),
        ({"T_world_camera": [[1, 0], [0, 1]]}, ["T_world_camera", "4 rows of 4 numbers"]),
        (
            {"T_world_camera": np.linalg.inv(MINE.T_world_camera).tolist()},
            ["camera.json", "T_world_camera", "0% of the view", "z = 0"],
        ),
    ],
)
def test_a_wrong_camera_costs_one_line(saccade, tmp_path, changes, words):
    files = write(tmp_path, table_view(camera=MINE), MINE.T_world_camera, **changes)
    saccade("run", "arm", *files, "--task", "stack_wine", "--out", tmp_path / "out").mistake(*words)
    assert not (tmp_path / "out").exists()
