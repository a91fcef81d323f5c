"""The arm against a literal transcription of its Denavit-Hartenberg table."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.worlds.robots.ur5e import (
    HOME,
    JOINTS,
    TOOL_LENGTH,
    TOOL_SITE,
    add_flying_gripper,
    arm_only_model,
)

BASE = (0.0, 0.0, 0.7)
# Universal Robots, UR5e: theta, a [m], d [m], alpha [rad].
DH = (
    (0.0, 0.1625, math.pi / 2),
    (-0.425, 0.0, 0.0),
    (-0.3922, 0.0, 0.0),
    (0.0, 0.1333, math.pi / 2),
    (0.0, 0.0997, -math.pi / 2),
    (0.0, 0.0996, 0.0),
)


def dh_tool(q: np.ndarray) -> np.ndarray:
    """Pose (4, 4) of the fingertips: the product of the six rows, then the gripper along z."""
    pose = np.eye(4)
    pose[:3, 3] = BASE
    for theta, (a, d, alpha) in zip(q, DH, strict=True):
        ct, st, ca, sa = math.cos(theta), math.sin(theta), math.cos(alpha), math.sin(alpha)
        row = [
            [ct, -st * ca, st * sa, a * ct],
            [st, ct * ca, -ct * sa, a * st],
            [0.0, sa, ca, d],
            [0.0, 0.0, 0.0, 1.0],
        ]
        pose = pose @ np.array(row)
    tool = np.eye(4)
    tool[2, 3] = TOOL_LENGTH
    return pose @ tool


@pytest.fixture(scope="module", name="arm")
def arm_fixture() -> mujoco.MjModel:
    return arm_only_model(BASE)


@pytest.mark.parametrize("seed", range(20))
def test_forward_kinematics_is_the_dh_table(arm: mujoco.MjModel, seed: int) -> None:
    q = np.random.default_rng(seed).uniform(-math.pi, math.pi, 6)
    data = mujoco.MjData(arm)
    data.qpos[:] = q
    mujoco.mj_kinematics(arm, data)
    site, expected = data.site(TOOL_SITE), dh_tool(q)
    assert site.xpos == pytest.approx(expected[:3, 3], abs=1e-9)
    assert site.xmat.reshape(3, 3) == pytest.approx(expected[:3, :3], abs=1e-9)


def test_home_points_down_over_the_tables_centre() -> None:
    pose = dh_tool(HOME)
    assert pose[:2, 3] == pytest.approx((-0.5, 0.0), abs=0.02)
    assert pose[2, 3] > 0.8
    assert pose[:3, 2] == pytest.approx((0.0, 0.0, -1.0), abs=0.01)


def test_published_joint_limits(arm: mujoco.MjModel) -> None:
    for name in JOINTS:
        limit = math.pi if name == "elbow" else 2 * math.pi
        assert arm.joint(name).range == pytest.approx((-limit, limit))
        assert arm.joint(name).limited


def test_published_masses(arm: mujoco.MjModel) -> None:
    # Shoulder, upper arm, forearm, wrists 1 to 3 (Universal Robots, UR5e).
    masses = [arm.body(name).mass[0] for name in JOINTS]
    assert masses == pytest.approx([3.761, 8.058, 2.846, 1.37, 1.3, 0.365])


def test_a_flying_grippers_joints_are_its_fingertips_place_and_yaw() -> None:
    spec = mujoco.MjSpec()
    add_flying_gripper(spec)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:] = (-0.5, 0.1, 0.8, 0.3)
    mujoco.mj_kinematics(model, data)
    site = data.site(TOOL_SITE)
    assert site.xpos == pytest.approx((-0.5, 0.1, 0.8), abs=1e-9)
    rotation = site.xmat.reshape(3, 3)
    assert rotation[:, 0] == pytest.approx((math.cos(0.3), math.sin(0.3), 0.0), abs=1e-9)
    assert rotation[:, 2] == pytest.approx((0.0, 0.0, -1.0), abs=1e-9)
