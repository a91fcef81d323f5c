"""Where objects may be put: random places in the workspace, and what does not fit."""

from __future__ import annotations

import math

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.tabletop.pose import Pose

X_RANGE, Y_RANGE = (0.30, 0.70), (-0.30, 0.30)
"""Workspace on the table [m]: what the arm reaches and the front camera sees."""
OVERLAP = 1e-3
"""Depth from which two touching bodies overlap [m]; what stands on another sinks in by less."""


def somewhere(
    rng: np.random.Generator,
    margin: float = 0.0,
    yaw: tuple[float, float] = (-math.pi, math.pi),
) -> Pose:
    """Pose on the table, anywhere in the workspace.

    Args:
        rng: Source of chance.
        margin: Distance that the origin keeps from the workspace's edge [m]: the object's radius.
        yaw: Range of the turn about the vertical [rad].
    """
    x = rng.uniform(X_RANGE[0] + margin, X_RANGE[1] - margin)
    y = rng.uniform(Y_RANGE[0] + margin, Y_RANGE[1] - margin)
    return Pose.at(x, y, yaw=rng.uniform(*yaw))


def apart(a: Pose, b: Pose) -> float:
    """Distance of two poses on the table [m]."""
    return math.dist(a.position[:2], b.position[:2])


def extent(
    model: mujoco.MjModel, data: mujoco.MjData, geoms: list[int]
) -> Float[np.ndarray, "2 3"]:
    """Lowest and highest world coordinates [m] of the boxes around some geoms."""
    lows, highs = [], []
    for geom in geoms:
        centre, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
        rotation = data.geom_xmat[geom].reshape(3, 3)
        middle = data.geom_xpos[geom] + rotation @ centre
        reach = np.abs(rotation) @ half
        lows.append(middle - reach)
        highs.append(middle + reach)
    return np.stack([np.min(lows, axis=0), np.max(highs, axis=0)])


def in_workspace(low_high: Float[np.ndarray, "2 3"]) -> bool:
    """Whether an extent [m] lies over the workspace."""
    (x0, y0, _), (x1, y1, _) = low_high
    return bool(x0 >= X_RANGE[0] and x1 <= X_RANGE[1] and y0 >= Y_RANGE[0] and y1 <= Y_RANGE[1])


def overlaps(data: mujoco.MjData) -> bool:
    """Whether any two bodies are in each other; needs MuJoCo's contacts of the placement."""
    contacts = data.contact
    return bool(len(contacts.dist) and contacts.dist.min() < -OVERLAP)
