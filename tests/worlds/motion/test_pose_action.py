"""The pose action on environments of others: a UR5e without a gripper, a Panda that grasps."""

from __future__ import annotations

import contextlib
import io
import math
import re
import textwrap
from typing import Any

import gymnasium
import mujoco
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import TimeLimit

from saccade.errors import UserInputError
from saccade.worlds.motion.planning import PlanningSettings
from saccade.worlds.motion.pose_action import Hooks, PoseAction, PoseActionSettings
from saccade.worlds.robots import panda
from saccade.worlds.robots.ur5e import UR5E, add_position_servos, add_ur5e

DOWN = (0.0, 1.0, 0.0, 0.0)
OPEN, CLOSED = 1.0, 0.0


def pose(x: float, y: float, z: float, gripper: float = OPEN) -> np.ndarray:
    return np.array((x, y, z, *DOWN, gripper), np.float32)


class Servos(gymnasium.Env):
    """What another author's environment of an arm may look like: targets of its joints."""

    def __init__(
        self,
        spec: mujoco.MjSpec,
        home: tuple[float, ...],
        frame_skip: int,
        ends_after: int = 10**9,
    ) -> None:
        self._frame_skip = frame_skip
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self._home, self._ends_after = home, ends_after
        self.steps = self.observed = 0
        self.action_space = spaces.Box(-7.0, 7.0, (self.model.nu,), np.float32)
        self.observation_space = spaces.Box(-7.0, 7.0, (len(home),), np.float64)

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        super().reset(seed=seed)
        mujoco.mj_resetData(self.model, self.data)
        k = len(self._home)
        self.data.qpos[:k] = self.data.ctrl[:k] = self._home
        mujoco.mj_forward(self.model, self.data)
        self.steps = 0
        return self.observe(), {}

    def step(self, action):
        reward, terminated, truncated, info = self.advance(action)
        return self.observe(), reward, terminated, truncated, info

    def advance(self, action):
        self.data.ctrl[:] = action
        mujoco.mj_step(self.model, self.data, self._frame_skip)
        self.steps += 1
        return 0.5, self.steps >= self._ends_after, False, {"steps": self.steps}

    def observe(self):
        self.observed += 1
        return self.data.qpos[: len(self._home)].copy()


def ur5e(**settings: Any) -> Servos:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = 0.004
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    add_ur5e(spec.worldbody, (0.0, 0.0, 0.0))
    add_position_servos(spec)
    return Servos(spec, UR5E.home, frame_skip=5, **settings)


def block_world() -> Servos:
    """The Panda, a table and a cube of 4 cm; its targets change with every simulation step."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    panda.set_contact_options(spec)
    panda.add_panda(spec)
    box = mujoco.mjtGeom.mjGEOM_BOX
    spec.worldbody.add_geom(name="table", type=box, size=[0.5, 0.5, 0.02], pos=[0.5, 0, -0.02])
    cube = spec.worldbody.add_body(name="cube", pos=[0.5, 0.1, 0.02])
    cube.add_freejoint(name="cube")
    cube.add_geom(type=box, size=[0.02, 0.02, 0.02], mass=0.1)
    return Servos(spec, panda.HOME, frame_skip=1)


def at(env: PoseAction, action: np.ndarray) -> tuple[float, float]:
    """Distance [m] and angle [rad] between the tip and an action's pose, by MuJoCo alone."""
    mujoco.mj_forward(env.model, env.data)
    site = env.data.site(env.arm.tip_site)
    asked, now = np.empty(9), site.xmat.reshape(3, 3)
    mujoco.mju_quat2Mat(asked, action[3:7].astype(float))
    cosine = (np.trace(asked.reshape(3, 3).T @ now) - 1) / 2
    return float(np.linalg.norm(site.xpos - action[:3])), math.acos(min(1.0, cosine))


def test_another_arm_goes_to_a_pose_and_rests_there() -> None:
    env = PoseAction(ur5e(), UR5E, timestep=0.02)
    env.reset(seed=0)
    for action in (pose(-0.5, 0.2, 0.3), pose(-0.35, -0.3, 0.5)):
        observation, _, terminated, truncated, info = env.step(action)
        distance, angle = at(env, action)
        assert distance < 1e-3 and angle < 5e-3
        assert np.abs(env.data.qvel).max() < 0.02
        assert (info["failure"], info["planner"]) == (None, "line")
        assert not terminated and not truncated
        assert observation == pytest.approx(env.data.qpos)
    assert env.env.unwrapped.steps == info["steps"]


def test_the_reward_is_the_sum_and_the_episode_ends_at_once() -> None:
    inner = ur5e(ends_after=12)
    env = PoseAction(inner, UR5E, timestep=0.02)
    env.reset(seed=0)
    _, reward, terminated, truncated, _ = env.step(pose(-0.5, 0.2, 0.3))
    assert (reward, terminated, truncated, inner.steps) == (6.0, True, False, 12)


def test_a_limit_of_actions_is_gymnasiums_own() -> None:
    env = TimeLimit(PoseAction(ur5e(), UR5E, timestep=0.02), 2)
    env.reset(seed=0)
    assert not env.step(pose(-0.5, 0.2, 0.3))[3]
    assert env.step(pose(-0.5, 0.1, 0.3))[3]


def test_out_of_reach_ends_the_episode_and_nothing_moves() -> None:
    env = PoseAction(ur5e(), UR5E, timestep=0.02)
    start, _ = env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(pose(0.9, 0.9, 0.9))
    assert (reward, terminated, truncated) == (-1.0, True, False)
    assert (info["failure"], info["planner"]) == ("out_of_reach", None)
    assert "stays" in info["reason"]
    assert np.array_equal(observation, start)
    assert env.unwrapped.steps == 0


def test_what_a_refusal_costs_is_a_setting() -> None:
    settings = PoseActionSettings(refused_reward=-0.2, refused_ends=False)
    env = PoseAction(ur5e(), UR5E, timestep=0.02, settings=settings)
    env.reset(seed=0)
    assert env.step(pose(0.9, 0.9, 0.9))[1:3] == (-0.2, False)
    assert env.step(pose(-0.5, 0.2, 0.3))[4]["failure"] is None


def test_no_way_there_is_told_apart() -> None:
    env = PoseAction(block_world(), panda.PANDA, timestep=0.004)
    env.reset(seed=0)
    # The palm would have to be 2 cm below the table.
    _, reward, terminated, _, info = env.step(pose(0.5, 0.1, -0.065))
    assert (info["failure"], reward, terminated) == ("planning_failed", -1.0, True)
    assert "hand" in info["reason"]


def test_a_cube_is_grasped_lifted_and_let_go() -> None:
    env = PoseAction(block_world(), panda.PANDA, timestep=0.004)
    env.reset(seed=0)
    cube = env.data.body("cube")
    for action in (pose(0.5, 0.1, 0.12), pose(0.5, 0.1, 0.02), pose(0.5, 0.1, 0.02, CLOSED)):
        assert env.step(action)[4]["failure"] is None
    fingers = env.data.qpos[[env.model.joint(name).qposadr[0] for name in panda.FINGER_JOINTS]]
    assert fingers == pytest.approx((0.02, 0.02), abs=1e-3)
    env.step(pose(0.5, -0.1, 0.2, CLOSED))
    distance, angle = at(env, pose(0.5, -0.1, 0.2))
    assert distance < 1.5e-3 and angle < 0.01
    assert cube.xpos == pytest.approx((0.5, -0.1, 0.2), abs=2e-3)
    env.step(pose(0.5, -0.1, 0.2, OPEN))
    for _ in range(60):
        mujoco.mj_step(env.model, env.data)
    assert cube.xpos[2] == pytest.approx(0.02, abs=2e-3)


def test_only_the_last_tick_is_observed_with_hooks() -> None:
    plain, quick = ur5e(), ur5e()
    one = PoseAction(plain, UR5E, timestep=0.02)
    other = PoseAction(quick, UR5E, timestep=0.02, hooks=Hooks(quick.advance, quick.observe))
    for env in (one, other):
        env.reset(seed=0)
    a, b = (env.step(pose(-0.5, 0.2, 0.3)) for env in (one, other))
    assert np.array_equal(a[0], b[0]) and a[1:] == b[1:]
    assert plain.observed == plain.steps + 1
    assert quick.observed == 2  # at reset and at the end


def test_commands_are_turned_into_the_environments_actions() -> None:
    class Relative(Servos):
        """Its actions are changes of the targets."""

        def advance(self, action):
            return super().advance(self.data.ctrl + action)

    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    add_ur5e(spec.worldbody, (0.0, 0.0, 0.0))
    add_position_servos(spec)
    inner = Relative(spec, UR5E.home, frame_skip=5)
    env = PoseAction(inner, UR5E, timestep=0.01, to_action=lambda ctrl: ctrl - inner.data.ctrl)
    env.reset(seed=0)
    env.step(pose(-0.5, 0.2, 0.3))
    assert at(env, pose(-0.5, 0.2, 0.3))[0] < 1e-3


def test_a_new_model_after_reset_is_taken_up() -> None:
    class Rebuilt(Servos):
        """It has another model in every episode, as where objects are drawn."""

        def reset(self, *, seed: int | None = None, options: dict | None = None):
            self.model = ur5e().model
            self.data = mujoco.MjData(self.model)
            return super().reset(seed=seed)

    inner = ur5e()
    inner.__class__ = Rebuilt
    env = PoseAction(inner, UR5E, timestep=0.02)
    env.reset(seed=0)
    env.step(pose(-0.5, 0.2, 0.3))
    assert at(env, pose(-0.5, 0.2, 0.3))[0] < 1e-3


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
@pytest.mark.filterwarnings("ignore:.*Not able to test alternative render modes")
def test_it_conforms_to_gymnasium() -> None:
    planning = PlanningSettings(collisions=False)
    env = PoseAction(ur5e(), UR5E, timestep=0.02, planning=planning)
    assert env.action_space.shape == (8,)
    check_env(env, skip_render_check=True)


def test_the_same_actions_have_the_same_end() -> None:
    ends = []
    for _ in range(2):
        env = PoseAction(block_world(), panda.PANDA, timestep=0.004)
        env.reset(seed=0)
        for action in (pose(0.5, 0.1, 0.02), pose(0.5, 0.1, 0.02, CLOSED), pose(0.4, 0, 0.2, 0.0)):
            env.step(action)
        ends.append(env.data.qpos.copy())
    assert np.array_equal(*ends)


class Bare(gymnasium.Env):
    """An environment that is no simulation of MuJoCo's."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: PoseAction(Bare(), UR5E, timestep=0.02),
            "Bare.model is NoneType; expected MuJoCo",
        ),
        (lambda: PoseAction(ur5e(), UR5E), "how long a step of Servos takes is unknown"),
        (lambda: PoseAction(ur5e(), UR5E, timestep=0.0), "timestep is 0.0"),
        (lambda: PoseAction(ur5e(), panda.PANDA, timestep=0.02), "no joint 'panda_1'; expected"),
        (lambda: PoseActionSettings(lowest=(1.0, 0.0, 0.0)), "lower values first"),
        (lambda: PoseActionSettings(settle_time=-1.0), "settle_time is -1.0"),
    ],
)
def test_what_it_cannot_work_with_is_refused(make: Any, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        make()


def test_actions_of_another_shape_need_to_action() -> None:
    inner = ur5e()
    inner.action_space = spaces.Discrete(4)
    env = PoseAction(inner, UR5E, timestep=0.02)
    env.reset(seed=0)
    with pytest.raises(UserInputError, match="expected a Box of 6.*or to_action"):
        env.step(pose(-0.5, 0.2, 0.3))


def test_the_example_in_its_docstring_runs() -> None:
    text = PoseAction.__doc__
    assert text is not None
    example = re.search(r"\n( {8}import gymnasium.*?)\n\n    Args:", text, re.DOTALL)
    assert example is not None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(textwrap.dedent(example[1]), {"__name__": "example"})
    planner, *numbers = printed.getvalue().split(maxsplit=1)
    assert planner == "line"
    assert np.fromstring(numbers[0].strip("[]\n"), sep=" ")[:3] == pytest.approx(
        (-0.4, 0.2, 0.3), abs=1e-3
    )
