"""Reach a target: bring the tip to the red ball that hangs in the air, not to the other two."""

from __future__ import annotations

import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, GREEN, RED, sphere
from saccade.worlds.tabletop.placement import apart, somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import State, Task, Waypoint

RADIUS = 0.025
"""Radius of a ball [m]; the tip has to be in it."""
HEIGHTS = (0.05, 0.30)
"""Range of the balls' heights [m]."""
GAP = 0.10
"""Distance on the table between any two balls [m]: more than a glimpse of them apart."""
BALLS = {"target": RED, "green_ball": GREEN, "blue_ball": BLUE}


def objects(scene: SceneBuilder) -> None:
    """Three balls that nothing touches."""
    for name, colour in BALLS.items():
        sphere(scene.standing(name), RADIUS, colour, solid=False)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The balls anywhere above the table, apart from each other."""
    poses: dict[str, Pose] = {}
    while len(poses) < len(BALLS):
        pose = somewhere(rng, margin=RADIUS).shifted(z=rng.uniform(*HEIGHTS))
        if all(apart(pose, other) >= GAP for other in poses.values()):
            poses[list(BALLS)[len(poses)]] = pose
    return poses


def success(state: State) -> bool:
    """The tip is in the red ball."""
    return state.tip.distance(state.pose("target")) <= RADIUS


def expert(state: State) -> list[Waypoint]:
    """Go there."""
    x, y, z = state.pose("target").position
    return [Waypoint(top_down(x, y, z), open=True)]


TASK = Task(
    "reach_target",
    "Bring the fingertips to the red ball among three.",
    objects, place, success, expert,
)  # fmt: skip
