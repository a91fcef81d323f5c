"""The adapter against a stand-in for RLBench: modules of its names, and a point that is moved."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import tiny_arm
import tiny_rlbench
from saccade.errors import SaccadeError, UserInputError
from saccade.worlds.rlbench_adapter import RLBenchEnv, observation_from_rlbench

SIZE = tiny_arm.SIZE
GOAL = np.array([0.5, 0.1, 0.1])


class InvalidActionError(Exception):
    pass


class IKError(Exception):
    pass


class ConfigurationPathError(Exception):
    pass


class Task:
    """Done when the closed gripper is at the goal; calls of it are noted."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.pose = np.array([0.45, 0, 0.35, 1, 0, 0, 0])
        self.open = 1.0

    def set_variation(self, number: int) -> None:
        self.calls.append(number)

    def reset(self) -> tuple[list[str], Any]:
        x, y = np.random.uniform(-0.1, 0.1, 2)  # noqa: NPY002 - as RLBench does
        self.pose, self.open = np.array([0.45 + x, y, 0.35, 1, 0, 0, 0]), 1.0
        return ["grasp it"], self.get_observation()

    def step(self, action: np.ndarray) -> tuple[Any, float, bool]:
        self.calls.append(action)
        assert action.shape == (8,) and abs(np.linalg.norm(action[3:7]) - 1) < 1e-6
        for height, error in (
            (1.0, InvalidActionError), (0.9, IKError), (0.8, ConfigurationPathError)
        ):  # fmt: skip
            if action[2] > height:
                raise error("no path")
        self.pose, self.open = action[:7], float(action[7])
        done = self.open == 0 and np.linalg.norm(self.pose[:3] - GOAL) < 0.02
        return self.get_observation(), float(done), bool(done)

    def get_observation(self) -> Any:
        rgb, depth = tiny_arm.image(self.pose[:3])
        return SimpleNamespace(
            front_rgb=rgb,
            front_depth=depth.astype(np.float32),
            gripper_pose=self.pose,
            gripper_open=self.open,
            gripper_joint_positions=[0.04 * self.open] * 2,
            joint_positions=np.zeros(7),
            joint_velocities=np.zeros(7),
            misc=tiny_rlbench.camera_facts(tiny_arm.a_demonstration()),
        )


class Config:
    def __init__(self) -> None:
        self.front_camera = SimpleNamespace(rgb=False, depth=False)
        self.low_dim = False

    def set_all(self, value: bool) -> None:
        self.low_dim = value

    def set_all_low_dim(self, value: bool) -> None:
        self.low_dim = value


class Environment:
    last: Environment

    def __init__(self, action_mode: Any, obs_config: Any, headless: bool) -> None:
        self.action_mode, self.config, self.headless = action_mode, obs_config, headless
        self.running = False
        Environment.last = self

    def launch(self) -> None:
        self.running = True

    def get_task(self, task_class: type[Task]) -> Task:
        assert self.running
        self.task = task_class()
        return self.task

    def shutdown(self) -> None:
        self.running = False


@pytest.fixture
def rlbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in, installed for one test."""
    (tmp_path / "take_lid_off_saucepan.py").touch()
    modules: dict[str, dict[str, Any]] = {
        "rlbench": {},
        "rlbench.backend": {},
        "rlbench.backend.exceptions": {"InvalidActionError": InvalidActionError},
        "pyrep": {},
        "pyrep.errors": {"IKError": IKError, "ConfigurationPathError": ConfigurationPathError},
        "rlbench.utils": {"name_to_task_class": lambda _: Task},
        "rlbench.tasks": {"__path__": [str(tmp_path)]},
        "rlbench.observation_config": {"ObservationConfig": Config},
        "rlbench.environment": {"Environment": Environment},
        "rlbench.action_modes": {},
        "rlbench.action_modes.action_mode": {"MoveArmThenGripper": lambda *modes: modes},
        "rlbench.action_modes.arm_action_modes": {"EndEffectorPoseViaPlanning": lambda: "plan"},
        "rlbench.action_modes.gripper_action_modes": {"Discrete": lambda: "discrete"},
    }
    for name, content in modules.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)


def an_env(**settings: Any) -> RLBenchEnv:
    return RLBenchEnv("take_lid_off_saucepan", size=SIZE, **settings)


def action(position: Any, gripper: float) -> np.ndarray:
    return np.array([*position, 0, 1, 0, 0, gripper], np.float32)


@pytest.mark.usefixtures("rlbench")
@pytest.mark.filterwarnings("ignore:.*symmetric and normalized:UserWarning")
def test_gymnasium_accepts_it() -> None:
    check_env(an_env(), skip_render_check=True)


@pytest.mark.usefixtures("rlbench")
def test_rlbench_is_started_with_the_paper_s_action_and_one_camera() -> None:
    env = an_env(variation=3)
    started = Environment.last
    assert started.action_mode == ("plan", "discrete") and started.headless
    assert started.config.low_dim and started.config.front_camera == SimpleNamespace(
        rgb=True, depth=True, image_size=(SIZE, SIZE), depth_in_meters=True
    )
    assert started.task.calls == [3]
    env.close()
    assert not started.running


@pytest.mark.usefixtures("rlbench")
def test_an_episode_ends_where_the_task_is_done() -> None:
    env = an_env()
    arrays, info = env.reset(seed=1)
    assert info["descriptions"] == ["grasp it"]
    assert arrays["tip_pose"][3:].tolist() == [0, 1, 0, 0]  # RLBench's is (1, 0, 0, 0)
    _, reward, terminated, truncated, info = env.step(action(GOAL, 1))
    assert (reward, terminated, truncated, info["success"]) == (0, False, False, False)
    arrays, reward, terminated, truncated, info = env.step(action(GOAL, 0))
    assert (reward, terminated, truncated, info["success"]) == (1, True, False, True)
    np.testing.assert_allclose(Environment.last.task.calls[-1], [*GOAL, 1, 0, 0, 0, 0], atol=1e-7)
    np.testing.assert_allclose(arrays["tip_pose"][:3], GOAL, atol=1e-6)
    assert arrays["gripper_open"] == 0 and env.observation.proprioception.gripper_open == 0


@pytest.mark.usefixtures("rlbench")
def test_a_quaternion_is_brought_to_length_1() -> None:
    env = an_env()
    env.reset(seed=1)
    env.step(np.array([*GOAL, 0.5, 0.5, 0.5, 0.6, 1], np.float32))
    with pytest.raises(UserInputError, match="has no rotation"):
        env.step(np.array([*GOAL, 0, 0, 0, 0, 1], np.float32))


@pytest.mark.usefixtures("rlbench")
@pytest.mark.parametrize("height", [0.85, 0.95, 1.5])
def test_a_pose_out_of_reach_ends_the_episode(height: float) -> None:
    env = an_env(refused_reward=-0.5)
    env.reset(seed=1)
    _, reward, terminated, truncated, info = env.step(action((0.5, 0, height), 1))
    assert (reward, terminated, truncated) == (-0.5, True, False)
    assert info["failure"] == "out_of_reach" and not info["success"]


@pytest.mark.usefixtures("rlbench")
def test_an_episode_is_cut_after_its_actions() -> None:
    env = an_env(max_actions=2)
    env.reset(seed=1)
    *_, truncated, info = env.step(action(GOAL, 1))
    assert truncated is False and info["failure"] is None
    _, _, terminated, truncated, info = env.step(action(GOAL, 1))
    assert truncated and not terminated and info["failure"] == "time_out"


@pytest.mark.usefixtures("rlbench")
def test_the_camera_sees_the_tip_where_it_is() -> None:
    env = an_env()
    env.reset(seed=2)
    view, arm = env.observation.view, env.observation.proprioception
    column, row = np.rint(view.project(arm.tip_pose[None, :3].astype(float))[0]).astype(int)
    assert np.linalg.norm(view.points[row, column] - arm.tip_pose[:3]) < 0.05


@pytest.mark.usefixtures("rlbench")
def test_an_unknown_task_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UserInputError, match=r"'lift'.*valid: take_lid_off_saucepan"):
        RLBenchEnv("lift")


@pytest.mark.usefixtures("rlbench")
def test_nothing_is_observed_before_a_reset() -> None:
    with pytest.raises(SaccadeError, match="call reset"):
        _ = an_env().observation


def test_without_rlbench_the_message_says_where_it_is() -> None:
    with pytest.raises(UserInputError, match=r"run: pip install git\+https://github.com/stepjam"):
        RLBenchEnv("take_lid_off_saucepan")


def test_what_an_observation_lacks_is_named() -> None:
    seen = Task().get_observation()
    seen.front_depth = None
    del seen.joint_positions
    with pytest.raises(UserInputError, match="lacks front_depth, joint_positions"):
        observation_from_rlbench(seen)
