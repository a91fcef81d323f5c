"""What people see: background, floor, lights and cameras. Depth images know no colour."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.cameras import Camera, looking_at
from saccade.worlds.workspace import Workspace

FLOOR = [0.79, 0.82, 0.86, 1.0]
"""Colour of the ground, which fades into BACKGROUND."""
BACKGROUND = [0.95, 0.96, 0.975, 1.0]


def set_visuals(spec: mujoco.MjSpec) -> None:
    """Background, clipping planes and the light that the viewer carries.

    The background is fog rather than a sky: a sky's texture triples the time to open a GL context.
    """
    visual = spec.visual
    visual.rgba.fog = BACKGROUND
    visual.map.fogstart, visual.map.fogend = 1.7, 4.5
    spec.stat.extent = 1.7  # [m]; the clipping planes and the fog are multiples of it
    visual.map.znear = 0.01
    visual.headlight.ambient = [0.38, 0.38, 0.40]
    visual.headlight.diffuse = [0.30, 0.30, 0.30]
    visual.headlight.specular = [0.0, 0.0, 0.0]


def add_lights(world: mujoco.MjsBody) -> None:
    """A key light that throws shadows and a weak fill light from the other side."""
    world.add_light(
        pos=[-1.2, 0.9, 2.6], dir=[0.45, -0.55, -1.3], castshadow=True,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, diffuse=[0.50, 0.49, 0.47],
        specular=[0.10, 0.10, 0.10], ambient=[0.0, 0.0, 0.0],
    )  # fmt: skip
    world.add_light(
        pos=[1.0, 1.5, 2.0], dir=[-0.6, -0.7, -0.6], castshadow=False,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, diffuse=[0.16, 0.17, 0.20],
        specular=[0.0, 0.0, 0.0], ambient=[0.0, 0.0, 0.0],
    )  # fmt: skip


def add_cameras(world: mujoco.MjsBody, camera: Camera, workspace: Workspace) -> None:
    """The depth camera, the overview for people and the view from straight above."""
    world.add_camera(
        name="depth", pos=camera.position, quat=camera.quaternion, fovy=math.degrees(camera.fovy)
    )
    eye, target = np.array([-2.20, 1.30, 2.05]), np.array([-0.40, 0.02, 0.70])
    world.add_camera(name="overview", pos=eye, fovy=31, xyaxes=looking_at(eye, target))
    rows, cols = workspace.shape
    assert rows == cols
    cx, cy = workspace.centre
    world.add_camera(
        name="top", pos=[cx, cy, workspace.table_height + 1.0],
        proj=mujoco.mjtProjection.mjPROJ_ORTHOGRAPHIC,
        fovy=workspace.pixel * rows, xyaxes=[1, 0, 0, 0, 1, 0],
    )  # fmt: skip
