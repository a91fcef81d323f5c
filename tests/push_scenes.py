"""Small scenes of the pushing world, and what of its state the tests look at."""

from __future__ import annotations

import math

import mujoco
import numpy as np

from saccade.worlds.push_box.scene import Scene, SceneConfig, build_scene
from saccade.worlds.scenarios import Block, Scenario
from saccade.worlds.shapes import SHAPES

TOP = 0.70
"""Height of the table's top [m]."""
FLYING = SceneConfig(arm=False)


def block(shape: str, x: float, y: float, z: float, yaw: float = 0.0) -> Block:
    """A red block whose origin is z above the table."""
    return Block(shape, "red", (x, y, TOP + z), (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)))


def scenario(*blocks: Block) -> Scenario:
    return Scenario(blocks)


def all_shapes_in_the_air(seed: int) -> Scenario:
    """One block of each shape, 10 to 30 cm above the table, randomly turned."""
    rng = np.random.default_rng(seed)
    blocks = []
    for i, shape in enumerate(SHAPES):
        w, x, y, z = rng.normal(size=4)
        norm = math.sqrt(w * w + x * x + y * y + z * z)
        position = (-0.62 + 0.12 * (i % 3), -0.1 + 0.1 * (i // 3), TOP + 0.1 + 0.025 * i)
        blocks.append(Block(shape, "blue", position, (w / norm, x / norm, y / norm, z / norm)))
    return Scenario(tuple(blocks))


def placed(scenario: Scenario, config: SceneConfig = FLYING) -> tuple[Scene, mujoco.MjData]:
    """A scene without the arm, its gripper far away, and never asleep."""
    scene = build_scene(scenario, config)
    scene.model.opt.enableflags = 0
    data = mujoco.MjData(scene.model)
    for address, b in zip(scene.qpos_addresses, scenario.objects, strict=True):
        data.qpos[address : address + 7] = (*b.position, *b.quaternion)
    data.qpos[-4:] = data.ctrl[:] = (0.0, 0.0, 2.0, 0.0)
    mujoco.mj_forward(scene.model, data)
    return scene, data


def positions(scene: Scene, data: mujoco.MjData) -> np.ndarray:
    """Origins (n, 3) of the objects [m]."""
    return np.array([data.qpos[a : a + 3] for a in scene.qpos_addresses])


def seconds(scene: Scene, data: mujoco.MjData, duration: float) -> None:
    """Simulate for a while."""
    for _ in range(round(duration / scene.model.opt.timestep)):
        mujoco.mj_step(scene.model, data)
