"""Open a drawer: grasp its knob from above and pull it out of the cabinet."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, RED, YELLOW, box, tray
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import State, Task, Waypoint

DEPTH, WIDTH, HEIGHT, WALL = 0.15, 0.20, 0.085, 0.008
"""Sizes of the cabinet [m]; the drawer comes out of the side that +x points out of."""
DRAWER_DEPTH, DRAWER_WIDTH, DRAWER_HEIGHT = 0.13, 0.17, 0.050
"""Outer sizes of the drawer without its front [m]."""
FRONT_HEIGHT, FRONT_LIFT = 0.070, 0.010
"""Height of the drawer's front, and of its lower edge above the table [m]."""
KNOB_LENGTH, KNOB_SIDE, KNOB_HEIGHT = 0.045, 0.030, 0.050
"""How far the knob sticks out, its other sides, and the height of its middle [m]."""
GRASP_FROM_END = 0.012
"""Distance from the knob's end at which it is grasped [m]: the hand clears the drawer's front."""
TRAVEL, PULL, OPEN = 0.12, 0.10, 0.08
"""How far the drawer comes out, how far the expert pulls it, and what counts as open [m]."""


def objects(scene: SceneBuilder) -> None:
    """A blue cabinet with a yellow drawer that has a red knob."""
    cabinet = scene.standing("cabinet")
    _cabinet(cabinet)
    drawer = scene.sliding(
        cabinet, "drawer", Pose.at(x=DEPTH / 2), axis=(1.0, 0.0, 0.0), travel=TRAVEL,
        mass=0.3, damping=5.0,
    )  # fmt: skip
    size = (DRAWER_DEPTH, DRAWER_WIDTH, DRAWER_HEIGHT)
    tray(drawer, size, WALL, YELLOW, Pose.at(x=-DRAWER_DEPTH / 2, z=2 * WALL))
    front = Pose.at(x=WALL / 2, z=FRONT_LIFT + FRONT_HEIGHT / 2)
    box(drawer, (WALL, WIDTH, FRONT_HEIGHT), YELLOW, front)
    knob = Pose.at(x=WALL + KNOB_LENGTH / 2, z=KNOB_HEIGHT)
    box(drawer, (KNOB_LENGTH, KNOB_SIDE, KNOB_SIDE), RED, knob)


def _cabinet(body: mujoco.MjsBody) -> None:
    """Bottom, top, sides and back, open where the drawer is."""
    for z in (WALL / 2, HEIGHT - WALL / 2):
        box(body, (DEPTH, WIDTH, WALL), BLUE, Pose.at(z=z))
    between = HEIGHT - 2 * WALL
    for side in (-1, 1):
        box(body, (DEPTH, WALL, between), BLUE, Pose.at(y=side * (WIDTH - WALL) / 2, z=HEIGHT / 2))
    back = (WALL, WIDTH - 2 * WALL, between)
    box(body, back, BLUE, Pose.at(x=(WALL - DEPTH) / 2, z=HEIGHT / 2))


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The cabinet anywhere, the drawer on a side that the camera sees."""
    return {"cabinet": somewhere(rng, margin=DEPTH / 2, yaw=(-math.pi / 2, math.pi / 2))}


def success(state: State) -> bool:
    """The drawer is out by 8 cm and nothing is held."""
    return not state.held and state.joints["drawer"] >= OPEN


def expert(state: State) -> list[Waypoint]:
    """Hover over the knob, grasp it, pull it straight out and let it go."""
    cabinet = state.pose("cabinet")
    end = DEPTH / 2 + WALL + KNOB_LENGTH - GRASP_FROM_END
    knob, pulled = (cabinet @ Pose.at(x=x, z=KNOB_HEIGHT) for x in (end, end + PULL))
    grasp, out = (top_down(tip.x, tip.y, tip.z, cabinet.yaw) for tip in (knob, pulled))
    return [
        Waypoint(grasp.shifted(z=0.08), open=True),
        Waypoint(grasp, open=False),
        Waypoint(out, open=True),
    ]


TASK = Task(
    "open_drawer",
    "Grasp the knob of a drawer and pull the drawer open.",
    objects, place, success, expert,
)  # fmt: skip
