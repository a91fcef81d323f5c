"""A demonstration that costs nothing: a hand that reaches down, grasps and lifts, seen from before.

Its images show a table, z = 0, and a ball around the tip, both as a camera would see them.
"""

from __future__ import annotations

import math

import numpy as np

from saccade.data.demonstrations import SPECS, Demonstration
from saccade.worlds.cameras import Intrinsics, pixels_from_points

TASK = "grasp_and_lift"
SIZE = 32
LENS = Intrinsics(44.0, 44.0, 15.5, 15.5)
"""40 degrees across."""
EYE = (1.35, 0.0, 0.75)
DOWN = (0.0, 1.0, 0.0, 0.0)
BALL = 0.04
"""Radius of the ball around the tip [m]."""
FRAMES = 41
GRASP, LIFT = 20, 24
"""Frames at which the gripper closes, and from which it is lifted."""


def camera_pose() -> np.ndarray:
    """T_world_camera of a camera that looks back at the robot, 35 degrees down."""
    c, s = math.cos(math.radians(35)), math.sin(math.radians(35))
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = (0, 1, 0), (s, 0, -c), (-c, 0, -s)
    pose[:3, 3] = EYE
    return pose


def tip_positions(seed: int) -> np.ndarray:
    """Down onto a place of the table, a rest, and up again (n, 3) [m]."""
    x, y = np.random.default_rng(seed).uniform((0.4, -0.15), (0.6, 0.15))
    key = np.array([[0.45, 0.0, 0.35], [x, y, 0.03], [x, y, 0.03], [x, y, 0.2]])
    times = [0, GRASP - 2, LIFT, FRAMES - 1]
    return np.stack([np.interp(np.arange(FRAMES), times, key[:, i]) for i in range(3)], axis=1)


def image(tip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours and depths of table and ball."""
    pose = camera_pose()
    rows, columns = np.mgrid[:SIZE, :SIZE]
    across, down = (columns - LENS.cx) / LENS.fx, (rows - LENS.cy) / LENS.fy
    rays = np.stack([across, down, np.ones_like(across)], axis=-1) @ pose[:3, :3].T
    depth = np.minimum(-pose[2, 3] / np.minimum(rays[..., 2], -1e-3), 5.0)
    rgb = np.full((SIZE, SIZE, 3), 120, np.uint8)
    rgb[..., 0] += (columns // 4 % 2 * 60).astype(np.uint8)
    z = (tip - pose[:3, 3]) @ pose[:3, 2]
    x, y = pixels_from_points(tip[None], LENS, pose)[0]
    on_ball = np.hypot(columns - x, rows - y) <= BALL * LENS.fx / z
    rgb[on_ball] = (250, 240, 30)
    depth[on_ball] = np.minimum(depth[on_ball], z - BALL / 2)
    return rgb, depth


def a_demonstration(seed: int = 1, success: bool = True, every: int = 5) -> Demonstration:
    """41 frames of 20 Hz, of which every fifth and the last have an image."""
    tips = tip_positions(seed)
    frames = np.unique([*range(0, FRAMES, every), GRASP, FRAMES - 1])
    rgb, depth = zip(*(image(tips[frame]) for frame in frames), strict=True)
    opening = np.where(np.arange(FRAMES) < GRASP, 1.0, 0.6)
    joints = np.pad(tips, ((0, 0), (0, 4)))  # three joints that are as far as the tip
    return Demonstration(
        TASK, seed, success, LENS, camera_pose(), frames, np.stack(rgb), np.stack(depth),
        times=np.arange(FRAMES) / 20,
        tip_poses=np.concatenate([tips, np.tile(DOWN, (FRAMES, 1))], axis=1),
        gripper_open=opening,
        finger_positions=0.04 * np.stack([opening, opening], axis=1),
        joint_positions=joints,
        joint_velocities=np.gradient(joints, 0.05, axis=0),
    )  # fmt: skip


def assert_equal(one: Demonstration, other: Demonstration) -> None:
    """Require the same arrays of the same types, and the same facts."""
    for name in ("task", "seed", "success", "intrinsics"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("T_world_camera", *SPECS):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.dtype == theirs.dtype, name
        np.testing.assert_array_equal(mine, theirs, err_msg=name)
