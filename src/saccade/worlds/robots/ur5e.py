"""The UR5e with a closed two-finger gripper, built from published kinematics; no meshes, no files.

Denavit-Hartenberg parameters, masses and centres of mass: Universal Robots, "DH parameters for
calculations of kinematics and dynamics" (UR5e). Geometry is primitives that only look the part.
"""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.robots.arm import Arm

JOINTS = (
    "shoulder_pan",
    "shoulder_lift",
    "elbow",
    "wrist_1",
    "wrist_2",
    "wrist_3",
)
FLYING_JOINTS = ("fly_x", "fly_y", "fly_z", "fly_yaw")
TOOL_SITE = "tool"
"""Site at the fingertips' centre: z out of the fingers, x along the closing axis."""

D1, A2, A3, D4, D5, D6 = 0.1625, -0.425, -0.3922, 0.1333, 0.0997, 0.0996
JOINT_LIMIT = 2 * math.pi
ELBOW_LIMIT = math.pi
"""Published joint limits [rad]: +-360 degrees, the elbow +-180."""
TORQUE_LIMITS = (150.0, 150.0, 150.0, 28.0, 28.0, 28.0)
"""Published maximal joint torques [N m]."""

TOOL_LENGTH = 0.20
"""Length from flange to fingertips [m]."""
FINGER_WIDTH, FINGER_DEPTH, FINGER_LENGTH = 0.020, 0.024, 0.100
"""Sizes [m] of the two closed fingers: contact face width, both along the closing axis, length."""

LIGHT, DARK, ACCENT = [0.86, 0.87, 0.89, 1], [0.25, 0.27, 0.30, 1], [0.35, 0.55, 0.75, 1]
VISUAL = {"contype": 0, "conaffinity": 0, "group": 1, "density": 0}


def _inertial(body: mujoco.MjsBody, mass: float, com: tuple[float, float, float], r: float) -> None:
    """Give a link its published mass and centre, and the inertia of a cylinder-like body."""
    body.mass = mass
    body.ipos = com
    body.inertia = [max(0.4 * mass * r * r, 1e-3)] * 3
    body.explicitinertial = True


def _link(parent: mujoco.MjsBody, name: str, pos: list[float], roll: float) -> mujoco.MjsBody:
    """A child body after the fixed part Tz(d) Tx(a) Rx(alpha) of a DH row, with its joint."""
    quat = [math.cos(roll / 2), math.sin(roll / 2), 0.0, 0.0]
    body = parent.add_body(name=name, pos=pos, quat=quat, gravcomp=1.0)
    limit = ELBOW_LIMIT if name == "elbow" else JOINT_LIMIT
    body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=[0, 0, 1],
        limited=True,
        range=[-limit, limit],
        armature=0.1,
        damping=1.0,
    )
    return body


def _capsule(body: mujoco.MjsBody, start: list[float], end: list[float], r: float, rgba) -> None:
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE, fromto=[*start, *end], size=[r, 0, 0], rgba=rgba,
        **VISUAL,
    )  # fmt: skip


def add_ur5e(parent: mujoco.MjsBody, position: tuple[float, float, float]) -> None:
    """Add the arm, its gripper and its position servos to a scene.

    Args:
        parent: Body that carries the base.
        position: Base position in the parent's frame [m].
    """
    base = parent.add_body(name="ur5e", pos=position)
    base.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=[0.075, 0.02, 0], pos=[0, 0, 0.02], rgba=DARK,
        **VISUAL,
    )  # fmt: skip
    half_pi = math.pi / 2
    b1 = _link(base, JOINTS[0], [0, 0, 0], 0.0)
    _capsule(b1, [0, 0, 0.05], [0, 0, D1], 0.058, LIGHT)
    b2 = _link(b1, JOINTS[1], [0, 0, D1], half_pi)
    _capsule(b2, [0, 0, 0], [0, 0, 0.136], 0.060, ACCENT)
    _capsule(b2, [0, 0, 0.136], [A2, 0, 0.136], 0.050, LIGHT)
    b3 = _link(b2, JOINTS[2], [A2, 0, 0], 0.0)
    _capsule(b3, [0, 0, 0.136], [0, 0, 0.016], 0.048, ACCENT)
    _capsule(b3, [0, 0, 0.016], [A3, 0, 0.016], 0.040, LIGHT)
    b4 = _link(b3, JOINTS[3], [A3, 0, 0], 0.0)
    _capsule(b4, [0, 0, 0.02], [0, 0, D4], 0.040, ACCENT)
    b5 = _link(b4, JOINTS[4], [0, 0, D4], half_pi)
    _capsule(b5, [0, 0, 0], [0, 0, D5], 0.042, LIGHT)
    b6 = _link(b5, JOINTS[5], [0, 0, D5], -half_pi)
    _capsule(b6, [0, 0, 0.03], [0, 0, D6 - 0.02], 0.036, ACCENT)
    for body, mass, com, r in (
        (b1, 3.761, (0, -0.00193, D1 - 0.02561), 0.06),
        (b2, 8.058, (0.2125 + A2, 0, 0.11336), 0.15),
        (b3, 2.846, (0.15 + A3, 0, 0.0265), 0.14),
        (b4, 1.37, (0, -0.01634, D4 - 0.0018), 0.05),
        (b5, 1.3, (0, 0.01634, D5 - 0.0018), 0.05),
        (b6, 0.365, (0, 0, D6 - 0.001159), 0.04),
    ):
        _inertial(body, mass, com, r)
    add_gripper(b6, D6)


def add_gripper(wrist: mujoco.MjsBody, flange: float) -> None:
    """Add the closed gripper, `flange` metres along the wrist's z; fingers and palm collide."""
    hand = wrist.add_body(name="gripper", pos=[0, 0, flange], gravcomp=1.0)
    palm = TOOL_LENGTH - FINGER_LENGTH
    tool = {"friction": [0.36, 0.005, 0.0001], "priority": 1, "condim": 3, "group": 1, "mass": 0.3}
    hand.add_geom(
        name="palm", type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.045, 0.03, palm / 2],
        pos=[0, 0, palm / 2], rgba=DARK, **tool,
    )  # fmt: skip
    hand.add_geom(
        name="fingers", type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[FINGER_DEPTH / 2, FINGER_WIDTH / 2, FINGER_LENGTH / 2],
        pos=[0, 0, palm + FINGER_LENGTH / 2], rgba=[0.15, 0.15, 0.17, 1], **tool,
    )  # fmt: skip
    hand.add_site(name=TOOL_SITE, pos=[0, 0, TOOL_LENGTH], group=5)


def add_position_servos(spec: mujoco.MjSpec, stiffness: float = 8000.0) -> None:
    """Give each arm joint a critically damped position servo with the published torque limit."""
    for name, torque in zip(JOINTS, TORQUE_LIMITS, strict=True):
        actuator = spec.add_actuator(
            name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT,
            forcelimited=True, forcerange=[-torque, torque],
        )  # fmt: skip
        actuator.set_to_position(kp=stiffness, dampratio=1.0)


def add_flying_gripper(spec: mujoco.MjSpec) -> None:
    """Add the gripper on three slides and a yaw hinge, with servos: the faster setting, no arm.

    Joint positions are the fingertips' world (x, y, z) [m] and the closing axis's yaw [rad].
    """
    mover = spec.worldbody.add_body(
        name="mover", pos=[0, 0, TOOL_LENGTH], quat=[0, 1, 0, 0], gravcomp=1.0
    )
    slide, hinge = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
    for name, axis in zip(FLYING_JOINTS, ([1, 0, 0], [0, -1, 0], [0, 0, -1]), strict=False):
        mover.add_joint(name=name, type=slide, axis=axis, armature=2.0)
    mover.add_joint(name=FLYING_JOINTS[3], type=hinge, axis=[0, 0, -1], armature=0.2)
    add_gripper(mover, 0.0)
    for name, stiffness in zip(FLYING_JOINTS, (8000.0, 8000.0, 8000.0, 400.0), strict=True):
        actuator = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_position(kp=stiffness, dampratio=1.0)


def arm_only_model(position: tuple[float, float, float]) -> mujoco.MjModel:
    """The arm without a scene, for kinematics (6 joints)."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_ur5e(spec.worldbody, position)
    add_position_servos(spec)
    return spec.compile()


HOME = np.array([-0.2699, -1.5356, 1.8942, -1.9294, -math.pi / 2, -0.2699])
"""Joint angles [rad] with elbow up and tool down over the table's centre; IK starts here."""

UR5E = Arm(
    joints=JOINTS,
    actuators=JOINTS,
    tip_site=TOOL_SITE,
    home=tuple(HOME),
    velocity_limits=(math.pi,) * 6,
    acceleration_limits=(10.0,) * 6,
    jerk_limits=(1000.0,) * 6,
)
"""The arm as motion code takes it. Its speed is published, its acceleration and jerk are not: a
quiet motion's."""
