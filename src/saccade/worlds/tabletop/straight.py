"""Placeholder of the pose action: straight lines of the tip, evenly timed."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.tabletop.world import TabletopWorld


class StraightMover:
    """Leads the tip along straight lines."""

    def __init__(self, world: TabletopWorld, kinematics: ArmKinematics) -> None:
        self.world, self.kinematics = world, kinematics
        self.open = True

    def move(self, tip: Float[np.ndarray, "7"], open_: bool) -> None:
        """Go to a tip pose, then set the gripper."""
        world = self.world
        path = self.kinematics.line(world.data.ctrl[world.arm.actuators].copy(), tip)
        n = len(path) - 1
        if n > 0:
            duration = max(0.3, 1.9 * np.abs(np.diff(path, axis=0)).sum(axis=0).max() / 1.6)
            steps = int(np.ceil(duration / world.config.frame_time))
            t = np.arange(1, steps + 1) / steps
            for v in (10 * t**3 - 15 * t**4 + 6 * t**5) * n:
                i = min(int(v), n - 1)
                world.track(path[i] + (path[i + 1] - path[i]) * (v - i), self.open)
        for _ in range(4):
            world.track(path[-1], self.open)
        if open_ != self.open:
            self.open = open_
            for _ in range(12):
                world.track(path[-1], self.open)
