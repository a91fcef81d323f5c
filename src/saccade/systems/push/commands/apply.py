"""`saccade run push`: the push that the policy chooses on a user's own depth image."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from saccade.attention.heightmap import check_heightmap
from saccade.data.depth_camera import read_array, read_camera, read_depth
from saccade.errors import UserInputError
from saccade.storage.files import storage_errors, whole_file, write_whole
from saccade.systems.push.decision import Decision
from saccade.systems.push.pictures.decisions import decision_pictures
from saccade.systems.push.policy import EMPTY_TABLE, PushPolicy
from saccade.systems.push.weights import SYSTEM, load_policy
from saccade.verbs.command import Command
from saccade.verbs.lookup import weights_folder
from saccade.verbs.spelling import command_line
from saccade.viewing.images import save_png
from saccade.viewing.montage import side_by_side
from saccade.worlds.push_box import WorldConfig
from saccade.worlds.push_box.box import BoxPlacement
from saccade.worlds.push_box.gripper import push_waypoints
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.workspace import Push, Workspace

PUSH_FILE, PICTURE_FILE, HEIGHTMAP_FILE = "push.json", "push.png", "heightmap.npy"


@dataclass(frozen=True)
class RunOptions:
    """Choose a push on your own depth image. Give --depth and --camera, or --heightmap.

    Attributes:
        depth: Depth image: 16-bit PNG in millimetres (or the camera file's depth_scale), or .npy
            in metres; along the optical axis, 0 where nothing was measured.
        camera: Camera of the depth image, JSON: fx, fy, cx, cy, T_world_camera (4 x 4, OpenCV: x
            right, y down, z forward), and if wanted depth_scale, workspace {x_min, y_min,
            table_height}.
        heightmap: Heightmap instead of both: .npy, float (224, 224), metres above the table.
        weights: Weights as for `saccade eval push`; the shipped weights if not given.
        box: Place of the box.
        out: Folder for push.json, push.png and heightmap.npy.
    """

    depth: Path | None = None
    camera: Path | None = None
    heightmap: Path | None = None
    weights: str = ""
    box: BoxPlacement = field(default_factory=BoxPlacement)
    out: Path = Path("out/push")


def run_apply(options: RunOptions) -> int:
    """Print the push in the camera's world frame; write it and its picture."""
    heightmap, workspace = _observation(options)
    box = None if options.box == BoxPlacement() else options.box
    policy = load_policy(weights_folder(options.weights, SYSTEM)).at(workspace, box)
    decision = _decide(policy, heightmap)
    command = command_line("saccade run push", options, RunOptions())
    document = describe(decision.push, heightmap) | {"system": SYSTEM, "command": command}
    for line in _lines(document):
        print(line)
    write_whole(options.out / PUSH_FILE, (json.dumps(document, indent=1) + "\n").encode())
    scene = SceneConfig(workspace=workspace, box=policy.box)
    pictures = decision_pictures(heightmap, decision, scene)
    save_png(options.out / PICTURE_FILE, side_by_side(list(pictures.values()), list(pictures)))
    _save_array(options.out / HEIGHTMAP_FILE, heightmap)
    for name in (PUSH_FILE, PICTURE_FILE, HEIGHTMAP_FILE):
        print(options.out / name)
    return 0


def _save_array(path: Path, array: np.ndarray) -> None:
    with storage_errors(path), whole_file(path) as file:
        np.save(file, array)


def _observation(options: RunOptions) -> tuple[np.ndarray, Workspace]:
    """The heightmap [m above the table] and the world that it lies in."""
    if options.heightmap is not None:
        if options.depth is not None or options.camera is not None:
            raise UserInputError("--heightmap was given beside --depth or --camera; expected one")
        return read_array(options.heightmap), Workspace()
    if options.depth is None or options.camera is None:
        missing = "--camera" if options.depth is not None else "--depth"
        raise UserInputError(
            f"{missing} is missing; expected --depth FILE with --camera FILE, or --heightmap FILE"
        )
    camera = read_camera(options.camera)
    return camera.heightmap(read_depth(options.depth, camera.depth_scale)), camera.workspace


def _decide(policy: PushPolicy, heightmap: np.ndarray) -> Decision:
    """The policy's decision on an image that shows something to push.

    Raises:
        UserInputError: The heightmap is none, or shows an empty table, or attention finds nothing.
    """
    check_heightmap(heightmap, shape=policy.workspace.shape)
    highest = float(heightmap.max())
    if highest < EMPTY_TABLE:
        raise UserInputError(
            f"the table is empty: its highest point is {1000 * highest:.1f} mm; "
            f"expected an object of at least {1000 * EMPTY_TABLE:.0f} mm"
        )
    decision = policy.decide(heightmap)
    if decision.mask is not None and not decision.mask.any():
        raise UserInputError(
            f"the mask is empty: attention finds no push that changes anything (highest point "
            f"{1000 * highest:.0f} mm); expected loose objects, at least 2 cm wide and apart from "
            "the image's border"
        )
    return decision


def describe(push: Push, heightmap: np.ndarray) -> dict[str, Any]:
    """A push in the world's frame: metres and radians."""
    heights = [w.position[2] for w in push_waypoints(push, heightmap, WorldConfig().motion)]
    return {
        "start": [*push.start],
        "end": [*push.end],
        "tool_height": min(heights),
        "angle": push.angle,
        "angle_degrees": math.degrees(push.angle),
        "length": math.dist(push.start, push.end),
        "value": push.value,
        "row": push.row,
        "col": push.col,
        "direction": push.direction,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    (x0, y0), (x1, y1) = document["start"], document["end"]
    value = document["value"]
    return [
        f"start   x {x0:.3f}, y {y0:.3f} m, fingertips at z {document['tool_height']:.3f} m",
        f"angle   {document['angle_degrees']:.1f} degrees, {document['angle']:.4f} rad",
        f"length  {document['length']:.3f} m",
        f"end     x {x1:.3f}, y {y1:.3f} m",
        f"value   {'unknown' if value is None else format(value, '.3f')}",
    ]


COMMAND = Command(RunOptions, run_apply)
