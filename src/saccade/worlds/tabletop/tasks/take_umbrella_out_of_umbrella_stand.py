"""Take an umbrella out of its stand: grasp the crook of its handle from above and lift it."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.tabletop.blocks import (
    BLACK,
    BLUE,
    BROWN,
    STEEL,
    WHITE,
    box,
    capsule,
    cylinder,
    tube,
)
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

FOOT, FOOT_HEIGHT = 0.13, 0.012
"""Side and height of the stand's square foot [m]."""
STAND_RADIUS, STAND_HEIGHT, STAND_WALL = 0.036, 0.14, 0.004
"""Sizes of the pipe on it, which the umbrella stands in with a centimetre to spare [m]."""
SOCKET_RADIUS, SOCKET_HEIGHT = 0.022, 0.03
"""Outer sizes of the socket in the pipe that keeps the umbrella's end in the middle [m]."""
SLIDING = 0.3
"""Friction of the stand, so that an umbrella that leans on it does not jam."""

FERRULE_RADIUS, FERRULE_HEIGHT = 0.012, 0.035
CANOPY = ((0.016, 0.07), (0.020, 0.10))
"""Radius and height of the two parts of the rolled canopy, from below [m]."""
SHAFT_RADIUS, SHAFT_HEIGHT = 0.006, 0.06
HANDLE_RADIUS, HANDLE_HEIGHT = 0.012, 0.04
CROOK_RADIUS, CROOK_PARTS = 0.030, 6
"""Radius of the half circle along which the crook runs [m], and of how many pieces it is."""

NECK = FERRULE_HEIGHT + sum(height for _, height in CANOPY) + SHAFT_HEIGHT + HANDLE_HEIGHT
"""Height in the umbrella's frame at which the crook begins [m]."""
TOP = Pose.at(x=CROOK_RADIUS, z=NECK + CROOK_RADIUS)
"""Middle of the crook's highest part, in the umbrella's frame."""
HOVER = 0.045
"""Height above the grasp of the first waypoint [m]; the hand starts 7 cm above some grasps."""
LIFT = 0.20
"""Height that the expert lifts the umbrella by [m]."""
STAND_REGION = Region(size=(FOOT, FOOT, STAND_HEIGHT), centre=(0.0, 0.0, STAND_HEIGHT / 2))
"""Region in the stand's frame that the umbrella's lower end must have left."""


def objects(scene: SceneBuilder) -> None:
    """A heavy stand, and a rolled blue umbrella whose wooden handle ends in a crook."""
    stand = scene.loose("umbrella_stand", mass=2.5)
    box(stand, (FOOT, FOOT, FOOT_HEIGHT), WHITE, Pose.at(z=FOOT_HEIGHT / 2))
    pipe = Pose.at(z=(FOOT_HEIGHT + STAND_HEIGHT) / 2)
    height = STAND_HEIGHT - FOOT_HEIGHT
    tube(stand, STAND_RADIUS, height, STAND_WALL, WHITE, pipe, friction=SLIDING)
    socket = Pose.at(z=FOOT_HEIGHT + SOCKET_HEIGHT / 2)
    wall = SOCKET_RADIUS - FERRULE_RADIUS - 0.004
    tube(stand, SOCKET_RADIUS, SOCKET_HEIGHT, wall, BLACK, socket, sides=8, friction=SLIDING)
    _umbrella(scene.loose("umbrella", mass=0.15))


def _umbrella(body: mujoco.MjsBody) -> None:
    z = 0.0
    parts = (
        (FERRULE_RADIUS, FERRULE_HEIGHT, STEEL),
        *((*sizes, BLUE) for sizes in CANOPY),
        (SHAFT_RADIUS, SHAFT_HEIGHT, STEEL),
        (HANDLE_RADIUS, HANDLE_HEIGHT, BROWN),
    )
    for radius, height, colour in parts:
        cylinder(body, radius, height, colour, Pose.at(z=z + height / 2), friction=SLIDING)
        z += height
    step = math.pi / CROOK_PARTS
    length = 2 * CROOK_RADIUS * math.tan(step / 2) + 2 * HANDLE_RADIUS
    for i in range(CROOK_PARTS):
        turn = (i + 0.5) * step
        middle = Pose.at(x=CROOK_RADIUS, z=z, pitch=turn) @ Pose.at(x=-CROOK_RADIUS)
        capsule(body, HANDLE_RADIUS, length, BROWN, middle)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The stand anywhere, the umbrella upright in it, its crook to any side."""
    stand = somewhere(rng, margin=FOOT / 2)
    umbrella = Pose.at(stand.x, stand.y, FOOT_HEIGHT, yaw=rng.uniform(-np.pi, np.pi))
    return {"umbrella_stand": stand, "umbrella": umbrella}


def success(state: State) -> bool:
    """The umbrella is held, its lower end out of the stand."""
    umbrella, stand = state.pose("umbrella"), state.pose("umbrella_stand")
    return "umbrella" in state.held and not STAND_REGION.contains(umbrella.position, stand)


def expert(state: State) -> list[Waypoint]:
    """Hover over the crook, grasp it across, lift."""
    top = state.pose("umbrella") @ TOP
    grasp = top_down(top.x, top.y, top.z, top.yaw)
    return [
        Waypoint(grasp.shifted(z=HOVER), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=LIFT), open=False),
    ]


TASK = Task(
    "take_umbrella_out_of_umbrella_stand",
    "Grasp the handle of an umbrella and lift it out of its stand.",
    objects, place, success, expert,
)  # fmt: skip
