"""Play Jenga: pull the loose block out of the tower without moving the others."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.tabletop.blocks import ORANGE, Colour, box, sphere
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, Vector, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

LENGTH, WIDTH, HEIGHT = 0.200, 0.067, 0.033
"""Sizes of a block of the tower [m]; three side by side are as wide as one is long."""
GAP = 0.001
"""Space between blocks side by side [m]."""
TARGET_WIDTH, TARGET_HEIGHT = 0.055, 0.028
"""The target is looser than the others: nothing rests on it, and the fingers fit around it."""
LAYERS = 4
TARGET_LAYER = LAYERS - 2
"""Layer of the target, in its middle; the hand clears the one layer above it."""
STICKS_OUT = 0.070
"""Way that the target sticks out of the tower at the start [m]."""
GRASP_FROM_END = 0.016
"""Distance from the target's end at which it is grasped [m]."""
PULL = LENGTH - STICKS_OUT + 0.02
"""Way that the expert pulls the target [m]."""
FARTHEST_X, FARTHEST_Y = 0.77, 0.36
"""How far from the robot's base the target is pulled to [m], so that the camera sees it all."""
ABOVE_TABLE = 0.002
"""Height above the table from which the expert lets the target drop [m]."""
OUT = LENGTH
"""Distance from the tower's middle to the target's from which the target is out [m]."""
TOWER = Region(size=(LENGTH, LENGTH, LAYERS * HEIGHT), centre=(0.0, 0.0, LAYERS * HEIGHT / 2))
"""Region in the tower's frame in which the other blocks' middles must be."""
SINKS, TIPS = 0.01, 0.15
"""Way by which a block in the tower may have come down [m], and angle to have tipped [rad]."""
WOOD, DARK_WOOD = (0.62, 0.42, 0.24), (0.50, 0.32, 0.17)
FRICTION, TARGET_FRICTION = 0.6, 0.2
"""Sliding friction between blocks, and of the target, which is planed."""
FOOT_RADIUS, FOOT_HEIGHT = 0.004, 0.0005
"""Round feet below each block [m]: stacked boxes flicker in MuJoCo's contacts, balls rest."""
FEET, TARGET_FEET = (-WIDTH, WIDTH), (-0.09, 0.02)
"""Where the feet are along a block [m]: over blocks of the layer below, the target's too."""


def objects(scene: SceneBuilder) -> None:
    """A tower of layers of three blocks, each layer across the one below; the target is orange."""
    for layer, i in _others():
        colour = (WOOD, DARK_WOOD)[layer % 2]
        size = (LENGTH, WIDTH - GAP, HEIGHT)
        _block(scene.loose(_name(layer, i), mass=0.12), size, colour, FEET, FRICTION)
    size = (LENGTH, TARGET_WIDTH, TARGET_HEIGHT)
    for geom in _block(scene.loose("target", mass=0.1), size, ORANGE, TARGET_FEET, TARGET_FRICTION):
        geom.priority = 1  # its friction counts, not the larger one of what it touches


def _block(
    body: mujoco.MjsBody, size: Vector, colour: Colour, feet: tuple[float, ...], friction: float
) -> list[mujoco.MjsGeom]:
    length, width, height = size
    wood = (length, width, height - FOOT_HEIGHT)
    geoms = [box(body, wood, colour, Pose.at(z=(height + FOOT_HEIGHT) / 2), friction=friction)]
    for x in feet:
        for y in (-width / 3, width / 3):
            foot = Pose.at(x, y, FOOT_RADIUS)
            geoms.append(sphere(body, FOOT_RADIUS, colour, foot, friction=friction))
    return geoms


def _others() -> list[tuple[int, int]]:
    """Layer and place in it of every block but the target."""
    every = [(layer, i) for layer in range(LAYERS) for i in range(3)]
    return [place for place in every if place != (TARGET_LAYER, 1)]


def _name(layer: int, i: int) -> str:
    return f"block_{layer}_{i}"


def _place_in_tower(layer: int, i: int) -> Pose:
    """Pose of a block in the tower's frame, in which the target lies along x."""
    across = Pose.at(yaw=math.pi / 2 * ((layer - TARGET_LAYER) % 2))
    return across @ Pose.at(y=(i - 1) * WIDTH, z=layer * HEIGHT)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The tower anywhere, the target's free end on a side that the camera sees."""
    yaw = rng.uniform(-math.pi / 2, math.pi / 2)
    tower = somewhere(rng, LENGTH / 2, (yaw, yaw))
    for _ in range(50):
        x, y, _ = tower.apply((STICKS_OUT + PULL + LENGTH / 2, 0.0, 0.0))
        if x <= FARTHEST_X and abs(y) <= FARTHEST_Y:
            break
        tower = somewhere(rng, LENGTH / 2, (yaw, yaw))
    others = {_name(*where): tower @ _place_in_tower(*where) for where in _others()}
    target = _place_in_tower(TARGET_LAYER, 1) @ Pose.at(x=STICKS_OUT)
    return {**others, "target": tower @ target}


def success(state: State) -> bool:
    """The target is out, nothing is held, and every other block is still in the tower."""
    tower = state.start["target"] @ Pose.at(x=-STICKS_OUT, z=-TARGET_LAYER * HEIGHT)
    x, y, _ = tower.locate(state.pose("target").position)
    out = math.hypot(x, y) >= OUT and not state.held
    return out and all(_stands(state, _name(*where), tower) for where in _others())


def _stands(state: State, name: str, tower: Pose) -> bool:
    """Whether a block is still in the tower, and as high as it was."""
    block, sunk = state.pose(name), state.start[name].z - state.pose(name).z
    return (
        TOWER.contains(block.apply((0.0, 0.0, HEIGHT / 2)), tower)
        and sunk <= SINKS
        and block.tilt <= TIPS
    )


def expert(state: State) -> list[Waypoint]:
    """Hover over the target's free end, grasp it, pull it straight out and put it on the table."""
    end = state.pose("target") @ Pose.at(x=LENGTH / 2 - GRASP_FROM_END, z=TARGET_HEIGHT / 2)
    pulled = end @ Pose.at(x=PULL)
    grasp, out = (top_down(tip.x, tip.y, tip.z, end.yaw) for tip in (end, pulled))
    down = out.shifted(z=ABOVE_TABLE - TARGET_LAYER * HEIGHT)
    return [
        Waypoint(grasp.shifted(z=0.08), open=True),
        Waypoint(grasp, open=False),
        Waypoint(out, open=False),
        Waypoint(down, open=True),
    ]


TASK = Task(
    "play_jenga",
    "Pull the loose block out of a tower of blocks without moving the others.",
    objects, place, success, expert,
)  # fmt: skip
