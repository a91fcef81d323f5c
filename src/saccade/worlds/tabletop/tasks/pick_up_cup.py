"""Pick up the red cup, not the blue one: grasp its rim from above and lift it."""

from __future__ import annotations

import math

import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, RED, Colour, box, cylinder, tube
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import TOP_DOWN, Pose
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

RADIUS, HEIGHT, WALL = 0.042, 0.14, 0.005
"""Sizes of a cup [m]."""
FOOT = 0.052
"""Side of the square that a cup stands on [m]."""
APART = (2 * RADIUS + 0.10, 0.40)
"""Smallest and largest distance of the two cups' axes [m]: 10 cm at least between their walls."""
DEPTH = 0.009
"""How far below the rim the tip goes [m]: the fingers' pads end at the rim."""
HOVER, LIFT = 0.07, 0.12
"""Height above the rim that the hand comes from, and that it lifts the cup by [m]."""
TOWARDS_CAMERA = Pose.at(yaw=math.pi / 2) @ TOP_DOWN
"""Hand that points down and closes along x: the rim is grasped where the camera sees it best."""
SIDES = 10
"""Sides of a cup's wall: each is wider than a finger, and one faces the camera."""
AT_START = Region(size=(0.16, 0.16, 0.16))
"""Region around where the cup stood that its underside must have left."""


def objects(scene: SceneBuilder) -> None:
    """A red cup and a blue one, alike but for that."""
    _cup(scene, "red_cup", RED)
    _cup(scene, "blue_cup", BLUE)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The red one anywhere, the blue one in any direction from it; round cups are not turned."""
    red = somewhere(rng, margin=RADIUS, yaw=(0.0, 0.0))
    distance, angle = rng.uniform(*APART), rng.uniform(-math.pi, math.pi)
    blue = red.shifted(x=distance * math.cos(angle), y=distance * math.sin(angle))
    return {"red_cup": red, "blue_cup": blue}


def success(state: State) -> bool:
    """The red cup is held, and away from where it stood."""
    cup, start = state.pose("red_cup"), state.start["red_cup"]
    return "red_cup" in state.held and not AT_START.contains(cup.position, start)


def expert(state: State) -> list[Waypoint]:
    """Hover over the rim, take it between the fingers, lift."""
    wall = state.pose("red_cup") @ Pose.at(x=RADIUS - WALL / 2, z=HEIGHT - DEPTH)
    grasp = Pose.at(*wall.position) @ TOWARDS_CAMERA
    return [
        Waypoint(grasp.shifted(z=DEPTH + HOVER), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=LIFT), open=False),
    ]


def _cup(scene: SceneBuilder, name: str, colour: Colour) -> None:
    cup = scene.loose(name, mass=0.1)
    box(cup, (FOOT, FOOT, 0.006), colour, Pose.at(z=0.003))
    cylinder(cup, RADIUS - WALL, 0.006, colour, Pose.at(z=0.004))
    wall = HEIGHT - 0.001
    tube(cup, RADIUS, wall, WALL, colour, Pose.at(z=HEIGHT - wall / 2), sides=SIDES)


TASK = Task(
    "pick_up_cup",
    "Pick up the red cup by its rim, not the blue one.",
    objects, place, success, expert,
)  # fmt: skip
