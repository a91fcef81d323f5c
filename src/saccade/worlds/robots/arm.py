"""An arm as motion code sees it: names of its parts in a MuJoCo model, and how fast it may be.

Nothing here knows a certain robot. `panda.PANDA` and `ur5e.UR5E` are two descriptions; anybody's
model with one joint a link and position servos has a third.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float, Int

from saccade.errors import UserInputError

_KINDS = {
    "joint": mujoco.mjtObj.mjOBJ_JOINT,
    "site": mujoco.mjtObj.mjOBJ_SITE,
    "actuator": mujoco.mjtObj.mjOBJ_ACTUATOR,
    "body": mujoco.mjtObj.mjOBJ_BODY,
}


@dataclass(frozen=True)
class Gripper:
    """A gripper that opens and closes by setting its actuators.

    Attributes:
        actuators: Names of its actuators.
        joints: Names of its fingers' joints, for knowing when they rest and how wide it is open.
        opened: Value of each actuator that opens it.
        closed: Value of each actuator that closes it.
        bodies: Names of the bodies that are meant to touch things.
        travel_time: Time over which an actuator's value goes from one to the other [s]; 0: at once.
    """

    actuators: tuple[str, ...]
    joints: tuple[str, ...]
    opened: tuple[float, ...]
    closed: tuple[float, ...]
    bodies: tuple[str, ...] = ()
    travel_time: float = 0.0

    def __post_init__(self) -> None:
        if not len(self.actuators) == len(self.opened) == len(self.closed):
            raise UserInputError(
                f"a gripper has {len(self.actuators)} actuators, {len(self.opened)} values that "
                f"open and {len(self.closed)} that close it; expected as many of each"
            )


@dataclass(frozen=True)
class Arm:
    """An arm whose joints are moved by one position servo each.

    Attributes:
        joints: Names of its joints, from the base on; each is a hinge or a slide.
        actuators: Names of its position servos, in the order of the joints.
        tip_site: Name of the site whose pose is commanded.
        home: Joint positions to start from [rad or m].
        velocity_limits: Highest speed of each joint [rad/s].
        acceleration_limits: Highest acceleration of each joint [rad/s^2].
        jerk_limits: Highest jerk of each joint [rad/s^3].
        gripper: The gripper at its end; None if there is none.
    """

    joints: tuple[str, ...]
    actuators: tuple[str, ...]
    tip_site: str
    home: tuple[float, ...]
    velocity_limits: tuple[float, ...]
    acceleration_limits: tuple[float, ...]
    jerk_limits: tuple[float, ...]
    gripper: Gripper | None = None

    def __post_init__(self) -> None:
        n = len(self.joints)
        for name in ("actuators", "home", "velocity_limits", "acceleration_limits", "jerk_limits"):
            if len(getattr(self, name)) != n:
                raise UserInputError(
                    f"{name} of an arm has {len(getattr(self, name))} entries; expected one for "
                    f"each of its {n} joints"
                )

    def locate(self, model: mujoco.MjModel) -> ArmAddresses:
        """Where the arm's parts are in a model.

        Raises:
            UserInputError: The model lacks a part; the message lists those that it has.
        """
        gripper = self.gripper or Gripper((), (), (), ())
        joints = ids(model, "joint", self.joints)
        fingers = ids(model, "joint", gripper.joints)
        return ArmAddresses(
            qpos=model.jnt_qposadr[joints],
            dofs=model.jnt_dofadr[joints],
            joints=joints,
            actuators=ids(model, "actuator", self.actuators),
            tip_site=int(ids(model, "site", (self.tip_site,))[0]),
            finger_qpos=model.jnt_qposadr[fingers],
            finger_dofs=model.jnt_dofadr[fingers],
            gripper_actuators=ids(model, "actuator", gripper.actuators),
        )


@dataclass(frozen=True)
class ArmAddresses:
    """Indices of an arm's parts in one model.

    Attributes:
        qpos: Of its joint positions in qpos.
        dofs: Of its joint velocities in qvel.
        joints: Ids of its joints.
        actuators: Of its servos in ctrl.
        tip_site: Id of its tip's site.
        finger_qpos: Of its fingers' positions in qpos.
        finger_dofs: Of its fingers' velocities in qvel.
        gripper_actuators: Of its gripper's actuators in ctrl.
    """

    qpos: Int[np.ndarray, " k"]
    dofs: Int[np.ndarray, " k"]
    joints: Int[np.ndarray, " k"]
    actuators: Int[np.ndarray, " k"]
    tip_site: int
    finger_qpos: Int[np.ndarray, " f"]
    finger_dofs: Int[np.ndarray, " f"]
    gripper_actuators: Int[np.ndarray, " g"]

    def put(self, data: mujoco.MjData, q: Float[np.ndarray, " k"]) -> None:
        """Put the joints at rest at q, servos included."""
        data.qpos[self.qpos] = q
        data.qvel[self.dofs] = 0.0
        data.ctrl[self.actuators] = q

    def tip_pose(self, data: mujoco.MjData) -> Float[np.ndarray, "7"]:
        """Position [m] and quaternion (w, x, y, z) of the tip in the world."""
        quaternion = np.empty(4)
        mujoco.mju_mat2Quat(quaternion, data.site_xmat[self.tip_site])
        return np.concatenate([data.site_xpos[self.tip_site], quaternion])


def ids(model: mujoco.MjModel, kind: str, names: tuple[str, ...]) -> Int[np.ndarray, " n"]:
    """Ids of named parts of a model; refuses a name that it lacks."""
    code = _KINDS[kind]
    ids = [mujoco.mj_name2id(model, code, name) for name in names]
    if -1 in ids:
        count = {
            "joint": model.njnt, "site": model.nsite, "actuator": model.nu, "body": model.nbody
        }[kind]  # fmt: skip
        there = [mujoco.mj_id2name(model, code, i) for i in range(count)]
        valid = ", ".join(name for name in there if name) or "none"
        missing = names[ids.index(-1)]
        raise UserInputError(f"the model has no {kind} {missing!r}; expected one of: {valid}")
    return np.array(ids, dtype=np.int64)
