"""Take the lid off a saucepan: grasp its knob from above and lift it."""

from __future__ import annotations

import numpy as np

from saccade.worlds.tabletop.blocks import BLACK, RED, STEEL, box, cylinder, tube
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

RADIUS, HEIGHT, WALL = 0.09, 0.075, 0.006
"""Sizes of the pan [m]."""
LID_THICKNESS, KNOB_RADIUS, KNOB_HEIGHT = 0.008, 0.03, 0.02
"""Sizes of the lid and of the round knob on it [m]."""
LIFT = 0.11
"""Height that the expert lifts the lid by [m]."""
ABOVE_PAN = Region(size=(0.10, 0.10, 0.05), centre=(0.0, 0.0, HEIGHT + LIFT))
"""Region in the pan's frame that the lid's middle must be in."""


def objects(scene: SceneBuilder) -> None:
    """A steel pan with a handle, and a red lid with a black knob on it."""
    pan = scene.loose("saucepan", mass=0.9)
    cylinder(pan, RADIUS, WALL, STEEL, Pose.at(z=WALL / 2))
    tube(pan, RADIUS, HEIGHT - WALL, WALL, STEEL, Pose.at(z=(HEIGHT + WALL) / 2))
    box(pan, (0.10, 0.022, 0.016), BLACK, Pose.at(x=RADIUS + 0.045, z=0.055))
    lid = scene.loose("lid", mass=0.06)
    cylinder(lid, RADIUS, LID_THICKNESS, RED, Pose.at(z=LID_THICKNESS / 2))
    cylinder(lid, KNOB_RADIUS, KNOB_HEIGHT, BLACK, Pose.at(z=LID_THICKNESS + KNOB_HEIGHT / 2))


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The pan anywhere, the lid on it, turned as it likes."""
    pan = somewhere(rng, margin=RADIUS)
    lid = pan @ Pose.at(z=HEIGHT, yaw=rng.uniform(-np.pi, np.pi))
    return {"saucepan": pan, "lid": lid}


def success(state: State) -> bool:
    """The lid is held in a region of 10 x 10 x 5 cm above the pan."""
    lid, pan = state.pose("lid"), state.pose("saucepan")
    return "lid" in state.held and ABOVE_PAN.contains(lid.position, pan)


def expert(state: State) -> list[Waypoint]:
    """Hover over the knob, grasp it, lift."""
    lid = state.pose("lid")
    grasp = top_down(lid.x, lid.y, lid.z + LID_THICKNESS + KNOB_HEIGHT / 2)
    return [
        Waypoint(grasp.shifted(z=0.08), open=True),
        Waypoint(grasp, open=False),
        Waypoint(grasp.shifted(z=LIFT), open=False),
    ]


TASK = Task(
    "take_lid_off_saucepan",
    "Grasp the lid of a saucepan by its knob and lift it off.",
    objects, place, success, expert,
)  # fmt: skip
