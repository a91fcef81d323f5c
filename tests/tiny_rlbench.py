"""A dataset as RLBench writes it, of the tiny arm's demonstrations; its classes exist only here."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import tiny_arm
from saccade.data.demonstrations import Demonstration
from saccade.viewing.images import save_png

NEAR, FAR = 0.01, 4.5
_MODULES = ("rlbench", "rlbench.demo", "rlbench.backend", "rlbench.backend.observation")


class Observation:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Demo:
    def __init__(self, observations: list[Observation], random_seed: Any = None) -> None:
        self._observations = observations
        self.random_seed = random_seed
        self.variation_number = 0


Observation.__module__, Demo.__module__ = "rlbench.backend.observation", "rlbench.demo"


@contextmanager
def rlbench_classes() -> Iterator[None]:
    """Makes the two classes importable under RLBench's names, as pickling needs."""
    for name in _MODULES:
        sys.modules[name] = ModuleType(name)
    setattr(sys.modules["rlbench.demo"], "Demo", Demo)  # noqa: B010 - a module has no such field
    setattr(sys.modules["rlbench.backend.observation"], "Observation", Observation)  # noqa: B010
    try:
        yield
    finally:
        for name in _MODULES:
            del sys.modules[name]


def camera_facts(demonstration: Demonstration) -> dict[str, Any]:
    """The camera as CoppeliaSim says it: x to the left, y up, focal lengths negative."""
    lens, turn = demonstration.intrinsics, np.diag([-1.0, -1.0, 1.0, 1.0])
    return {
        "front_camera_intrinsics": np.array(
            [[-lens.fx, 0, lens.cx], [0, -lens.fy, lens.cy], [0, 0, 1]]
        ),
        "front_camera_extrinsics": demonstration.T_world_camera @ turn,
        "front_camera_near": NEAR,
        "front_camera_far": FAR,
        "variation_index": 0,
    }


def observations(demonstration: Demonstration) -> list[Observation]:
    d = demonstration
    return [
        Observation(
            front_rgb=None,
            front_depth=None,
            joint_velocities=d.joint_velocities[i].astype(np.float64),
            joint_positions=d.joint_positions[i].astype(np.float64),
            joint_forces=np.zeros(7),
            gripper_open=float(d.gripper_open[i] > 0.9),
            gripper_pose=d.tip_poses[i][[0, 1, 2, 4, 5, 6, 3]].astype(np.float64),
            gripper_matrix=np.eye(4),
            gripper_joint_positions=d.finger_positions[i].astype(np.float64),
            task_low_dim_state=np.arange(4.0),
            misc=camera_facts(d),
        )
        for i in range(len(d))
    ]


def coded_depth(depth: np.ndarray) -> np.ndarray:
    """Depth [m] as a colour picture of three digits to base 256."""
    share = np.clip((depth.astype(np.float64) - NEAR) / (FAR - NEAR), 0, 1)
    code = np.floor(share * (2**24 - 1) + 0.5).astype(np.uint32)
    return np.stack([code >> 16, code >> 8 & 255, code & 255], axis=-1).astype(np.uint8)


def write_demo(path: Path, seen: list[Observation], protocol: int = 4) -> None:
    state = np.random.RandomState(1).get_state()
    with rlbench_classes():
        path.write_bytes(pickle.dumps(Demo(seen, state), protocol))


def write_episode(folder: Path, demonstration: Demonstration, protocol: int = 4) -> Path:
    """Low dimensions and the front camera's pictures, of every frame that has one."""
    for kind in ("front_rgb", "front_depth"):
        (folder / kind).mkdir(parents=True)
    for index, frame in enumerate(demonstration.image_frames):
        save_png(folder / "front_rgb" / f"{frame}.png", demonstration.rgb[index])
        coded = coded_depth(demonstration.depth[index])
        save_png(folder / "front_depth" / f"{frame}.png", coded)
    write_demo(folder / "low_dim_obs.pkl", observations(demonstration), protocol)
    return folder


def write_dataset(root: Path, episodes: int = 2, variations: str = "variation0") -> Path:
    for number in range(episodes):
        folder = root / tiny_arm.TASK / variations / "episodes" / f"episode{number}"
        write_episode(folder, tiny_arm.a_demonstration(number))
    return root
