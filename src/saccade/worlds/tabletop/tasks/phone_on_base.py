"""Put a telephone's handset onto its base: grasp its grip from above and lay it into the cradle."""

from __future__ import annotations

import numpy as np

from saccade.worlds.tabletop.blocks import BLUE, RED, WHITE, box
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

LENGTH, GRIP_WIDTH, GRIP_THICKNESS = 0.19, 0.032, 0.020
"""Length of the handset, and sizes of the grip between its two ends [m]."""
END_LENGTH, END_WIDTH, HEIGHT = 0.046, 0.048, 0.045
"""Sizes of the ends [m]: the handset stands on them, the grip is at their upper side."""
BASE_WIDTH, BASE_HEIGHT, RAIL = 0.12, 0.045, 0.008
"""Width and height of the base, height of the rails that keep the handset's ends [m]."""
PLAY = 0.005
"""Room between an end and a rail [m]."""
BESIDE = 0.155
"""Distance between the middles of the base and of the handset beside it [m]."""
HOVER, DROP = 0.08, 0.02
"""Height above what comes next, and height above the base that the handset is let go at [m]."""
ON_BASE = Region(size=(0.15, 0.05, 0.05), centre=(0.0, 0.0, BASE_HEIGHT + HEIGHT / 2))
"""Region in the base's frame that the handset's middle must be in."""


def objects(scene: SceneBuilder) -> None:
    """A red handset, an arch of two ends and a grip, and a blue base with white rails on top."""
    handset = scene.loose("handset", mass=0.15)
    apart = (LENGTH - END_LENGTH) / 2
    for side in (-1, 1):
        end = Pose.at(x=side * apart, z=HEIGHT / 2)
        box(handset, (END_LENGTH, END_WIDTH, HEIGHT), RED, end)
    grip = Pose.at(z=HEIGHT - GRIP_THICKNESS / 2)
    box(handset, (LENGTH - 2 * END_LENGTH, GRIP_WIDTH, GRIP_THICKNESS), RED, grip)
    base = scene.standing("base")
    box(base, (LENGTH + 0.02, BASE_WIDTH, BASE_HEIGHT), BLUE, Pose.at(z=BASE_HEIGHT / 2))
    beside = END_WIDTH / 2 + PLAY + RAIL / 2
    for x in (-apart, apart):
        for y in (-beside, beside):
            rail = Pose.at(x, y, BASE_HEIGHT + RAIL / 2)
            box(base, (END_LENGTH, RAIL, RAIL), WHITE, rail)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The two side by side, anywhere and turned as they like."""
    middle = somewhere(rng, margin=0.10)
    return {
        "base": middle @ Pose.at(y=BESIDE / 2),
        "handset": middle @ Pose.at(y=-BESIDE / 2),
    }


def success(state: State) -> bool:
    """The handset is in a region of 15 x 5 x 5 cm on the base, and nothing is held."""
    handset = state.pose("handset").apply((0.0, 0.0, HEIGHT / 2))
    return not state.held and ON_BASE.contains(handset, state.pose("base"))


def expert(state: State) -> list[Waypoint]:
    """Hover over the grip, grasp it, lift; hover over the base, lay the handset down."""
    grip = Pose.at(z=HEIGHT - GRIP_THICKNESS / 2)
    handset, cradle = state.pose("handset"), state.pose("base") @ Pose.at(z=BASE_HEIGHT)
    grasp = top_down(*(handset @ grip).position, yaw=handset.yaw)
    put = top_down(*(cradle @ grip).position, yaw=handset.yaw).shifted(z=DROP)
    return [
        Waypoint(grasp.shifted(z=HOVER), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=HOVER), open=False),
        Waypoint(put.shifted(z=HOVER), open=False),
        Waypoint(put, open=True),
    ]


TASK = Task(
    "phone_on_base",
    "Put the handset of a telephone onto its base.",
    objects, place, success, expert,
)  # fmt: skip
