"""Light, colours and the camera's place of a compiled scene, changed without compiling it again."""

from __future__ import annotations

import colorsys
import math

import mujoco
import numpy as np

from saccade.worlds.tabletop.camera import FrontCamera
from saccade.worlds.tabletop.scene import FRONT

SURROUNDINGS = ("table", "wall", "floor")


class Look:
    """How a scene looks; every draw starts from its own colours.

    Args:
        model: The compiled scene, which is changed.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._colours = model.geom_rgba.copy()
        self._lamp = int(model.light("lamp").id)
        self._lamp_is = model.light_diffuse[self._lamp].copy(), model.light_dir[self._lamp].copy()
        self._ambient = model.vis.headlight.ambient.copy()

    def place_camera(self, camera: FrontCamera) -> None:
        """Put the front camera."""
        pose = camera.T_world_camera
        mujoco_frame = pose[:3, :3] * [1.0, -1.0, -1.0]  # x right, y up, z backward
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, mujoco_frame.ravel())
        number = int(self._model.camera(FRONT).id)
        self._model.cam_pos[number], self._model.cam_quat[number] = pose[:3, 3], quaternion

    def draw(self, rng: np.random.Generator) -> None:
        """Draw the light, the surroundings' colours and shades of the objects' colours."""
        model = self._model
        diffuse, direction = self._lamp_is
        model.light_diffuse[self._lamp] = diffuse * rng.uniform(0.6, 1.3)
        turn = rng.uniform(-math.pi, math.pi)
        across = math.hypot(direction[0], direction[1]) * rng.uniform(0.5, 2.0)
        model.light_dir[self._lamp] = (across * math.cos(turn), across * math.sin(turn), -1.0)
        model.light_dir[self._lamp] /= np.linalg.norm(model.light_dir[self._lamp])
        model.vis.headlight.ambient[:] = self._ambient * rng.uniform(0.75, 1.25)
        model.geom_rgba[:] = self._colours
        shade = 1 + rng.uniform(-0.15, 0.15, size=3)
        model.geom_rgba[:, :3] = np.clip(self._colours[:, :3] * shade, 0, 1)
        for name in SURROUNDINGS:
            colour = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.0, 0.5), rng.uniform(0.4, 0.9))
            model.geom_rgba[int(model.geom(name).id), :3] = colour
