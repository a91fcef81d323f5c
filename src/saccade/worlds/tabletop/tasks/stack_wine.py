"""Stack wine: grasp an upright bottle from its side and lay it into a rack."""

from __future__ import annotations

import math

import numpy as np

from saccade.worlds.tabletop.blocks import BROWN, GREEN, RED, YELLOW, box, capsule, cylinder
from saccade.worlds.tabletop.pose import TOP_DOWN, Pose
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

RADIUS, NECK_RADIUS = 0.03, 0.014
"""Radii of the bottle's body and of its neck [m]."""
BODY, SHOULDER, HEIGHT = 0.173, 0.203, 0.253
"""Heights up to which the body is straight, to where it is round and to the top [m]."""
FOOT = 0.042
"""Side of the square that it stands on [m]. This and capsules carry it: a cylinder that lies on
boards is kicked now and then, by a contact 8 mm deep that is not there."""
GRASP = 0.10
"""Height that it is grasped at [m]: its middle, which its label marks."""
AXIS = 0.07
"""Height of the axis of a bottle that lies in the rack [m]."""
CRADLES, CRADLE = 0.055, (0.022, 0.046, 0.008)
"""Distance of the two cradles from the rack's middle, where the fingers need room, and length,
width and thickness of each of the two boards of one [m]."""
X_RANGE, Y_RANGE = (0.33, 0.48), (-0.27, 0.0)
"""Where the bottle stands [m]: the hand that points that way need not go round it."""
RACK = Pose.at(x=0.10, y=0.173)
"""The rack seen from the bottle, turned like it: the hand that comes to the bottle clears it."""
RACK_YAW = (math.radians(-125), math.radians(-25))
"""Range of the rack's direction [rad], in which the bottle's neck points in the end."""
LEVEL = Pose.at(yaw=math.radians(-70), pitch=-math.pi / 2)
"""Turn of a hand that points down to one that points level, across the arm's own direction: this
the arm can do without twisting itself, and the camera sees the bottle all along."""
DOWN = Pose.at(yaw=math.pi) @ TOP_DOWN
"""Hand that points down; half a turn from the usual one keeps its joint in the middle."""
BACK, LIFT, DROP = 0.09, 0.10, 0.02
"""How far before the bottle the hand begins, and heights that it lifts the bottle by and lets go
of it at, above where it comes to lie [m]."""
SLOT = Region(size=(0.10, 0.04, 0.04), centre=(0.0, 0.0, AXIS))
"""Region in the rack's frame that the bottle's middle must be in."""


def objects(scene: SceneBuilder) -> None:
    """A green bottle with a yellow label and a red cap, and a brown rack of two cradles."""
    bottle = scene.loose("bottle", mass=0.3)
    box(bottle, (FOOT, FOOT, 0.006), GREEN, Pose.at(z=0.003))
    capsule(bottle, RADIUS, SHOULDER - 0.003, GREEN, Pose.at(z=(SHOULDER + 0.003) / 2))
    capsule(bottle, NECK_RADIUS, HEIGHT - BODY, GREEN, Pose.at(z=(HEIGHT + BODY) / 2))
    cylinder(bottle, RADIUS, BODY, GREEN, Pose.at(z=BODY / 2), solid=False)
    cylinder(bottle, RADIUS + 0.0003, 0.06, YELLOW, Pose.at(z=GRASP), solid=False)
    cap = Pose.at(z=HEIGHT - 0.015)
    cylinder(bottle, NECK_RADIUS + 0.001, 0.03, RED, cap, solid=False)
    rack = scene.standing("rack")
    box(rack, (0.19, 0.10, 0.012), BROWN, Pose.at(z=0.006))
    for x in (-CRADLES, CRADLES):
        box(rack, (CRADLE[0], 0.04, 0.022), BROWN, Pose.at(x=x, z=0.019))
        for side in (-1, 1):
            board = Pose.at(x=x, z=AXIS, roll=side * math.pi / 4)
            box(rack, CRADLE, BROWN, board @ Pose.at(z=-RADIUS - CRADLE[2] / 2))


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The bottle anywhere on the robot's right, the rack beside it, both turned together."""
    bottle = Pose.at(rng.uniform(*X_RANGE), rng.uniform(*Y_RANGE), yaw=rng.uniform(*RACK_YAW))
    return {"bottle": bottle, "rack": bottle @ RACK}


def success(state: State) -> bool:
    """The bottle's middle is in the rack's slot, and it has been let go of."""
    middle = state.pose("bottle").apply((0.0, 0.0, GRASP))
    return "bottle" not in state.held and SLOT.contains(middle, state.pose("rack"))


def expert(state: State) -> list[Waypoint]:
    """Go level up to the bottle, grasp it, lift; turn the hand down over the rack, lay it down."""
    bottle, rack = state.pose("bottle"), state.pose("rack")
    grasp = Pose.at(bottle.x, bottle.y, GRASP) @ LEVEL @ DOWN
    put = Pose.at(rack.x, rack.y, AXIS + DROP, yaw=rack.yaw) @ DOWN
    return [
        Waypoint(grasp @ Pose.at(z=-BACK), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=LIFT), open=False),
        Waypoint(put.shifted(z=LIFT), open=False),
        Waypoint(put, open=True),
    ]


TASK = Task(
    "stack_wine",
    "Lay a wine bottle into the rack.",
    objects, place, success, expert,
    mirrors=False,
)  # fmt: skip
