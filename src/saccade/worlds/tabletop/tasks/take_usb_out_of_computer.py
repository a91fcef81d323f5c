"""Take a USB stick out of a computer: grasp it from above, pull it out of its port, let it go."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.tabletop.blocks import BLACK, RED, STEEL, WHITE, box
from saccade.worlds.tabletop.placement import somewhere
from saccade.worlds.tabletop.pose import Pose, top_down
from saccade.worlds.tabletop.scene import SceneBuilder
from saccade.worlds.tabletop.task import Region, State, Task, Waypoint

DEPTH, WIDTH, HEIGHT = 0.14, 0.20, 0.05
"""Sizes of the computer [m]; its port is in the middle of the side that +x points out of."""
STICK_LENGTH, STICK_WIDTH, STICK_THICKNESS = 0.060, 0.028, 0.020
"""Sizes of the stick without its plug [m]."""
PLUG_LENGTH, PLUG_WIDTH, PLUG_THICKNESS = 0.016, 0.016, 0.010
"""Sizes of the plug [m]."""
PORT_HEIGHT = 0.018
"""Height of the port's middle [m]."""
SPARE_WIDTH, SPARE_THICKNESS = 0.0003, 0.0001
"""Space beside the plug on either side, and above and below it [m]."""
SLIDING = 0.3
"""Friction of the port and the plug."""
PULL = 0.08
"""Way that the expert pulls the stick [m]."""
PLUG_END = (-STICK_LENGTH / 2 - PLUG_LENGTH, 0.0, STICK_THICKNESS / 2)
"""Middle of the plug's end in the stick's frame, whose x points out of the port."""
GRASP_AT = 0.010
"""Where the stick is grasped: so far outward of its middle [m], for the hand is wider than it."""
PORT = Region(size=(0.06, 0.04, 0.04), centre=(DEPTH / 2 - 0.02, 0.0, PORT_HEIGHT))
"""Region in the computer's frame, to 1 cm before the port, that the plug's end must have left."""
DARK = (0.22, 0.24, 0.28)


def objects(scene: SceneBuilder) -> None:
    """A flat dark computer, and a red stick whose plug is in the port on the computer's side."""
    _computer(scene.standing("computer"))
    stick = scene.loose("usb_stick", mass=0.02)
    size = (STICK_LENGTH, STICK_WIDTH, STICK_THICKNESS)
    box(stick, size, RED, Pose.at(z=STICK_THICKNESS / 2))
    plug = Pose.at(x=-(STICK_LENGTH + PLUG_LENGTH) / 2, z=STICK_THICKNESS / 2)
    box(stick, (PLUG_LENGTH, PLUG_WIDTH, PLUG_THICKNESS), STEEL, plug, friction=SLIDING)


def _computer(body: mujoco.MjsBody) -> None:
    """The case, with a port as deep as the plug is long."""
    inner = DEPTH - PLUG_LENGTH
    box(body, (inner, WIDTH, HEIGHT), DARK, Pose.at(x=-PLUG_LENGTH / 2, z=HEIGHT / 2))
    front = (DEPTH - PLUG_LENGTH) / 2
    open_width = PLUG_WIDTH + 2 * SPARE_WIDTH
    low = PORT_HEIGHT - PLUG_THICKNESS / 2 - SPARE_THICKNESS
    high = PORT_HEIGHT + PLUG_THICKNESS / 2 + SPARE_THICKNESS
    for side in (-1, 1):
        wide = (WIDTH - open_width) / 2
        at = Pose.at(x=front, y=side * (WIDTH - wide) / 2, z=HEIGHT / 2)
        box(body, (PLUG_LENGTH, wide, HEIGHT), DARK, at, friction=SLIDING)
    below, above = (PLUG_LENGTH, open_width, low), (PLUG_LENGTH, open_width, HEIGHT - high)
    box(body, below, STEEL, Pose.at(x=front, z=low / 2), friction=SLIDING)
    box(body, above, STEEL, Pose.at(x=front, z=(HEIGHT + high) / 2), friction=SLIDING)
    lid = (DEPTH - 0.04, WIDTH - 0.04, 0.002)
    box(body, lid, BLACK, Pose.at(z=HEIGHT), solid=False)
    button = Pose.at(x=DEPTH / 2, y=WIDTH / 2 - 0.03, z=HEIGHT - 0.015)
    box(body, (0.002, 0.014, 0.014), WHITE, button, solid=False)


def place(rng: np.random.Generator) -> dict[str, Pose]:
    """The computer anywhere, the stick on a side that the camera sees."""
    computer = somewhere(rng, margin=DEPTH / 2, yaw=(-math.pi / 2, math.pi / 2))
    outward = Pose.at(x=(DEPTH + STICK_LENGTH) / 2, z=PORT_HEIGHT - STICK_THICKNESS / 2)
    return {"computer": computer, "usb_stick": computer @ outward}


def success(state: State) -> bool:
    """The plug is out of the port and nothing is held."""
    plug_end = state.pose("usb_stick").apply(PLUG_END)
    return not state.held and not PORT.contains(plug_end, state.pose("computer"))


def expert(state: State) -> list[Waypoint]:
    """Hover over the stick, grasp it, pull it straight out and let it go."""
    stick = state.pose("usb_stick") @ Pose.at(x=GRASP_AT, z=STICK_THICKNESS / 2)
    pulled = stick @ Pose.at(x=PULL)
    grasp = top_down(stick.x, stick.y, stick.z, stick.yaw)
    return [
        Waypoint(grasp.shifted(z=0.08), open=True),
        Waypoint(grasp, open=False),
        Waypoint(top_down(pulled.x, pulled.y, grasp.z, stick.yaw), open=True),
    ]


TASK = Task(
    "take_usb_out_of_computer",
    "Grasp a USB stick and pull it out of a computer.",
    objects, place, success, expert,
)  # fmt: skip
