"""What position servos must be told so that they do not lag."""

from __future__ import annotations

import mujoco
import numpy as np
from jaxtyping import Float


def velocity_lead(
    model: mujoco.MjModel, set_points: Float[np.ndarray, "steps k"]
) -> Float[np.ndarray, "steps k"]:
    """Lead of set points with which damped position servos do not lag behind a motion.

    A servo's damping pulls it back by its damping over its stiffness times its speed; every robot's
    controller feeds that forward. Without it the fingertips drift by up to a centimetre sideways,
    because the joints lag by different angles. The last set point gets none: it is held.
    """
    lag = -model.actuator_biasprm[:, 2] / model.actuator_gainprm[:, 0]
    lead = np.zeros_like(set_points)
    lead[:-1] = lag * np.diff(set_points, axis=0) / model.opt.timestep
    return lead
