"""The MuJoCo model: the push world's table and box, one object, a finger on two slides."""

from __future__ import annotations

import math

import mujoco

from saccade.worlds.push_box.scene import SceneConfig, scene_spec
from saccade.worlds.push_one.looks import add_materials
from saccade.worlds.scenarios import Block, Scenario

FINGER_RADIUS = 0.015
FINGER_LENGTH = 0.12
"""Sizes of the finger, a capsule that stands upright [m]."""
FINGER_ABOVE = 0.004
"""Gap between the finger's tip and the table [m]."""
FINGER_FRICTION = 0.36
"""Friction of a finger on an object, the push world's."""
JOINTS = ("finger_x", "finger_y")
STIFFNESS = 4000.0
"""Stiffness of the finger's servos [N/m]."""
CARRIED = 1.0
"""Mass that the slides carry beside the finger [kg]."""
VIEW = "view"
"""The one camera, which is put where a picture is wanted from."""
FOVY = math.radians(40)
"""Vertical field of view of the camera [rad]."""


def build_model(shape: str, config: SceneConfig) -> mujoco.MjModel:
    """Compile the model with an object of that shape; the object's pose is set by the world."""
    top = config.workspace.table_height
    block = Block(shape, "red", (*config.workspace.centre, top + 0.1), (1.0, 0.0, 0.0, 0.0))
    spec, _ = scene_spec(Scenario((block,)), config)
    _add_finger(spec, top)
    spec.worldbody.add_camera(name=VIEW, fovy=math.degrees(FOVY))
    add_materials(spec)
    spec.option.enableflags = 0  # one object need not sleep, and a pickled state must not
    return spec.compile()


def _add_finger(spec: mujoco.MjSpec, top: float) -> None:
    finger = spec.worldbody.add_body(name="finger", pos=[0, 0, top], gravcomp=1.0)
    for name, axis in zip(JOINTS, ([1, 0, 0], [0, 1, 0]), strict=True):
        finger.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, armature=CARRIED)
        actuator = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_position(kp=STIFFNESS, dampratio=1.0)
    low = FINGER_ABOVE + FINGER_RADIUS
    finger.add_geom(
        name="finger", type=mujoco.mjtGeom.mjGEOM_CAPSULE, size=[FINGER_RADIUS, 0, 0],
        fromto=[0, 0, low, 0, 0, low + FINGER_LENGTH], mass=0.1, condim=3, priority=1,
        friction=[FINGER_FRICTION, 0.005, 0.0001], group=1,
    )  # fmt: skip
