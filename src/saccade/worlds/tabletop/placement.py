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
WIDEST_GAP, DRAWS = 0.15, 200
"""Distance that they keep from others where there is room [m], and the draws till it is nought."""
OUT_OF_SIGHT = -3.0
"""Where they wait [m]: behind the wall."""
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
        self._solids = [scene.geoms(name) for name in scene.names]

    def place(self, data: mujoco.MjData, rng: np.random.Generator) -> bool:
        """Draw a placement, put its objects, and say whether they fit.

        Raises:
            UserInputError: The task's `place` forgot an object, or knows one that there is not.
        """
        poses, expected = self._task.place(rng), set(self._scene.names)
        if set(poses) != expected:
            raise UserInputError(
                f"place() of {self._task.name} gave poses of {', '.join(sorted(poses))}; expected "
                f"of {', '.join(sorted(expected))}"
            )
        self.put(data, poses)
        return self._fits(data)

    def put(self, data: mujoco.MjData, poses: dict[str, Pose]) -> None:
        """Put the objects, the arm at home with open fingers, and what is foreign out of sight."""
        scene = self._scene
        mujoco.mj_resetData(scene.model, data)
        self._arm.put(data, np.array(PANDA.home))
        data.qpos[self._arm.finger_qpos] = FINGER_RANGE
        data.ctrl[self._arm.gripper_actuators] = OPENED
        for i, name in enumerate(scene.distractors):
            data.qpos[scene.qpos[name]] = Pose.at(OUT_OF_SIGHT, i).array()
        for name, pose in poses.items():
            if name in scene.qpos:
                data.qpos[scene.qpos[name]] = pose.array()
            else:
                i = scene.mocap[name]
                data.mocap_pos[i], data.mocap_quat[i] = pose.position, pose.quaternion
        mujoco.mj_forward(scene.model, data)

    def add_distractors(self, data: mujoco.MjData, rng: np.random.Generator) -> None:
        """Put the foreign objects beside the task's, as far off as there is room for."""
        placed = [Pose.at(*data.body(name).xpos) for name in self._scene.names]
        for name in self._scene.distractors:
            placed.append(self._beside(data, name, placed, rng))

    def _beside(
        self, data: mujoco.MjData, name: str, placed: list[Pose], rng: np.random.Generator
    ) -> Pose:
        """Put one object apart from others; ever nearer, until it fits."""
        pose = somewhere(rng, DISTRACTOR_MARGIN)
        for gap in np.linspace(WIDEST_GAP, 0.0, DRAWS):
            data.qpos[self._scene.qpos[name]] = pose.array()
            mujoco.mj_forward(self._scene.model, data)
            if not overlaps(data) and all(apart(pose, other) >= gap for other in placed):
                break
            pose = somewhere(rng, DISTRACTOR_MARGIN)
        return pose

    def _fits(self, data: mujoco.MjData) -> bool:
        """Whether the task's objects are over the workspace and none is in another."""
        model = self._scene.model
        return not overlaps(data) and all(
            in_workspace(extent(model, data, geoms)) for geoms in self._solids
        )
