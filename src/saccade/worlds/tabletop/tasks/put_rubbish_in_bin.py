"""Put the rubbish in the bin: grasp the crumpled paper, not a tomato, and drop it into the bin."""

from __future__ import annotations

import math

import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, GREEN, RED, WHITE, box, cylinder, sphere, tray
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

PAPER = 0.044
"""Width and height of the crumpled paper [m]."""
TOMATO_RADIUS, CALYX = 0.025, (0.012, 0.004)
"""Radius of a tomato, and radius and height of the green on it [m]."""
BIN_SIDE, BIN_HEIGHT, BIN_WALL = 0.17, 0.07, 0.006
"""Sizes of the bin [m]."""
SPACING = 0.10
"""Distance of neighbours in the row of paper and tomatoes [m]: open fingers fit in between."""
ROW, BIN = -0.13, 0.07
"""Where the row and the bin are along y from the middle [m]: a hand at the row clears the bin."""
HOVER = 0.09
"""Height above the paper that the hand comes from and lifts the paper to [m]."""
DROP = BIN_HEIGHT + 0.035
"""Height above the table that the paper is let go at [m]: its underside is just above the rim."""
IN_BIN = Region(size=(0.14, 0.14, 0.06), centre=(0.0, 0.0, 0.03))
"""Region in the bin's frame that the paper's middle must be in."""


def objects(scene: SceneBuilder) -> None:
    """Crumpled white paper with flat sides, two red tomatoes and a blue bin."""
    paper = scene.loose("rubbish", mass=0.02)
    middle = Pose.at(z=PAPER / 2)
    box(paper, (PAPER, PAPER, PAPER), WHITE, middle)
    box(paper, (PAPER, PAPER, PAPER - 0.004), WHITE, middle @ Pose.at(yaw=math.pi / 4))
    side = 0.98 * PAPER / math.sqrt(2)
    box(paper, (PAPER + 0.008, side, side), WHITE, middle @ Pose.at(yaw=0.4, roll=math.pi / 4))
    for name in ("tomato", "other_tomato"):
        tomato = scene.loose(name, mass=0.08)
        box(tomato, (0.022, 0.022, 0.004), RED, Pose.at(z=0.002))
        sphere(tomato, TOMATO_RADIUS, RED, Pose.at(z=0.001 + TOMATO_RADIUS))
        cylinder(tomato, *CALYX, GREEN, Pose.at(z=2 * TOMATO_RADIUS))
    tray(scene.standing("bin"), (BIN_SIDE, BIN_SIDE, BIN_HEIGHT), BIN_WALL, BLUE)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The three in any order in a row beside the bin, anywhere and turned as they like."""
    middle = somewhere(rng, margin=0.14)
    poses = {"bin": middle @ Pose.at(y=BIN)}
    for name, i in zip(("rubbish", "tomato", "other_tomato"), rng.permutation(3), strict=True):
        poses[name] = middle @ Pose.at(x=SPACING * (i - 1), y=ROW)
    return poses


def success(state: State) -> bool:
    """The paper lies in a region of 14 x 14 x 6 cm in the bin."""
    paper = state.pose("rubbish").apply((0.0, 0.0, PAPER / 2))
    return "rubbish" not in state.held and IN_BIN.contains(paper, state.pose("bin"))


def expert(state: State) -> list[Waypoint]:
    """Hover over the paper, grasp it, lift; let it go over the bin. The hand never turns."""
    paper, bin_ = state.pose("rubbish"), state.pose("bin")
    grasp = top_down(paper.x, paper.y, paper.z + 0.55 * PAPER)
    return [
        Waypoint(grasp.shifted(z=HOVER), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=HOVER), open=False),
        Waypoint(top_down(bin_.x, bin_.y, DROP), open=True),
    ]


TASK = Task(
    "put_rubbish_in_bin",
    "Put the crumpled paper, not a tomato, into the bin.",
    objects, place, success, expert,
)  # fmt: skip
