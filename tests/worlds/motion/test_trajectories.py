"""Timed paths: limits by finite differences, the shortest time by hand, and servos that follow."""

from __future__ import annotations

import math
import sys

import mujoco
import numpy as np
import pytest

from saccade.errors import MissingExtraError, UserInputError
from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.servos import servo_lag
from saccade.worlds.motion.trajectories import JointLimits, Pace, Trajectory, trajectory
from saccade.worlds.robots.panda import HOME, PANDA, add_panda, arm_only_model, set_contact_options

LIMITS = JointLimits.of(PANDA, Pace(0.8, 0.5, 0.05))
KINEMATICS = ArmKinematics(arm_only_model(), PANDA)
STEP = 0.004


def one_joint(velocity: float, acceleration: float, jerk: float) -> JointLimits:
    return JointLimits(*(np.array([value]) for value in (velocity, acceleration, jerk)))


def curved(seed: int) -> np.ndarray:
    """A smooth path of all joints, 7, of about a radian."""
    rng = np.random.default_rng(seed)
    s = np.linspace(0.0, 1.0, 30)[:, None]
    sway = rng.uniform(-0.2, 0.2, 7) * np.sin(2 * math.pi * s * rng.uniform(0.5, 1.5, 7))
    return np.array(HOME) + rng.uniform(-0.7, 0.7, 7) * s + sway


def derivatives(path: np.ndarray, timed: Trajectory) -> list[np.ndarray]:
    """Speed, acceleration and jerk by differences, rest before and after included."""
    points = np.concatenate([[path[0]] * 3, timed.positions, [timed.positions[-1]] * 3])
    found = []
    for _ in range(3):
        points = np.diff(points, axis=0) / timed.timestep
        found.append(points)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_no_joint_exceeds_its_speed_acceleration_or_jerk(seed: int) -> None:
    path = curved(seed)
    speed, acceleration, jerk = derivatives(path, trajectory(path, LIMITS, STEP))
    assert (np.abs(speed) <= LIMITS.velocity * 1.001).all()
    assert (np.abs(acceleration) <= LIMITS.acceleration * 1.01).all()
    assert (np.abs(jerk) <= LIMITS.jerk * 1.02).all()


@pytest.mark.parametrize("seed", range(4))
def test_it_starts_at_rest_follows_the_path_and_ends_at_its_end(seed: int) -> None:
    path = curved(seed)
    timed = trajectory(path, LIMITS, STEP)
    assert np.array_equal(timed.positions[-1], path[-1])
    assert (timed.velocities[-1] == 0.0).all()
    dense = np.array([np.interp(np.linspace(0, 29, 3000), range(30), joint) for joint in path.T]).T
    for q in timed.positions[::7]:
        assert np.abs(dense - q).max(axis=1).min() < 2e-3
    # It stops nowhere on the way.
    speeds = np.linalg.norm(timed.velocities, axis=1)
    n = len(speeds)
    assert speeds[n // 6 : -n // 6].min() > 0.1 * speeds.max()


def test_velocities_are_the_slopes_of_the_positions() -> None:
    timed = trajectory(curved(0), LIMITS, 0.001)
    slopes = (timed.positions[2:] - timed.positions[:-2]) / 0.002
    assert timed.velocities[1:-1] == pytest.approx(slopes, abs=1e-3)


def test_one_joint_takes_the_shortest_time_that_its_limits_allow() -> None:
    # Long enough for every phase: L / v + v / a + a / j.
    timed = trajectory(np.array([[0.0], [2.0]]), one_joint(1.0, 2.0, 20.0), 1e-4)
    assert timed.duration == pytest.approx(2.0 / 1.0 + 1.0 / 2.0 + 2.0 / 20.0, abs=1e-3)
    # So short that only the jerk counts: a quarter of the time it is at +j, half at -j.
    timed = trajectory(np.array([[0.0], [0.001]]), one_joint(1.0, 2.0, 20.0), 1e-5)
    assert timed.duration == pytest.approx((32 * 0.001 / 20.0) ** (1 / 3), rel=1e-3)


def test_a_slower_pace_takes_longer() -> None:
    path = curved(1)
    times = [
        trajectory(path, JointLimits.of(PANDA, pace), STEP).duration
        for pace in (Pace(1.0, 1.0, 1.0), Pace(0.3, 1.0, 1.0), Pace(0.3, 0.1, 0.01))
    ]
    assert times[0] < times[1] < times[2]


def test_a_path_without_length_is_one_set_point() -> None:
    timed = trajectory(np.array([HOME, HOME]), LIMITS, STEP)
    assert np.array_equal(timed.positions, [HOME])
    assert np.array_equal(timed.velocities, np.zeros((1, 7)))


def test_samples_that_coincide_change_nothing() -> None:
    path = curved(2)
    twice = np.repeat(path, 2, axis=0)
    assert np.array_equal(
        trajectory(twice, LIMITS, STEP).positions, trajectory(path, LIMITS, STEP).positions
    )


@pytest.mark.parametrize("bad", [0.0, 1.5, math.nan])
def test_a_pace_is_a_share(bad: float) -> None:
    with pytest.raises(UserInputError, match="velocity of a pace"):
        Pace(velocity=bad)


def test_without_ruckig_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruckig", None)
    with pytest.raises(MissingExtraError, match=r"ruckig is not installed; run: .*arm"):
        trajectory(curved(0), LIMITS, STEP)


def test_servos_follow_without_overshoot_and_rest_at_the_target() -> None:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    set_contact_options(spec)
    add_panda(spec)
    model = spec.compile()
    data, places = mujoco.MjData(model), PANDA.locate(model)
    places.put(data, np.array(HOME))
    target = np.array((0.6, 0.2, 0.15, 0.0, 1.0, 0.0, 0.0))
    timed = trajectory(KINEMATICS.line(np.array(HOME), target), LIMITS, STEP)
    lag = servo_lag(model, places)
    assert lag == pytest.approx(
        (np.array([300, 300, 250, 250, 60, 60, 60]) + 1.0) / (np.array([8000] * 4 + [3000] * 3))
    )
    behind, past = [], []
    way = np.sign(timed.positions[-1] - np.array(HOME))
    for position, velocity in zip(timed.positions, timed.velocities, strict=True):
        data.ctrl[places.actuators] = position + lag * velocity
        mujoco.mj_step(model, data)
        behind.append(np.abs(data.qpos[places.qpos] - position).max())
    for _ in range(50):
        mujoco.mj_step(model, data)
        past.append((way * (data.qpos[places.qpos] - timed.positions[-1])).max())
    mujoco.mj_forward(model, data)
    assert max(behind) < 0.012
    assert max(past) < 1.5e-3  # [rad]
    assert np.linalg.norm(places.tip_pose(data)[:3] - target[:3]) < 5e-4
    assert np.abs(data.qvel[places.dofs]).max() < 1e-3
