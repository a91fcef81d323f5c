"""Where objects may be put: random places in the workspace, and what does not fit."""

from __future__ import annotations

import math

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.errors import UserInputError
from saccade.worlds.robots.panda import FINGER_RANGE, PANDA
from saccade.worlds.tabletop.grasp import OPENED
from saccade.worlds.tabletop.pose import Pose
from saccade.worlds.tabletop.scene import Scene
from saccade.worlds.tabletop.task import Task

X_RANGE, Y_RANGE = (0.30, 0.70), (-0.30, 0.30)
"""Workspace on the table [m]: what the arm reaches and the front camera sees."""
DISTRACTOR_MARGIN = 0.05
"""Distance that foreign objects' middles keep from the workspace's edge [m]."""
OVERLAP = 1e-3
"""Depth from which two touching bodies overlap [m]; what stands on another sinks in by less."""


def somewhere(
    rng: np.random.Generator,
    margin: float = 0.0,
    yaw: tuple[float, float] = (-math.pi, math.pi),
) -> Pose:
    """Pose on the table, anywhere in the workspace.

    Args:
        rng: Source of chance.
        margin: Distance that the origin keeps from the workspace's edge [m]: the object's radius.
        yaw: Range of the turn about the vertical [rad].
    """
    x = rng.uniform(X_RANGE[0] + margin, X_RANGE[1] - margin)
    y = rng.uniform(Y_RANGE[0] + margin, Y_RANGE[1] - margin)
    return Pose.at(x, y, yaw=rng.uniform(*yaw))


def apart(a: Pose, b: Pose) -> float:
    """Distance of two poses on the table [m]."""
    return math.dist(a.position[:2], b.position[:2])


def extent(
    model: mujoco.MjModel, data: mujoco.MjData, geoms: list[int]
) -> Float[np.ndarray, "2 3"]:
    """Lowest and highest world coordinates [m] of the boxes around some geoms."""
    lows, highs = [], []
    for geom in geoms:
        centre, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
        rotation = data.geom_xmat[geom].reshape(3, 3)
        middle = data.geom_xpos[geom] + rotation @ centre
        reach = np.abs(rotation) @ half
        lows.append(middle - reach)
        highs.append(middle + reach)
    return np.stack([np.min(lows, axis=0), np.max(highs, axis=0)])


def in_workspace(low_high: Float[np.ndarray, "2 3"]) -> bool:
    """Whether an extent [m] lies over the workspace."""
    (x0, y0, _), (x1, y1, _) = low_high
    return bool(x0 >= X_RANGE[0] and x1 <= X_RANGE[1] and y0 >= Y_RANGE[0] and y1 <= Y_RANGE[1])


def overlaps(data: mujoco.MjData) -> bool:
    """Whether any two bodies are in each other; needs MuJoCo's contacts of the placement."""
    contacts = data.contact
    return bool(len(contacts.dist) and contacts.dist.min() < -OVERLAP)


class Placer:
    """Puts a task's objects where its `place` says.

    Args:
        task: The task.
        scene: Its scene.
    """

    def __init__(self, task: Task, scene: Scene) -> None:
        self._task, self._scene = task, scene
        self._arm = PANDA.locate(scene.model)
        self._solids = [scene.geoms(name) for name in (*scene.loose, *scene.standing)]

    def draw(self, rng: np.random.Generator, foreign_rng: np.random.Generator) -> dict[str, Pose]:
        """Draw poses of the task's objects, and of the foreign ones from chance of their own.

        Raises:
            UserInputError: The task's `place` forgot an object, or knows one that there is not.
        """
        poses = self._task.place(rng)
        expected = set(self._scene.names)
        if set(poses) != expected:
            raise UserInputError(
                f"place() of {self._task.name} gave poses of {', '.join(sorted(poses))}; expected "
                f"of {', '.join(sorted(expected))}"
            )
        foreign = self._scene.distractors
        return poses | {name: somewhere(foreign_rng, DISTRACTOR_MARGIN) for name in foreign}

    def put(self, data: mujoco.MjData, poses: dict[str, Pose]) -> None:
        """Put the objects, and the arm at home with open fingers."""
        scene = self._scene
        mujoco.mj_resetData(scene.model, data)
        self._arm.put(data, np.array(PANDA.home))
        data.qpos[self._arm.finger_qpos] = FINGER_RANGE
        data.ctrl[self._arm.gripper_actuators] = OPENED
        for name, where in scene.qpos.items():
            data.qpos[where] = poses[name].array()
        for name, i in scene.mocap.items():
            data.mocap_pos[i], data.mocap_quat[i] = poses[name].position, poses[name].quaternion
        mujoco.mj_forward(scene.model, data)

    def fits(self, data: mujoco.MjData) -> bool:
        """Whether the objects are over the workspace and none is in another."""
        model = self._scene.model
        return not overlaps(data) and all(
            in_workspace(extent(model, data, geoms)) for geoms in self._solids
        )
