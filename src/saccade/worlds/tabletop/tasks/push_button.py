"""Push a button: press it down with closed fingers."""

from __future__ import annotations

import numpy as np

from saccade.worlds.tabletop.blocks import BLACK, RED, box, cylinder
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import State, Task, Waypoint

HOUSING = (0.09, 0.09, 0.03)
"""Sides of the housing [m]."""
RADIUS, HEIGHT, TRAVEL = 0.028, 0.02, 0.012
"""Radius of the button, what of it stands out of the housing, and how far it goes down [m]."""
PRESSED = 0.009
"""Way down from which it counts as pressed [m]."""
FINGERS_BEYOND_TIP = 0.009
"""What of the fingers reaches beyond the tip [m]."""


def objects(scene: SceneBuilder) -> None:
    """A black housing on the table with a red button that springs back."""
    housing = scene.standing("housing")
    box(housing, HOUSING, BLACK, Pose.at(z=HOUSING[2] / 2))
    button = scene.sliding(
        housing, "button", Pose.at(z=HOUSING[2]), axis=(0.0, 0.0, -1.0), travel=TRAVEL,
        mass=0.03, stiffness=300.0, damping=3.0,
    )  # fmt: skip
    cylinder(button, RADIUS, HEIGHT, RED, Pose.at(z=HEIGHT / 2))


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The button anywhere on the table."""
    return {"housing": somewhere(rng, margin=HOUSING[0] / 2)}


def success(state: State) -> bool:
    """The button is down."""
    return state.joints["button"] >= PRESSED


def expert(state: State) -> list[Waypoint]:
    """Close the fingers above the button, then press."""
    housing = state.pose("housing")
    top = HOUSING[2] + HEIGHT + FINGERS_BEYOND_TIP
    above = top_down(housing.x, housing.y, top + 0.06)
    return [Waypoint(above, open=False), Waypoint(above.shifted(z=-0.06 - TRAVEL), open=False)]


TASK = Task(
    "push_button",
    "Press the red button with closed fingers.",
    objects, place, success, expert,
)  # fmt: skip
