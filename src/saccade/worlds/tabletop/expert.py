"""The scripted expert: it plays a task's waypoints as actions of the environment."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from saccade.worlds.tabletop.env import Outcome, TabletopEnv
from saccade.worlds.tabletop.task import Waypoint


def action_of(waypoint: Waypoint) -> Float[np.ndarray, "8"]:
    """The environment's action that a waypoint is."""
    return np.append(waypoint.tip.array(), float(waypoint.open)).astype(np.float32)


def play(env: TabletopEnv, seed: int) -> Outcome:
    """Play one episode without looking; how it ended."""
    env.begin(seed)
    outcome = None
    for waypoint in env.task.expert(env.world.state()):
        outcome = env.execute(action_of(waypoint))
        if outcome.terminated or outcome.truncated:
            break
    assert outcome is not None, "an expert has one waypoint or more"
    return outcome
