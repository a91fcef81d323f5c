"""The five attributes of pouring, from the state of the world."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64

from saccade.worlds.pouring.plan import PHASES, Plan
from saccade.worlds.pouring.script import Course

ATTRIBUTES = {
    "contact": 2,
    "within_distance": 2,
    "liquid_flowing": 2,
    "has_liquid": 2,
    "container_angle": 5,
}
"""Number of classes of each attribute by its name, as in the labels of Multi-View Pouring."""

WITHIN = 0.09
"""Largest horizontal distance of the lip from the target's axis within which one pours [m]."""
ANGLES = tuple(np.radians((10.0, 32.0, 52.0, 72.0)))
"""Tilts between the classes of `container_angle` [rad]."""
DROP = 2e-6
"""Volume that counts as liquid [m3]."""


def attributes(plan: Plan, course: Course) -> dict[str, Int64[np.ndarray, " n"]]:
    """Class of each frame by the attribute's name."""
    distance = np.linalg.norm((course.lip - plan.target_at)[:, :2], axis=-1)
    grasp, retract = PHASES.index("grasp"), PHASES.index("retract")
    held = (course.phases > grasp) & (course.phases < retract)
    found = {
        "contact": held | (course.aperture < 0.05) & (course.phases >= grasp),
        "within_distance": distance < WITHIN,
        "liquid_flowing": course.flow > 0,
        "has_liquid": course.volumes[:, 1] > DROP,
        "container_angle": np.digitize(course.tilt, ANGLES),
    }
    return {name: value.astype(np.int64) for name, value in found.items()}
