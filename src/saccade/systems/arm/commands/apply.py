"""`saccade run arm`: the next-best pose on a user's own RGB-D image."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from saccade.checks import check_shares
from saccade.data.depth_camera import read_camera, read_colours, read_depth
from saccade.errors import UserInputError
from saccade.storage.files import write_whole
from saccade.systems.arm.commands.evaluate import weights_of
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.own_view import resampled
from saccade.systems.arm.pictures.decisions import decision_pictures
from saccade.systems.arm.weights import SYSTEM, load
from saccade.verbs.command import Command
from saccade.verbs.spelling import command_line
from saccade.viewing.images import save_png
from saccade.viewing.montage import side_by_side
from saccade.worlds.rgbd import Observation, Proprioception, RgbdView, check_unit
from saccade.worlds.robots.panda import FINGER_RANGE
from saccade.worlds.tabletop.camera import FrontCamera

POSE_FILE, PICTURE_FILE = "pose.json", "pose.png"
HOME_TIP = (0.4, 0.0, 0.4, 0.0, 1.0, 0.0, 0.0)
"""Pose of the tip where episodes begin, about: above the table, pointing down."""
TABLE_MIDDLE, TABLE_HALF = (0.5, 0.0, 0.0), (0.4, 0.5, 0.05)
"""Middle and half sides of the table's top in front of the robot [m]."""
LEAST_SHOWN = 0.05
"""Share of the view that must be it: of the trained camera's it is about a half."""


@dataclass(frozen=True)
class RunOptions:
    """Choose the next-best pose on your own RGB-D image.

    Attributes:
        rgb: Colour image: PNG or another picture, of the same pixels as the depth image.
        depth: Depth image: 16-bit PNG in millimetres (or the camera file's depth_scale), or .npy
            in metres; along the optical axis, 0 where nothing was measured.
        camera: Camera of both, JSON: fx, fy, cx, cy, T_world_camera (4 x 4, OpenCV: x right, y
            down, z forward), and if wanted depth_scale. The table's top is the plane z = 0 of the
            world, the robot's base its origin, and the robot looks along x.
        task: Task whose shipped weights decide.
        weights: Weights as for `saccade eval arm`, instead of a task's shipped ones.
        tip: Pose of the tip between the fingers: x, y, z [m] and quaternion w, x, y, z.
        opening: Opening of the gripper as a share of its widest, 0 to 1.
        out: Folder for pose.json and pose.png.
    """

    rgb: Path
    depth: Path
    camera: Path
    task: str = ""
    weights: str = ""
    tip: tuple[float, float, float, float, float, float, float] = HOME_TIP
    opening: float = 1.0
    out: Path = Path("out/arm")


def run_apply(options: RunOptions) -> int:
    """Print the pose in the camera's world frame; write it and its picture."""
    check_shares(options, "opening", prefix="--")
    check_unit(np.array(options.tip[3:]), "--tip")
    policy = load(weights_of(options.weights, options.task))
    observation = Observation(_view(options), _proprioception(options))
    decision = policy.act(observation)
    default = RunOptions(Path(), Path(), Path())
    document = describe(decision, observation) | {
        "system": SYSTEM, "task": policy.task,
        "command": command_line("saccade run arm", options, default),
    }  # fmt: skip
    for line in _lines(document):
        print(line)
    write_whole(options.out / POSE_FILE, (json.dumps(document, indent=1) + "\n").encode())
    pictures = decision_pictures(observation, decision)
    save_png(options.out / PICTURE_FILE, side_by_side(list(pictures.values()), list(pictures)))
    for name in (POSE_FILE, PICTURE_FILE):
        print(options.out / name)
    return 0


def _view(options: RunOptions) -> RgbdView:
    """The view, as the simulated camera would have seen it from there.

    Raises:
        UserInputError: A file is missing or holds something else, nothing was measured, or the
            camera does not stand where its file says.
    """
    camera = read_camera(options.camera)
    rgb, depth = read_colours(options.rgb), read_depth(options.depth, camera.depth_scale)
    given = RgbdView(rgb, depth, camera.intrinsics, camera.T_world_camera)
    trained = FrontCamera()
    view = resampled(given, trained.intrinsics, trained.height, trained.width)
    if not (view.depth > 0).any():
        raise UserInputError(
            f"{options.depth} shows nothing within the {trained.height} x {trained.width} view of "
            "the policy; expected depths around the image's middle"
        )
    _check_world(view, options.camera)
    return view


def _check_world(view: RgbdView, camera: Path) -> None:
    """Refuse a camera whose pose puts the table somewhere else.

    Raises:
        UserInputError: Next to nothing of what is seen is on the table.
    """
    measured = view.points[view.depth > 0]
    share = (np.abs(measured - TABLE_MIDDLE) <= TABLE_HALF).all(axis=1).mean()
    if share < LEAST_SHOWN:
        x, y, z = np.median(measured, axis=0)
        raise UserInputError(
            f"{camera}: by its T_world_camera {share:.0%} of the view is the table's top in front "
            f"of the robot, and the middle of it is at x {x:.2f}, y {y:.2f}, z {z:.2f} m; expected "
            "the camera's pose in the robot's world (OpenCV: x right, y down, z forward), the "
            "table's top at z = 0"
        )


def _proprioception(options: RunOptions) -> Proprioception:
    tip = np.array(options.tip, np.float32)
    fingers = np.full(2, FINGER_RANGE * options.opening, np.float32)
    unknown = np.zeros(7, np.float32)
    return Proprioception(tip, options.opening, fingers, unknown, unknown)


def describe(decision: Decision, observation: Observation) -> dict[str, Any]:
    """A decision in the world's frame: metres, and a unit quaternion (w, x, y, z)."""
    column, row = decision.pixel
    return {
        "position": decision.tip_pose[:3].tolist(),
        "quaternion": decision.tip_pose[3:].tolist(),
        "gripper_open": bool(decision.gripper_open),
        "attended_pixel": [column, row],
        "attended_point": observation.view.points[row, column].tolist(),
    }


def _lines(document: dict[str, Any]) -> list[str]:
    x, y, z = document["attended_point"]
    px, py, pz = document["position"]
    qw, qx, qy, qz = document["quaternion"]
    return [
        f"looks at   x {x:.3f}, y {y:.3f}, z {z:.3f} m",
        f"goes to    x {px:.3f}, y {py:.3f}, z {pz:.3f} m",
        f"turned     w {qw:.4f}, x {qx:.4f}, y {qy:.4f}, z {qz:.4f}",
        f"fingers    {'open' if document['gripper_open'] else 'closed'} there",
    ]


COMMAND = Command(RunOptions, run_apply)
