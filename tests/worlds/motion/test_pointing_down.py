"""Inverse kinematics over the workspace, joint limits, and the timing of a path."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.motion.pointing_down import (
    JOINT_SPEED_LIMIT,
    POSITION_TOLERANCE,
    RAMP,
    ToolKinematics,
    Waypoint,
    downward,
    joint_path,
    nearest_half_turn,
    timed,
)
from saccade.worlds.motion.servos import velocity_lead
from saccade.worlds.robots.ur5e import HOME, TOOL_SITE, arm_only_model

MODEL = arm_only_model((0.0, 0.0, 0.7))
KINEMATICS = ToolKinematics(MODEL)


def tool(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    data = mujoco.MjData(MODEL)
    data.qpos[:] = q
    mujoco.mj_kinematics(MODEL, data)
    return data.site(TOOL_SITE).xpos.copy(), data.site(TOOL_SITE).xmat.reshape(3, 3).copy()


@pytest.mark.parametrize("x", [-0.724, -0.5, -0.276])
@pytest.mark.parametrize("y", [-0.224, 0.0, 0.224])
@pytest.mark.parametrize("z", [0.71, 0.92])
def test_the_workspace_is_within_reach(x: float, y: float, z: float) -> None:
    for yaw in (0.0, math.pi / 4, math.pi / 2, 3 * math.pi / 4, math.pi):
        turned = nearest_half_turn(yaw, math.pi / 2)
        hover = Waypoint((x, y, z + 0.1), turned, 0.5)
        _, q = joint_path(KINEMATICS, [hover, Waypoint((x, y, z), turned, 0.5)])
        place, rotation = tool(q)
        assert np.linalg.norm(place - (x, y, z)) <= POSITION_TOLERANCE
        assert rotation == pytest.approx(downward(turned), abs=0.03)
        assert (q >= MODEL.jnt_range[:, 0]).all() and (q <= MODEL.jnt_range[:, 1]).all()


@pytest.mark.parametrize("position", [(-1.2, 0.0, 0.71), (-0.6, 0.2, 1.6), (0.9, 0.9, 0.8)])
def test_out_of_reach_is_refused_with_the_place(position: tuple[float, float, float]) -> None:
    with pytest.raises(Unreachable, match=rf"stays \d+ mm .*\({position[0]:.3f}, "):
        KINEMATICS.solve(position, 0.0, HOME)


@pytest.mark.parametrize("yaw", np.linspace(-7, 7, 15))
def test_a_closed_gripper_turns_by_a_quarter_at_most(yaw: float) -> None:
    turned = nearest_half_turn(float(yaw), math.pi / 2)
    assert abs(turned - math.pi / 2) <= math.pi / 2 + 1e-9
    assert math.remainder(turned - yaw, math.pi) == pytest.approx(0.0, abs=1e-9)


def line(speed: float) -> list[Waypoint]:
    return [Waypoint((-0.5 + 0.02 * i, 0.05, 0.75), 0.0, speed) for i in range(6)]


def test_a_path_keeps_the_tools_speed_and_ends_at_its_last_waypoint() -> None:
    waypoints = line(0.25)
    path = joint_path(KINEMATICS, waypoints)
    set_points = timed(path, waypoints, 0.004)
    assert len(set_points) * 0.004 == pytest.approx(0.10 / 0.25 + RAMP, rel=0.05)
    assert set_points[-1] == pytest.approx(path[-1], abs=1e-9)
    places = np.array([tool(q)[0] for q in set_points])
    speeds = np.linalg.norm(np.diff(places, axis=0), axis=1) / 0.004
    assert np.median(speeds) == pytest.approx(0.25, rel=0.05)
    # Joints are interpolated between waypoints: the tool stays near the straight line.
    assert np.abs(places[:, 1:] - (0.05, 0.75)).max() < POSITION_TOLERANCE + 1e-3


def test_speeds_change_gradually() -> None:
    waypoints = line(0.25)
    path = joint_path(KINEMATICS, waypoints)
    way = [path[0], *timed(path, waypoints, 0.004)]
    speeds = np.linalg.norm(np.diff([tool(q)[0] for q in way], axis=0), axis=1) / 0.004
    assert np.abs(np.diff([0.0, *speeds, 0.0])).max() < 0.25 * 0.004 / RAMP * 1.3


def test_velocity_lead_cancels_the_lag_of_damped_servos() -> None:
    spec = mujoco.MjSpec()
    body = spec.worldbody.add_body(name="slider")
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.1, 0, 0], mass=1.0)
    body.add_joint(name="slide", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[1, 0, 0])
    servo = spec.add_actuator(target="slide", trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.set_to_position(kp=1000.0, dampratio=1.0)
    model = spec.compile()
    set_points = 0.3 * model.opt.timestep * np.arange(1, 501)[:, None]
    lead = velocity_lead(model, set_points)
    behind = []
    for commands in (set_points, set_points + lead):
        data = mujoco.MjData(model)
        for command in commands[:-1]:
            data.ctrl[:] = command
            mujoco.mj_step(model, data)
        behind.append(float(set_points[-2, 0] - data.qpos[0]))
    assert behind[0] > 0.015  # 2 / sqrt(stiffness / mass) of time, at 0.3 m/s
    assert abs(behind[1]) < 0.001
    assert lead[-1] == 0.0  # the end is held


def test_no_joint_is_asked_to_be_faster_than_it_can() -> None:
    waypoints = line(50.0)
    set_points = timed(joint_path(KINEMATICS, waypoints), waypoints, 0.001)
    assert np.abs(np.diff(set_points, axis=0)).max() <= JOINT_SPEED_LIMIT * 0.001 * (1 + 1e-9)
