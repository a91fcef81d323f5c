"""Pick and lift: grasp the red block among three and lift it."""

from __future__ import annotations

import math

import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, RED, YELLOW, box
from saccade.worlds.tabletop.placement import apart, somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import State, Task, Waypoint

SIDE = 0.045
"""Side of a block [m]."""
GAP = 0.13
"""Distance between the middles of any two blocks [m]: the hand fits beside each."""
LIFT, LIFTED = 0.15, 0.10
"""Height that the expert lifts the block by, and what counts as lifted [m]."""
BLOCKS = {"block": RED, "blue_block": BLUE, "yellow_block": YELLOW}


def objects(scene: SceneBuilder) -> None:
    """A red, a blue and a yellow block."""
    for name, colour in BLOCKS.items():
        box(scene.loose(name, mass=0.08), (SIDE, SIDE, SIDE), colour, Pose.at(z=SIDE / 2))


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The blocks anywhere, apart from each other, turned by up to an eighth: a cube looks alike."""
    poses: dict[str, Pose] = {}
    while len(poses) < len(BLOCKS):
        pose = somewhere(rng, margin=SIDE, yaw=(-math.pi / 4, math.pi / 4))
        if all(apart(pose, other) >= GAP for other in poses.values()):
            poses[list(BLOCKS)[len(poses)]] = pose
    return poses


def success(state: State) -> bool:
    """The red block is held, 10 cm above where it lay."""
    lifted = state.pose("block").z - state.start["block"].z >= LIFTED
    return "block" in state.held and lifted


def expert(state: State) -> list[Waypoint]:
    """Hover over the block, grasp it by its middle, lift."""
    block = state.pose("block")
    grasp = top_down(block.x, block.y, block.z + SIDE / 2, block.yaw)
    return [
        Waypoint(grasp.shifted(z=0.08), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=LIFT), open=False),
    ]


TASK = Task(
    "pick_and_lift",
    "Grasp the red block among three and lift it.",
    objects, place, success, expert,
)  # fmt: skip
