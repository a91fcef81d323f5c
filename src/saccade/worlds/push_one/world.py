"""The world itself: one object on the table, a finger that is moved in the plane, pictures."""

from __future__ import annotations

import math
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Float, UInt8

from saccade.errors import SaccadeError, UserInputError
from saccade.worlds import offscreen
from saccade.worlds.motion.servos import velocity_lead
from saccade.worlds.offscreen import OffscreenRenderer
from saccade.worlds.push_box.outcome import ON_TABLE, judge
from saccade.worlds.push_one.cameras import STANDING, ViewPath
from saccade.worlds.push_one.config import PushOneConfig
from saccade.worlds.push_one.looks import PLAIN, Look, put_on
from saccade.worlds.push_one.scene import JOINTS, VIEW, build_model
from saccade.worlds.push_one.state import State
from saccade.worlds.shapes import SHAPES, Shape
from saccade.worlds.workspace import Workspace

STEP_TIME = 0.1
"""Time of a step [s]."""
REACH = 0.02
"""Farthest that the finger is moved in a step, along each axis [m]."""
MARGIN = 0.01
"""Least distance of the finger's axis from the table's edge [m]."""
OBJECT_SPREAD = 0.10
"""Objects start within so much of the table's middle, along each axis [m]."""
LEAST_GAP = 0.08
"""Least distance of the finger from the object at the start [m]."""
FALL_TIME = 0.6
"""Longest wait for an object that falls off the table [s]."""


class PushOneWorld:
    """A table with one object, a box at its edge and a finger.

    Args:
        config: Settings.
    """

    def __init__(self, config: PushOneConfig | None = None) -> None:
        self.config = config or PushOneConfig()
        self._scene = self.config.scene
        workspace = self._scene.workspace
        self._origin = np.array([*workspace.centre, workspace.table_height])
        self._box = _relative(self.config.box.centre(workspace), workspace)
        mouth = self.config.box.mouth(workspace)
        self._mouth = _relative(workspace.to_world(*mouth), workspace)
        self._bound = workspace.size / 2 - MARGIN
        self._models: dict[str, mujoco.MjModel] = {}
        self._renderers: dict[str, OffscreenRenderer] = {}
        self._shape = ""
        self._data: mujoco.MjData | None = None
        self._target = np.zeros(2)
        self._views: tuple[ViewPath, ...] = (STANDING,)

    @property
    def model(self) -> mujoco.MjModel:
        """The compiled scene of this episode's shape."""
        return self._models[self._shape]

    @property
    def data(self) -> mujoco.MjData:
        """MuJoCo's state."""
        if self._data is None:
            raise SaccadeError("the world holds no object yet; call reset(rng) first")
        return self._data

    def reset(
        self,
        rng: np.random.Generator,
        look: Look = PLAIN,
        views: tuple[ViewPath, ...] = (STANDING,),
    ) -> None:
        """Draw an object's shape and pose and the finger's place."""
        shape = str(rng.choice(self.config.shapes))
        block = rng.uniform(-OBJECT_SPREAD, OBJECT_SPREAD, 2)
        yaw = float(rng.uniform(-math.pi, math.pi))
        while math.dist(finger := rng.uniform(-self._bound, self._bound, 2), block) < LEAST_GAP:
            pass
        self.put(shape, block, yaw, finger)
        put_on(self.model, look)
        self._views = views

    def put(
        self,
        shape: str,
        block: Float[np.ndarray, "2"],
        yaw: float,
        finger: Float[np.ndarray, "2"],
    ) -> None:
        """Start from a given state, at rest.

        Args:
            shape: Name of the object's shape.
            block: Its (x, y) in the table's frame [m].
            yaw: Its turn about the vertical [rad].
            finger: The finger's (x, y) [m].
        """
        if shape not in self._models:
            self._models[shape] = build_model(shape, self._scene)
        self._shape = shape
        model = self.model
        self._data = data = mujoco.MjData(model)
        at = int(model.joint("object_0").qposadr[0])
        height = _standing_height(SHAPES[shape])
        data.qpos[at : at + 3] = self._origin + np.array([*block, height])
        data.qpos[at + 3 : at + 7] = math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)
        self._target = np.clip(finger, -self._bound, self._bound)
        for name, value in zip(JOINTS, self._origin[:2] + self._target, strict=True):
            data.joint(name).qpos[:] = value
            data.actuator(name).ctrl[:] = value
        mujoco.mj_forward(model, data)

    def move(self, action: Float[np.ndarray, "2"]) -> State:
        """Move the finger for a tenth of a second; an object that falls off is waited for.

        Args:
            action: Velocity in -1..1 of the largest one, along x and y; larger ones are clipped.
        """
        before = self._target
        self._target = np.clip(
            before + REACH * np.clip(action, -1.0, 1.0), -self._bound, self._bound
        )
        steps = round(STEP_TIME / self.model.opt.timestep)
        share = np.arange(1, steps + 1)[:, None] / steps
        points = self._origin[:2] + before + share * (self._target - before)
        for command in points + velocity_lead(self.model, points):
            self.data.ctrl[:] = command
            mujoco.mj_step(self.model, self.data)
        if self.state().status != ON_TABLE:
            mujoco.mj_step(self.model, self.data, round(FALL_TIME / self.model.opt.timestep))
        return self.state()

    def state(self) -> State:
        """The true state."""
        data, scene = self.data, self._scene
        x, y, z = (float(v) for v in data.body("object_0").xpos)
        along = data.body("object_0").xmat.reshape(3, 3)[:, 0]
        finger = np.array([data.joint(name).qpos[0] for name in JOINTS]) - self._origin[:2]
        cx, cy = scene.workspace.centre
        return State(
            finger=(float(finger[0]), float(finger[1])),
            block=(x - cx, y - cy),
            yaw=math.atan2(float(along[1]), float(along[0])),
            box=self._box,
            mouth=self._mouth,
            status=judge((x, y, z), scene.workspace, scene.box),
        )

    def picture(self, view: int = 0, side: int | None = None) -> UInt8[np.ndarray, "s s 3"]:
        """A picture of one of the episode's views.

        Args:
            view: Number of the view; 0 stands.
            side: Rows and columns [pixels]; the settings' by default.

        Raises:
            UserInputError: There is no such view, or no GL.
        """
        if not 0 <= view < len(self._views):
            raise UserInputError(f"view is {view}; valid are 0 to {len(self._views) - 1}")
        data, side = self.data, side or self.config.side
        position, axes = self._views[view].at(data.time, tuple(self._origin))
        camera = self.model.camera(VIEW).id
        data.cam_xpos[camera], data.cam_xmat[camera] = position, axes
        return self._renderer(side).picture(data, VIEW)

    def close(self) -> None:
        """Free the GL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the renderers: a copy opens its own."""
        return self.__dict__ | {"_renderers": {}}

    def _renderer(self, side: int) -> OffscreenRenderer:
        key = f"{self._shape} {side}"
        if key not in self._renderers or not self._renderers[key].usable:
            self._renderers[key] = OffscreenRenderer(self.model, side, side, offscreen.PLAIN)
        return self._renderers[key]


def _relative(point: tuple[float, float], workspace: Workspace) -> tuple[float, float]:
    """A point (x, y) of the world in the table's frame [m]."""
    return point[0] - workspace.centre[0], point[1] - workspace.centre[1]


def _standing_height(shape: Shape) -> float:
    """Height of a block's origin when it stands on the table as it was built [m]."""
    lowest = []
    for piece in shape.pieces:
        if piece.corners is not None:
            lowest.append(float(piece.corners[:, 2].min()))
        else:
            half = piece.size[2] if piece.kind == "box" else piece.size[1]
            lowest.append(piece.position[2] - half)
    return -min(lowest)
