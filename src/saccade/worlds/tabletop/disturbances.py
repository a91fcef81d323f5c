"""What may differ from how a task was learnt: camera, light, colours, foreign objects, noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.checks import check_least, check_most
from saccade.worlds.tabletop import blocks

MOST_DISTRACTORS = 4


@dataclass(frozen=True)
class Disturbances:
    """What is drawn anew for every episode; nothing by default.

    Attributes:
        camera_shift: Distance that the camera is moved by, in a random direction [m].
        camera_turn: Angle that the camera is turned by, about a random axis [rad].
        look: Whether light, table, wall and the objects' shades are drawn.
        distractors: Objects that no task uses, put somewhere on the table.
        depth_noise: Standard deviation of the noise of each depth [m].
    """

    camera_shift: float = 0.0
    camera_turn: float = 0.0
    look: bool = False
    distractors: int = 0
    depth_noise: float = 0.0

    def __post_init__(self) -> None:
        names = ("camera_shift", "camera_turn", "distractors", "depth_noise")
        check_least(self, dict.fromkeys(names, 0))
        check_most(
            self,
            {"camera_shift": 0.5, "camera_turn": 0.5, "depth_noise": 0.1}
            | {"distractors": MOST_DISTRACTORS},
        )


NONE = Disturbances()
NAMED = {
    "camera": Disturbances(camera_shift=0.05, camera_turn=math.radians(5)),
    "look": Disturbances(look=True),
    "distractors": Disturbances(distractors=2),
    "depth_noise": Disturbances(depth_noise=0.005),
}
"""The disturbances that an evaluation shows, each alone."""

DISTRACTORS = (
    ("prism", blocks.PINK, (0.05, 0.035, 0.06)),
    ("post", blocks.CYAN, (0.025, 0.09)),
    ("brick", blocks.YELLOW, (0.09, 0.045, 0.03)),
    ("ball", blocks.PURPLE, (0.03,)),
)
"""Name, colour and sizes [m] of the foreign objects: boxes (3 sizes), cylinders (2), balls (1)."""
