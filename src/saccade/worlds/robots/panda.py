"""The Franka Panda with its parallel hand, built from published figures; no meshes, no files.

Kinematics, limits of motion and masses of the hand: Franka Emika, "Robot and interface
specifications" (modified Denavit-Hartenberg parameters). Masses, centres and inertias of the links:
Gaz et al., "Dynamic Identification of the Franka Emika Panda Robot" (2019), their diagonals.
Geometry is primitives that only look the part, and collide.

The tip is the point between the fingertips: z out of the hand, y along which the fingers close. The
fingers reach `PAD_LENGTH / 2` beyond it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import mujoco

from saccade.worlds.robots.arm import Arm, Gripper

JOINTS = tuple(f"panda_{i}" for i in range(1, 8))
FINGER_JOINTS = ("finger_left", "finger_right")
GRIPPER = "gripper"
TIP_SITE = "tip"

D1, D3, D5, FLANGE, A4, A5, A7 = 0.333, 0.316, 0.384, 0.107, 0.0825, -0.0825, 0.088
DH = (
    (0.0, D1, 0.0),
    (0.0, 0.0, -math.pi / 2),
    (0.0, D3, math.pi / 2),
    (A4, 0.0, math.pi / 2),
    (A5, D5, -math.pi / 2),
    (0.0, 0.0, math.pi / 2),
    (A7, 0.0, math.pi / 2),
)
"""a [m], d [m] and alpha [rad] of each joint's row, modified convention."""
HAND_TURN, TIP = -math.pi / 4, 0.1034
"""The hand's turn about the flange's z [rad], and the way from it to the tip [m]."""

POSITION_LIMITS = (
    (-2.8973, 2.8973),
    (-1.7628, 1.7628),
    (-2.8973, 2.8973),
    (-3.0718, -0.0698),
    (-2.8973, 2.8973),
    (-0.0175, 3.7525),
    (-2.8973, 2.8973),
)
"""Published limits of the joints [rad]."""
TORQUE_LIMITS = (87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0)
"""Published maximal joint torques [N m]."""

STIFFNESS = (8000.0, 8000.0, 8000.0, 8000.0, 3000.0, 3000.0, 3000.0)
DAMPING = (300.0, 300.0, 250.0, 250.0, 60.0, 60.0, 60.0)
"""Servos [N m / rad, N m s / rad]: about critical damping for the arm in its workspace."""

FINGER_RANGE = 0.04
"""Way of each finger from closed to open [m]."""
GRIP_FORCE = 30.0
"""Force of each finger on what is between them [N]."""
GRIP_STIFFNESS, GRIP_DAMPING = 3000.0, 25.0
"""Servo of the opening between the fingers [N/m, N s/m]."""
FINGER_INERTIA, FINGER_DAMPING = 0.1, 20.0
"""Drive of each finger [kg, N s/m]; with less inertia or more damping, what is held creeps."""
PAD_WIDTH, PAD_LENGTH, PAD_DEPTH = 0.020, 0.018, 0.008
"""Sizes [m] of the fingers' pads: across the closing axis, along the finger, along the axis."""
FINGER_ROOT = 0.0584
"""Where the fingers begin, along the hand's z [m]."""

STOP: dict[str, Any] = {"solref": [0.004, 1.0], "solimp": [0.95, 0.99, 0.001, 0.5, 2.0]}
"""Hardness of the fingers' contacts, of the ends of their way and of what couples them."""
FINGER_CONTACT: dict[str, Any] = {
    "condim": 4,
    "friction": [1.2, 0.005, 0.0001],
    "priority": 1,
    **STOP,
}
"""Contacts of the fingers: what is held slips 0.1 mm at most where MuJoCo's defaults let it slip by
3 mm, and creeps 0.1 mm in 5 s. They have priority over the objects' own settings."""

WHITE, GREY, DARK = [0.93, 0.93, 0.92, 1], [0.72, 0.74, 0.76, 1], [0.16, 0.17, 0.19, 1]
PASSIVE: dict[str, Any] = {"contype": 0, "conaffinity": 1, "group": 1, "density": 0}
"""Links 0 to 5 touch the scene and the hand, not each other."""
ACTIVE: dict[str, Any] = {"contype": 1, "conaffinity": 1, "group": 1, "density": 0}
"""The wrist and the hand also touch the other links."""

_LINKS = (
    (4.970684, (0.003875, 0.002081, -0.1750), (0.70337, 0.70661, 0.0091170)),
    (0.646926, (-0.003141, -0.02872, 0.003495), (0.0079620, 0.028110, 0.025995)),
    (3.228604, (0.027518, 0.039252, -0.066502), (0.037242, 0.036155, 0.010830)),
    (3.587895, (-0.05317, 0.104419, 0.027454), (0.025853, 0.019552, 0.028323)),
    (1.225946, (-0.011953, 0.041065, -0.038437), (0.035549, 0.029474, 0.0086270)),
    (1.666555, (0.060149, -0.014117, -0.010517), (0.0019640, 0.0043540, 0.0054330)),
    (0.735522, (0.010517, -0.004252, 0.061597), (0.012516, 0.010027, 0.0048150)),
)
"""Mass [kg], centre of mass [m] and diagonal inertia [kg m^2] of links 1 to 7, in their frames."""
_HAND = (0.73, (-0.01, 0.0, 0.03), (0.001, 0.0025, 0.0017))
_FINGER_MASS = 0.015

HOME = (0.0, -0.633978, 0.0, -2.431839, 0.0, 1.797861, math.pi / 4)
"""Joint angles [rad] with the tip pointing down, 0.36 m before the base and 0.42 m above it."""

PANDA = Arm(
    joints=JOINTS,
    actuators=JOINTS,
    tip_site=TIP_SITE,
    home=HOME,
    velocity_limits=(2.1750, 2.1750, 2.1750, 2.1750, 2.6100, 2.6100, 2.6100),
    acceleration_limits=(15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
    jerk_limits=(7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
    gripper=Gripper(
        actuators=(GRIPPER,),
        joints=FINGER_JOINTS,
        opened=(2 * FINGER_RANGE,),
        closed=(-0.02,),  # beyond closed: the servo's whole force on whatever is thin
        travel_time=0.4,
        bodies=FINGER_JOINTS,
    ),
)
"""The arm as motion code takes it, with the published limits of motion."""


def set_contact_options(spec: mujoco.MjSpec, timestep: float = 0.004) -> None:
    """Set a scene's physics so that the fingers hold what they grasp (with `FINGER_CONTACT`)."""
    option = spec.option
    option.timestep = timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0


def add_panda(spec: mujoco.MjSpec, position: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
    """Add the arm, its hand, servos and gripper to a scene.

    The gripper's actuator takes the opening between the fingers [m]. Its base faces +x.

    Args:
        spec: The scene.
        position: Base position in the world [m].
    """
    body = spec.worldbody.add_body(name="panda_0", pos=position)
    _shape_link(body, 0)
    for i, ((a, d, alpha), (mass, centre, inertia)) in enumerate(zip(DH, _LINKS, strict=True), 1):
        # A modified row is Rx(alpha) Tx(a) Tz(d), then the joint's turn about z.
        place = [a, -d * math.sin(alpha), d * math.cos(alpha)]
        turn = [math.cos(alpha / 2), math.sin(alpha / 2), 0.0, 0.0]
        body = body.add_body(name=JOINTS[i - 1], pos=place, quat=turn, gravcomp=1.0)
        body.add_joint(
            name=JOINTS[i - 1], type=mujoco.mjtJoint.mjJNT_HINGE, axis=[0, 0, 1], limited=True,
            range=POSITION_LIMITS[i - 1], armature=0.1, damping=1.0,
        )  # fmt: skip
        _set_inertia(body, mass, centre, inertia)
        _shape_link(body, i)
    _add_hand(spec, body)
    _add_servos(spec)
    wrist = (*JOINTS[4:], "hand")
    pairs = [(a, b) for i, a in enumerate(wrist) for b in wrist[i + 2 :]]
    pairs += [(JOINTS[6], finger) for finger in FINGER_JOINTS] + [FINGER_JOINTS]
    for a, b in pairs:
        spec.add_exclude(bodyname1=a, bodyname2=b)


def arm_only_model(position: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> mujoco.MjModel:
    """The arm without a scene, for kinematics (7 joints and two fingers)."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_panda(spec, position)
    return spec.compile()


def _set_inertia(body: mujoco.MjsBody, mass: float, centre, inertia) -> None:
    body.mass, body.ipos, body.inertia = mass, centre, inertia
    body.explicitinertial = True


def _shape_link(body: mujoco.MjsBody, link: int) -> None:
    """Add a link's primitives."""
    contact = ACTIVE if link >= 6 else PASSIVE
    for part in PARTS[link]:
        body.add_geom(
            type=part.kind, fromto=[*part.start, *part.end], size=[part.radius, 0, 0],
            rgba=part.colour, **contact,
        )  # fmt: skip


class _Part(NamedTuple):
    """A rod of a link, in its frame: ends and radius [m]."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    colour: list[float] = WHITE
    kind: mujoco.mjtGeom = mujoco.mjtGeom.mjGEOM_CAPSULE


def _drum(z0: float, z1: float, radius: float, colour: list[float] = GREY) -> _Part:
    """The housing of a joint: a cylinder along its axis."""
    return _Part((0, 0, z0), (0, 0, z1), radius, colour, mujoco.mjtGeom.mjGEOM_CYLINDER)


PARTS: tuple[tuple[_Part, ...], ...] = (
    (_Part((-0.09, 0, 0.06), (0, 0, 0.06), 0.06), _drum(0, 0.145, 0.068, WHITE)),
    (_Part((0, 0, -0.19), (0, 0, -0.02), 0.058), _Part((0, -0.05, 0), (0, 0, 0), 0.058)),
    (_drum(-0.105, 0.105, 0.054), _Part((0, -0.02, 0), (0, -0.11, 0), 0.058)),
    (_Part((0, 0, -0.17), (0, 0, -0.09), 0.056), _Part((0, 0, -0.09), (0.0825, 0, 0), 0.052)),
    (_drum(-0.095, 0.095, 0.05), _Part((0, 0, 0), (-0.0825, 0.0825, 0), 0.052)),
    (_Part((0, 0, -0.27), (0, 0, -0.22), 0.056), _Part((0, 0.02, -0.22), (0, 0.06, -0.02), 0.042)),
    (_drum(-0.085, 0.07, 0.048), _Part((0, 0, 0), (0.088, 0, 0), 0.047)),
    (_drum(-0.055, 0.10, 0.044, WHITE), _Part((0.02, 0, 0.085), (0.06, 0, 0.085), 0.018, GREY)),
)
"""What links 0 to 7 look like, in their frames; the eighth has the button on its side."""


def _add_hand(spec: mujoco.MjSpec, wrist: mujoco.MjsBody) -> None:
    """Add the hand and its two coupled fingers at the flange."""
    turn = [math.cos(HAND_TURN / 2), 0.0, 0.0, math.sin(HAND_TURN / 2)]
    hand = wrist.add_body(name="hand", pos=[0, 0, FLANGE], quat=turn, gravcomp=1.0)
    _set_inertia(hand, *_HAND)
    box = mujoco.mjtGeom.mjGEOM_BOX
    touch = ACTIVE | FINGER_CONTACT
    hand.add_geom(
        name="hand", type=box, size=[0.031, 0.102, 0.026], pos=[0, 0, 0.034], rgba=WHITE, **touch
    )
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=[0.036, 0.006, 0], pos=[0, 0, 0.004], rgba=DARK,
        **touch,
    )  # fmt: skip
    hand.add_site(name=TIP_SITE, pos=[0, 0, TIP], group=5)
    for name, facing in zip(FINGER_JOINTS, ([1, 0, 0, 0], [0, 0, 0, 1]), strict=True):
        finger = hand.add_body(name=name, pos=[0, 0, FINGER_ROOT], quat=facing, gravcomp=1.0)
        finger.add_joint(
            name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[0, 1, 0], limited=True,
            range=[0, FINGER_RANGE], armature=FINGER_INERTIA, damping=FINGER_DAMPING,
            solref_limit=STOP["solref"], solimp_limit=STOP["solimp"],
        )  # fmt: skip
        _set_inertia(finger, _FINGER_MASS, (0, 0.01, 0.03), (1e-5, 1e-5, 1e-5))
        middle = TIP - FINGER_ROOT
        finger.add_geom(
            name=f"{name}_pad", type=box, pos=[0, PAD_DEPTH / 2, middle], rgba=DARK,
            size=[PAD_WIDTH / 2, PAD_DEPTH / 2, PAD_LENGTH / 2], **touch,
        )  # fmt: skip
        root = (middle - PAD_LENGTH / 2) / 2
        finger.add_geom(
            type=box, size=[0.0105, 0.008, root], pos=[0, 0.012, root], rgba=GREY, **touch
        )
    spec.add_equality(
        type=mujoco.mjtEq.mjEQ_JOINT, name1=FINGER_JOINTS[0], name2=FINGER_JOINTS[1],
        objtype=mujoco.mjtObj.mjOBJ_JOINT, data=[0, 1, *[0] * 10], **STOP,
    )  # fmt: skip
    opening = spec.add_tendon(name="opening")
    for name in FINGER_JOINTS:
        opening.wrap_joint(name, 1.0)


def _add_servos(spec: mujoco.MjSpec) -> None:
    """Give each joint a position servo with the published torque, and the fingers one together."""
    for name, kp, kv, torque in zip(JOINTS, STIFFNESS, DAMPING, TORQUE_LIMITS, strict=True):
        servo = spec.add_actuator(
            name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT,
            forcelimited=True, forcerange=[-torque, torque],
        )  # fmt: skip
        servo.set_to_position(kp=kp, kv=kv)
    grip = spec.add_actuator(
        name=GRIPPER, target="opening", trntype=mujoco.mjtTrn.mjTRN_TENDON,
        forcelimited=True, forcerange=[-GRIP_FORCE, GRIP_FORCE],
    )  # fmt: skip
    grip.set_to_position(kp=GRIP_STIFFNESS, kv=GRIP_DAMPING)
