"""The Panda against a literal transcription of its Denavit-Hartenberg table, and its grip."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.robots.panda import (
    FINGER_JOINTS,
    GRIP_FORCE,
    HOME,
    JOINTS,
    PANDA,
    add_panda,
    arm_only_model,
    set_contact_options,
)

BASE = (0.1, -0.2, 0.3)
# Franka Emika, modified convention: a [m], d [m], alpha [rad]; the last row is the flange.
DH = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -math.pi / 2),
    (0.0, 0.316, math.pi / 2),
    (0.0825, 0.0, math.pi / 2),
    (-0.0825, 0.384, -math.pi / 2),
    (0.0, 0.0, math.pi / 2),
    (0.088, 0.0, math.pi / 2),
    (0.0, 0.107, 0.0),
)


def dh_tip(q: np.ndarray) -> np.ndarray:
    """Pose (4, 4) of the tip: the product of the rows, the hand's turn, 0.1034 m along z."""
    pose = np.eye(4)
    pose[:3, 3] = BASE
    for theta, (a, d, alpha) in zip((*q, -math.pi / 4), DH, strict=True):
        ct, st, ca, sa = math.cos(theta), math.sin(theta), math.cos(alpha), math.sin(alpha)
        pose = pose @ np.array(
            [
                [ct, -st, 0.0, a],
                [st * ca, ct * ca, -sa, -d * sa],
                [st * sa, ct * sa, ca, d * ca],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )
    pose[:3, 3] += 0.1034 * pose[:3, 2]
    return pose


@pytest.fixture(scope="module", name="arm")
def arm_fixture() -> mujoco.MjModel:
    return arm_only_model(BASE)


@pytest.mark.parametrize("seed", range(20))
def test_forward_kinematics_is_the_dh_table(arm: mujoco.MjModel, seed: int) -> None:
    low, high = arm.jnt_range[:7].T
    q = np.random.default_rng(seed).uniform(low, high)
    data = mujoco.MjData(arm)
    PANDA.locate(arm).put(data, q)
    mujoco.mj_kinematics(arm, data)
    tip, expected = data.site("tip"), dh_tip(q)
    assert tip.xpos == pytest.approx(expected[:3, 3], abs=1e-9)
    assert tip.xmat.reshape(3, 3) == pytest.approx(expected[:3, :3], abs=1e-9)


def test_home_points_down_before_the_base() -> None:
    pose = dh_tip(np.array(HOME))
    assert pose[:3, 3] - BASE == pytest.approx((0.36, 0.0, 0.42), abs=1e-4)
    assert pose[:3, :3] == pytest.approx(np.diag([1.0, -1.0, -1.0]), abs=1e-5)


def test_published_limits(arm: mujoco.MjModel) -> None:
    # Franka Emika, "Robot and interface specifications", limits in joint space.
    high = (2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973)
    low = (-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973)
    torque = (87, 87, 87, 87, 12, 12, 12)
    for name, *limits, most in zip(JOINTS, low, high, torque, strict=True):
        assert arm.joint(name).range == pytest.approx(limits)
        assert arm.actuator(name).forcerange == pytest.approx((-most, most))


@pytest.fixture(scope="module", name="gripping")
def gripping_fixture() -> mujoco.MjModel:
    """The Panda with a bar of 40 mm and 0.2 kg between its open fingers."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    set_contact_options(spec)
    add_panda(spec)
    bar = spec.worldbody.add_body(name="bar", pos=[0.36, 0.0, 0.42])
    bar.add_freejoint()
    bar.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.02, 0.02, 0.03], mass=0.2)
    return spec.compile()


def test_the_fingers_hold_with_their_force_in_the_middle(gripping: mujoco.MjModel) -> None:
    data = mujoco.MjData(gripping)
    places = PANDA.locate(gripping)
    places.put(data, np.array(HOME))
    data.qpos[places.finger_qpos] = 0.04
    data.ctrl[places.gripper_actuators] = PANDA.gripper.closed
    gravity = gripping.opt.gravity[2]
    gripping.opt.gravity[2] = 0.0  # nothing falls before it is grasped
    mujoco.mj_step(gripping, data, 100)
    gripping.opt.gravity[2] = gravity
    mujoco.mj_step(gripping, data, 250)
    grasped = data.body("bar").xpos.copy()
    mujoco.mj_step(gripping, data, 500)
    assert data.qpos[places.finger_qpos] == pytest.approx((0.02, 0.02), abs=5e-4)
    assert np.linalg.norm(data.body("bar").xpos - grasped) < 2e-4
    for finger in FINGER_JOINTS:
        assert pad_force(gripping, data, finger) == pytest.approx(GRIP_FORCE, rel=0.05)


def pad_force(model: mujoco.MjModel, data: mujoco.MjData, finger: str) -> float:
    """Sum of the normal forces [N] between a finger and the bar."""
    total, force = 0.0, np.zeros(6)
    bodies = {model.body(finger).id, model.body("bar").id}
    for i, contact in enumerate(data.contact):
        if {model.geom_bodyid[contact.geom1], model.geom_bodyid[contact.geom2]} == bodies:
            mujoco.mj_contactForce(model, data, i, force)
            total += force[0]
    return total


def test_the_fingers_close_on_nothing_and_open_again(arm: mujoco.MjModel) -> None:
    data = mujoco.MjData(arm)
    places = PANDA.locate(arm)
    places.put(data, np.array(HOME))
    for command, place in ((PANDA.gripper.opened, 0.04), (PANDA.gripper.closed, 0.0)):
        data.ctrl[places.gripper_actuators] = command
        mujoco.mj_step(arm, data, 500)
        assert data.qpos[places.finger_qpos] == pytest.approx((place, place), abs=1e-3)


def test_home_touches_nothing_and_folding_onto_itself_is_a_contact(arm: mujoco.MjModel) -> None:
    data = mujoco.MjData(arm)
    places = PANDA.locate(arm)
    for q, touches in ((HOME, False), ((0.0, 0.0, 0.0, -3.0, 0.0, 0.5, 0.785), True)):
        places.put(data, np.array(q))
        mujoco.mj_forward(arm, data)
        assert (data.ncon > 0) == touches


def test_a_name_that_the_model_lacks_is_refused_with_those_it_has() -> None:
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><body><joint name='elbow'/><geom size='1'/></body></worldbody></mujoco>"
    )
    with pytest.raises(UserInputError, match="no joint 'panda_1'; expected one of: elbow"):
        PANDA.locate(model)
