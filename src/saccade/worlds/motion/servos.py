"""What position servos must be told so that they do not lag."""

from __future__ import annotations

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.robots.arm import ArmAddresses


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


def servo_lag(model: mujoco.MjModel, places: ArmAddresses) -> Float[np.ndarray, " k"]:
    """Time by which each servo of an arm lags behind a steady motion [s].

    Damping of the servo and of its joint over the servo's stiffness; 0 for an actuator that is no
    position servo, of which nothing is known.
    """
    gain = model.actuator_gainprm[places.actuators, 0]
    bias = model.actuator_biasprm[places.actuators]
    gear = model.actuator_gear[places.actuators, 0]
    servo = (gain > 0) & np.isclose(bias[:, 1], -gain)
    stiffness = np.where(servo, gain, 1.0) * gear**2
    damping = -bias[:, 2] * gear**2 + model.dof_damping[places.dofs]
    return np.where(servo, damping / stiffness, 0.0)
