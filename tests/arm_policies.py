"""Policies of the arm that nobody had to train."""

from __future__ import annotations

import numpy as np

from saccade.systems.arm.decision import Decision
from saccade.worlds.rgbd import Observation

RADIUS = 0.025
"""Radius of the ball of reach_target [m]."""
NOWHERE = (-1.0, -1.0, 1.2)
"""A place that the arm does not reach [m]."""


class ReachRed:
    """Brings the tip to what is red and on the arm's left (y > 0); else out of its reach."""

    task = "reach_target"

    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Look at the middle of what is red."""
        view = observation.view
        colours = view.rgb.astype(int)
        red = (colours[..., 0] > 2 * colours[..., 1:].max(axis=-1)) & (view.depth > 0)
        rows, columns = np.nonzero(red)
        row, column = (int(np.median(each)) for each in (rows, columns))
        seen = view.points[red].mean(axis=0)
        away = seen - view.T_world_camera[:3, 3]
        middle = seen + RADIUS * 2 / 3 * away / np.linalg.norm(away)  # a half sphere's mean depth
        place = middle if middle[1] > 0 else np.array(NOWHERE)
        tip = np.concatenate([place, [0.0, 1.0, 0.0, 0.0]]).astype(np.float32)
        return Decision.at(view, (column, row), 16, red.astype(np.float32), tip, gripper_open=True)
