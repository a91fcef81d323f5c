"""Inverse kinematics against forward kinematics, for two arms; straight lines of the tip."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.motion.failures import Unreachable
from saccade.worlds.motion.kinematics import ArmKinematics
from saccade.worlds.motion.poses import pose_distance, straight_line
from saccade.worlds.robots import panda, ur5e

ARMS = {
    "panda": ArmKinematics(panda.arm_only_model(), panda.PANDA),
    "ur5e": ArmKinematics(ur5e.arm_only_model((0.0, 0.0, 0.0)), ur5e.UR5E),
}
PANDA = ARMS["panda"]
DOWN = (0.0, 1.0, 0.0, 0.0)
HALF = math.sqrt(0.5)
FORWARD = (HALF, 0.0, HALF, 0.0)
"""Tip's z along the world's x: a quarter turn about y."""


def pose(x: float, y: float, z: float, turn: tuple[float, ...] = DOWN) -> np.ndarray:
    return np.array([x, y, z, *turn])


def matrix(quaternion: np.ndarray) -> np.ndarray:
    flat = np.empty(9)
    mujoco.mju_quat2Mat(flat, quaternion)
    return flat.reshape(3, 3)


def forward(kinematics: ArmKinematics, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tip's place and rotation, by MuJoCo alone."""
    data = mujoco.MjData(kinematics.model)
    kinematics.places.put(data, q)
    mujoco.mj_kinematics(kinematics.model, data)
    site = data.site(kinematics.arm.tip_site)
    return site.xpos.copy(), site.xmat.reshape(3, 3).copy()


@pytest.mark.parametrize("name", ARMS)
@pytest.mark.parametrize("seed", range(25))
def test_a_pose_that_some_joints_give_is_found_within_the_limits(name: str, seed: int) -> None:
    kinematics = ARMS[name]
    rng = np.random.default_rng(seed)
    wanted = kinematics.home + rng.uniform(-0.8, 0.8, len(kinematics.home))
    wanted = np.clip(wanted, kinematics.low, kinematics.high)
    q = kinematics.solve(kinematics.tip_pose(wanted))
    place, rotation = forward(kinematics, q)
    wanted_place, wanted_rotation = forward(kinematics, wanted)
    assert np.linalg.norm(place - wanted_place) < 2e-4
    assert rotation == pytest.approx(wanted_rotation, abs=2e-3)
    assert (q >= kinematics.low - 1e-9).all() and (q <= kinematics.high + 1e-9).all()


@pytest.mark.parametrize("turn", [DOWN, FORWARD, (0.0, HALF, HALF, 0.0)])
def test_the_tip_is_turned_as_asked(turn: tuple[float, ...]) -> None:
    _, rotation = forward(PANDA, PANDA.solve(pose(0.45, 0.1, 0.25, turn)))
    assert rotation == pytest.approx(matrix(np.array(turn)), abs=2e-3)


def test_a_warm_start_stays_near_and_the_same_question_has_the_same_answer() -> None:
    q = PANDA.solve(pose(0.5, 0.0, 0.3))
    near = PANDA.solve(pose(0.5, 0.005, 0.3), q)
    assert np.abs(near - q).max() < 0.05
    assert np.array_equal(PANDA.solve(pose(0.5, 0.005, 0.3), q), near)


def test_what_a_pose_leaves_open_is_near_the_posture() -> None:
    # The seventh joint of freedom: the elbow swings about the line from shoulder to wrist.
    posture = PANDA.home.copy()
    posture[2] = 0.6
    swung = PANDA.solve(pose(0.5, 0.0, 0.3), posture=posture)
    straight = PANDA.solve(pose(0.5, 0.0, 0.3))
    assert abs(straight[2]) < 0.05
    assert swung[2] > 0.2
    assert forward(PANDA, swung)[0] == pytest.approx((0.5, 0.0, 0.3), abs=2e-4)


def test_out_of_reach_is_refused_with_how_far_it_stays() -> None:
    with pytest.raises(Unreachable, match=r"stays \d+ mm .*\(1.500, 0.000, 0.300\)") as refusal:
        PANDA.solve(pose(1.5, 0.0, 0.3))
    # A sphere about the shoulder (0, 0, 0.333) holds all that an outstretched arm reaches:
    # upper arm, forearm, and from the wrist's axis 0.088 sideways and 0.2104 down to the tip.
    upper, fore = math.hypot(0.316, 0.0825), math.hypot(0.384, 0.0825)
    reach = upper + fore + math.hypot(0.088, 0.107 + 0.1034)
    assert refusal.value.distance is not None
    assert refusal.value.distance >= 1.5 - reach - 1e-9
    assert not PANDA.reachable(pose(1.5, 0.0, 0.3))
    assert PANDA.reachable(pose(0.5, 0.0, 0.1))


@pytest.mark.parametrize("bad", [(0, 0, 0, 0), (math.nan, 0, 0, 0)])
def test_no_rotation_at_all_is_a_mistake(bad: tuple[float, ...]) -> None:
    with pytest.raises(UserInputError, match="quaternion"):
        PANDA.solve(pose(0.5, 0.0, 0.3, bad))


def test_a_quaternion_of_another_length_or_sign_is_the_same_rotation() -> None:
    q = PANDA.solve(pose(0.5, 0.1, 0.3))
    assert PANDA.solve(pose(0.5, 0.1, 0.3, (0.0, -2.0, 0.0, 0.0))) == pytest.approx(q, abs=1e-6)


def test_the_tip_stays_on_a_straight_line() -> None:
    start = PANDA.solve(pose(0.35, -0.2, 0.3))
    end = pose(0.6, 0.25, 0.1, (0.0, HALF, HALF, 0.0))
    path = PANDA.line(start, end)
    assert np.array_equal(path[0], start)
    places = np.array([forward(PANDA, q)[0] for q in path])
    a, b = np.array((0.35, -0.2, 0.3)), end[:3]
    along = (places - a) @ (b - a) / ((b - a) @ (b - a))
    assert np.abs(places - a - along[:, None] * (b - a)).max() < 3e-4
    assert along == pytest.approx(np.linspace(0, 1, len(path)), abs=1e-3)
    assert forward(PANDA, path[-1])[1] == pytest.approx(matrix(end[3:]), abs=2e-3)


def test_a_line_through_the_base_is_refused() -> None:
    with pytest.raises(Unreachable):
        PANDA.line(PANDA.solve(pose(0.4, 0.0, 0.2)), pose(-0.4, 0.0, 0.2))


def test_poses_on_a_line_turn_the_shorter_way_at_an_even_rate() -> None:
    start = pose(0.0, 0.0, 0.0, (1.0, 0.0, 0.0, 0.0))
    angle = 1.2
    end = pose(0.3, 0.0, 0.0, (-math.cos(angle / 2), 0.0, 0.0, -math.sin(angle / 2)))
    line = straight_line(start, end, 0.05, 0.1)
    assert len(line) == 12  # 1.2 rad at 0.1 each, more than 0.3 m at 0.05
    for i, one in enumerate(line, 1):
        distance, turn = pose_distance(start, one)
        assert distance == pytest.approx(0.3 * i / 12)
        assert turn == pytest.approx(angle * i / 12)


def test_what_else_is_in_the_scene_does_not_matter() -> None:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    panda.add_panda(spec)
    thing = spec.worldbody.add_body(name="thing", pos=[0.5, 0.0, 0.5])
    thing.add_freejoint()
    thing.add_geom(size=[0.05, 0, 0])
    button = spec.worldbody.add_body(name="button", pos=[0.5, 0.3, 0.0])
    # It starts outside of its few millimetres, where a solver of the whole model would refuse to.
    button.add_joint(type=mujoco.mjtJoint.mjJNT_SLIDE, limited=True, range=[0.002, 0.004])
    button.add_geom(size=[0.01, 0, 0])
    kinematics = ArmKinematics(spec.compile(), panda.PANDA)
    target = pose(0.5, 0.1, 0.3)
    assert kinematics.solve(target) == pytest.approx(PANDA.solve(target), abs=2e-3)
