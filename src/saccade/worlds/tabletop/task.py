"""What a task is: its objects, where they are put, when it is done, and how an expert does it.

A task is one file in `tasks/`. It makes one `Task` of four functions:

    def objects(scene):          adds bodies, built of primitives, to the scene
    def place(rng):              says where they stand in an episode
    def success(state):          says whether it is done
    def expert(state):           says which tip poses do it, from where things stand at the start

The world redraws a placement whose objects overlap, leave the workspace, or whose expert's
waypoints the arm cannot reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from saccade.errors import UserInputError
from saccade.worlds.tabletop.pose import ORIGIN, Pose, Vector

if TYPE_CHECKING:
    from saccade.worlds.tabletop.scene import SceneBuilder


@dataclass(frozen=True)
class State:
    """What is true of the world at a moment.

    Attributes:
        poses: Pose in the world of each object, by its name.
        start: Poses of the same objects when the episode began.
        held: Names of the objects that both fingers touch.
        joints: Positions of the objects' own joints [m or rad], by their names.
        tip: Pose of the tip between the fingers.
        gripper_open: Opening of the gripper as a share of its widest.
    """

    poses: Mapping[str, Pose]
    start: Mapping[str, Pose] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    joints: Mapping[str, float] = field(default_factory=dict)
    tip: Pose = ORIGIN
    gripper_open: float = 1.0

    def pose(self, name: str) -> Pose:
        """Pose of an object in the world.

        Raises:
            UserInputError: The scene has no such object.
        """
        if name not in self.poses:
            raise UserInputError(f"object is {name!r}; expected one of {', '.join(self.poses)}")
        return self.poses[name]


@dataclass(frozen=True)
class Waypoint:
    """One action of the expert: go there with the fingers as they are, then open or close them.

    Attributes:
        tip: Pose of the tip between the fingers, in the world; z points out of the hand, the
            fingers close along y.
        open: Whether the gripper is open afterwards.
    """

    tip: Pose
    open: bool


@dataclass(frozen=True)
class Region:
    """A box in the frame of an object, or in the world.

    Attributes:
        size: Lengths of its sides [m].
        centre: Its centre [m].
    """

    size: Vector
    centre: Vector = (0.0, 0.0, 0.0)

    def contains(self, point: Vector, frame: Pose | None = None) -> bool:
        """Whether a world point [m] lies in the box, whose frame is `frame` or the world."""
        local = point if frame is None else frame.locate(point)
        offsets = zip(local, self.centre, self.size, strict=True)
        return all(abs(p - c) <= s / 2 for p, c, s in offsets)


@dataclass(frozen=True)
class Task:
    """A task of one arm at a table.

    Attributes:
        name: Name in lower case with underscores, as in "take_lid_off_saucepan".
        says: What is done, one sentence for people.
        objects: Adds the task's bodies to a scene.
        place: Draws the pose in the world of every object that `objects` added.
        success: Whether the task is done; a function of the state alone.
        expert: The actions that do it, at most ten, from the state at the start.
        mirrors: Whether the mirror image (left and right swapped) of what happens in the task is
            something that may happen too: learning varies demonstrations by it.
    """

    name: str
    says: str
    objects: Callable[[SceneBuilder], None]
    place: Callable[[np.random.Generator], dict[str, Pose]]
    success: Callable[[State], bool]
    expert: Callable[[State], list[Waypoint]]
    mirrors: bool = True

    @property
    def title(self) -> str:
        """Name as in an environment's id: "TakeLidOffSaucepan"."""
        return "".join(word.capitalize() for word in self.name.split("_"))
