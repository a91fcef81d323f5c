"""Plans around things: free by MuJoCo's own contacts, the same every time, and never endless."""

from __future__ import annotations

import sys

import mujoco
import numpy as np
import pytest

from saccade.errors import MissingExtraError, UserInputError
from saccade.worlds.motion.failures import PlanningFailed, Unreachable
from saccade.worlds.motion.planning import MotionPlanner, Plan, PlanningSettings, rounded
from saccade.worlds.motion.sampling import PLANNERS
from saccade.worlds.robots.panda import FINGER_JOINTS, HOME, PANDA, add_panda

DOWN = (0.0, 1.0, 0.0, 0.0)
LEFT = np.array((0.5, 0.22, 0.12, *DOWN))
RIGHT = np.array((0.5, -0.22, 0.12, *DOWN))
BOX = mujoco.mjtGeom.mjGEOM_BOX


def scene(*walls: tuple[str, list[float], list[float]], bar: bool = False) -> mujoco.MjModel:
    """The Panda at a table with walls (name, centre, half sizes), and a free bar if asked."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_panda(spec)
    world = spec.worldbody
    world.add_geom(name="table", type=BOX, size=[0.5, 0.5, 0.02], pos=[0.5, 0, -0.02])
    for name, centre, half in walls:
        world.add_body(name=name, pos=centre).add_geom(type=BOX, size=half)
    if bar:
        body = world.add_body(name="bar", pos=[0.5, 0.22, 0.12])
        body.add_freejoint(name="bar")
        body.add_geom(type=BOX, size=[0.01, 0.01, 0.04])
    return spec.compile()


WALL = ("wall", [0.5, 0.0, 0.14], [0.25, 0.01, 0.14])
WALLED = scene(WALL)


def state(model: mujoco.MjModel, planner: MotionPlanner, pose: np.ndarray) -> mujoco.MjData:
    """The arm at rest with its tip at a pose, the fingers half open."""
    data = mujoco.MjData(model)
    places = PANDA.locate(model)
    places.put(data, planner.kinematics.solve(pose))
    data.qpos[places.finger_qpos] = 0.02
    mujoco.mj_forward(model, data)
    return data


def nearest(
    model: mujoco.MjModel, data: mujoco.MjData, plan: Plan, bodies: set[str], thing: str
) -> float:
    """Smallest gap [m] between bodies and a thing of one geom along a plan."""
    places, obstacle = PANDA.locate(model), int(model.body(thing).geomadr[0])
    geoms = [g for g in range(model.ngeom) if model.body(model.geom_bodyid[g]).name in bodies]
    gap = 1.0
    for a, b in zip(plan.path[:-1], plan.path[1:], strict=True):
        for share in (0.0, 0.5):
            data.qpos[places.qpos] = a + share * (b - a)
            mujoco.mj_kinematics(model, data)
            for geom in geoms:
                gap = min(gap, mujoco.mj_geomDistance(model, data, geom, obstacle, gap, None))
    return gap


ARM = {f"panda_{i}" for i in range(1, 8)} | {"hand", *FINGER_JOINTS}


def tip_at(planner: MotionPlanner, q: np.ndarray) -> np.ndarray:
    return planner.kinematics.tip_pose(q)


def test_where_nothing_is_in_the_way_the_tip_goes_straight() -> None:
    model = scene()
    planner = MotionPlanner(model, PANDA)
    plan = planner.plan(state(model, planner, LEFT), RIGHT)
    assert plan.planner == "line"
    assert tip_at(planner, plan.path[-1])[:3] == pytest.approx(RIGHT[:3], abs=2e-4)
    heights = [tip_at(planner, q)[2] for q in plan.path]
    assert heights == pytest.approx([0.12] * len(heights), abs=3e-4)


@pytest.mark.parametrize("name", PLANNERS)
def test_a_wall_is_gone_around(name: str) -> None:
    planner = MotionPlanner(WALLED, PANDA, PlanningSettings(planner=name))
    data = state(WALLED, planner, LEFT)
    start = data.ctrl[PANDA.locate(WALLED).actuators].copy()
    plan = planner.plan(data, RIGHT)
    assert plan.planner == name
    assert plan.path[0] == pytest.approx(start, abs=1e-9)
    end = tip_at(planner, plan.path[-1])
    assert end[:3] == pytest.approx(RIGHT[:3], abs=2e-4)
    assert abs(end[3:] @ DOWN) == pytest.approx(1.0, abs=1e-5)
    assert (plan.path >= planner.kinematics.low - 1e-9).all()
    assert (plan.path <= planner.kinematics.high + 1e-9).all()
    assert np.linalg.norm(np.diff(plan.path, axis=0), axis=1).max() < 0.1
    # Between places that are checked the arm moves on by 2 cm, and comes the nearer for it.
    assert nearest(WALLED, data, plan, ARM, "wall") > 1e-3


def test_the_same_question_has_the_same_answer() -> None:
    planner = MotionPlanner(WALLED, PANDA, PlanningSettings(planner="RRTConnect"))
    data = state(WALLED, planner, LEFT)
    before = data.qpos.copy()
    first = planner.plan(data, RIGHT).path
    other = MotionPlanner(WALLED, PANDA, PlanningSettings(planner="RRTConnect", seed=5))
    assert not np.array_equal(other.plan(data, RIGHT).path, first)
    assert np.array_equal(planner.plan(data, RIGHT).path, first)
    assert np.array_equal(data.qpos, before)


DIVIDED = scene(
    ("front", [0.85, 0.0, 1.0], [0.7, 0.01, 1.0]),
    ("back", [-0.85, 0.0, 1.0], [0.7, 0.01, 1.0]),
    ("above", [0.0, 0.0, 1.4], [0.2, 0.01, 0.6]),
)
"""A room that a wall parts, but for a gap that the arm's own upper arm fills."""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (PlanningSettings(max_checks=300), "in 300 collision checks"),
        (PlanningSettings(planner="RRTConnect", max_checks=300), "in 300 collision checks"),
        (PlanningSettings(time_limit=1e-3), "in 0.001 s"),
    ],
)
def test_where_there_is_no_way_it_gives_up(settings: PlanningSettings, words: str) -> None:
    planner = MotionPlanner(DIVIDED, PANDA, settings)
    data = state(DIVIDED, planner, LEFT)
    with pytest.raises(PlanningFailed, match=rf"{settings.planner} found no way .* {words}"):
        planner.plan(data, RIGHT)


def test_a_pose_that_touches_something_is_refused_with_its_name() -> None:
    planner = MotionPlanner(WALLED, PANDA)
    data = state(WALLED, planner, LEFT)
    with pytest.raises(PlanningFailed, match="would touch something: .*hand.*wall"):
        planner.plan(data, np.array((0.5, 0.0, 0.15, *DOWN)))


def test_out_of_reach_is_told_apart() -> None:
    planner = MotionPlanner(WALLED, PANDA)
    with pytest.raises(Unreachable, match="stays"):
        planner.plan(state(WALLED, planner, LEFT), np.array((1.4, 0.0, 0.15, *DOWN)))


def test_fingers_may_touch_what_the_palm_may_not() -> None:
    # The pads reach 9 mm below the tip: 5 mm above the table they are in it.
    low = np.array((0.5, 0.22, 0.005, *DOWN))
    planner = MotionPlanner(WALLED, PANDA)
    assert planner.plan(state(WALLED, planner, LEFT), low).planner == "line"
    strict = MotionPlanner(WALLED, PANDA, PlanningSettings(may_touch=()))
    with pytest.raises(PlanningFailed, match="finger_left"):
        strict.plan(state(WALLED, planner, LEFT), low)


def test_fingers_that_may_touch_at_the_end_keep_off_on_the_way() -> None:
    # The palm passes over the wall, the fingers, 5 cm below it, do not.
    model = scene(("wall", [0.5, 0.0, 0.06], [0.25, 0.01, 0.06]))
    planner = MotionPlanner(model, PANDA, PlanningSettings(planner="RRTConnect"))
    left, right = (np.array((0.5, y, 0.1, *DOWN)) for y in (0.22, -0.22))
    data = state(model, planner, left)
    plan = planner.plan(data, right)
    assert plan.planner != "line"
    assert nearest(model, data, plan, ARM, "wall") > 1e-3


def test_what_is_held_is_carried_around_the_wall() -> None:
    wall = ("low wall", [0.5, 0.0, 0.08], [0.25, 0.01, 0.08])
    # The fingers pass over the wall, the bar's lower end, 7 cm below them, does not.
    left, right = (np.array((0.5, y, 0.2, *DOWN)) for y in (0.22, -0.22))
    empty = MotionPlanner(scene(wall), PANDA)
    assert empty.plan(state(scene(wall), empty, left), right).planner == "line"
    model = scene(wall, bar=True)
    planner = MotionPlanner(model, PANDA, PlanningSettings(planner="RRTConnect"))
    data = state(model, planner, left)
    data.joint("bar").qpos[:3] = left[:3] - (0, 0, 0.03)
    mujoco.mj_forward(model, data)
    carried = planner.plan(data, right, held=("bar",))
    assert carried.planner != "line"
    assert gap_of_bar(model, data, carried) > 1e-3


def gap_of_bar(model: mujoco.MjModel, data: mujoco.MjData, plan: Plan) -> float:
    """Smallest gap [m] between the wall and a bar that goes along with the tip."""
    site, joint = data.site("tip"), data.joint("bar")
    mujoco.mj_forward(model, data)
    turn = site.xmat.reshape(3, 3).copy()
    offset = turn.T @ (data.body("bar").xpos - site.xpos)
    places, gap = PANDA.locate(model), 1.0
    geoms = [int(model.body(name).geomadr[0]) for name in ("bar", "low wall")]
    for q in plan.path:
        data.qpos[places.qpos] = q
        mujoco.mj_kinematics(model, data)
        now, quaternion = site.xmat.reshape(3, 3).copy(), np.empty(4)
        mujoco.mju_mat2Quat(quaternion, (now @ turn.T).ravel())
        joint.qpos[:3], joint.qpos[3:] = site.xpos + now @ offset, quaternion
        mujoco.mj_kinematics(model, data)
        gap = min(gap, mujoco.mj_geomDistance(model, data, *geoms, gap, None))
    return gap


@pytest.mark.parametrize(("deep", "fits"), [(-0.002, True), (0.006, True), (0.02, False)])
def test_what_is_held_may_touch_where_it_is_put_down(deep: float, fits: bool) -> None:
    model = scene(bar=True)
    planner = MotionPlanner(model, PANDA)
    high, low = (np.array((0.5, 0.22, z, *DOWN)) for z in (0.2, 0.07 - deep))
    data = state(model, planner, high)
    data.joint("bar").qpos[:3] = high[:3] - (0, 0, 0.03)  # its end is 7 cm below the tip
    mujoco.mj_forward(model, data)
    if fits:
        assert planner.plan(data, low, held=("bar",)).planner == "line"
    else:
        with pytest.raises(PlanningFailed, match="world and bar"):
            planner.plan(data, low, held=("bar",))


def test_what_is_held_has_to_be_free() -> None:
    planner = MotionPlanner(WALLED, PANDA)
    data = state(WALLED, planner, LEFT)
    with pytest.raises(UserInputError, match="held body 'wall' is not free"):
        planner.plan(data, RIGHT, held=("wall",))
    with pytest.raises(UserInputError, match="no body 'lid'; expected one of: .*wall"):
        planner.plan(data, RIGHT, held=("lid",))


def test_without_collisions_the_line_goes_through() -> None:
    planner = MotionPlanner(WALLED, PANDA, PlanningSettings(collisions=False))
    assert planner.plan(state(WALLED, planner, LEFT), RIGHT).planner == "line"


def test_where_the_tip_cannot_go_straight_the_joints_do() -> None:
    # From before the base to behind it: a straight line leads through it.
    planner = MotionPlanner(scene(), PANDA, PlanningSettings(collisions=False))
    behind = np.array((-0.45, 0.1, 0.3, *DOWN))
    plan = planner.plan(state(WALLED, planner, LEFT), behind)
    assert plan.planner == "joints"
    assert tip_at(planner, plan.path[-1])[:3] == pytest.approx(behind[:3], abs=2e-4)
    steps = np.diff(plan.path, axis=0)
    assert steps == pytest.approx(np.tile(steps[0], (len(steps), 1)), abs=1e-9)


def test_it_starts_from_the_command_unless_the_arm_is_elsewhere() -> None:
    planner = MotionPlanner(WALLED, PANDA)
    data = state(WALLED, planner, LEFT)
    places = PANDA.locate(WALLED)
    data.ctrl[places.actuators] += 0.01
    assert planner.start(data) == pytest.approx(data.ctrl[places.actuators])
    data.ctrl[places.actuators] = HOME
    assert planner.start(data) == pytest.approx(data.qpos[places.qpos])


def test_rounding_keeps_the_ends_and_cuts_corners_by_less_than_the_spacing() -> None:
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    for spacing in (0.4, 0.1):
        path = rounded(corners, spacing)
        assert path[0] == pytest.approx(corners[0])
        assert path[-1] == pytest.approx(corners[-1])
        distance = np.minimum(np.abs(path[:, 1]), np.abs(path[:, 0] - 1.0))
        assert distance.max() < spacing / 2
        # No sharp turn is left: neighbours turn by a little each.
        steps = np.diff(path, axis=0)
        angles = np.arctan2(steps[:, 1], steps[:, 0])
        assert np.abs(np.diff(angles)).max() < 0.06 / spacing


def test_without_ompl_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ompl", None)
    with pytest.raises(MissingExtraError, match=r"ompl is not installed; run: .*arm"):
        MotionPlanner(WALLED, PANDA)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"planner": "SBL"}, "planner is 'SBL'; expected one of LBKPIECE1, RRTConnect"),
        ({"max_checks": 0}, "max_checks is 0"),
        ({"time_limit": 0.0}, "time_limit is 0.0"),
        ({"tolerance": -0.1}, "tolerance is -0.1"),
        ({"clearance": -0.1}, "clearance is -0.1"),
    ],
)
def test_settings_out_of_range_are_refused(given: dict, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        PlanningSettings(**given)
