"""Drawing scenarios: blocks fall onto the table one at a time from random poses.

About one object in twenty rolls off while it is dropped; a scenario counts only if every object
rests on the table, so such a draw is thrown away and the number of redraws is kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import mujoco
import numpy as np

from saccade.errors import SaccadeError
from saccade.worlds.push_box.scene import Scene, SceneConfig, build_scene
from saccade.worlds.scenarios import Block, Scenario, check_count
from saccade.worlds.shapes import COLOURS, SHAPES

DROP_HEIGHT = 0.15
DROP_SPREAD = 0.124
"""Drops are uniform within +-DROP_SPREAD of the table's centre [m]."""
DROP_INTERVAL = 2.0
"""Longest wait between two drops [s]; a block at rest ends it early."""
MAX_DRAWS = 200


def draw_scenario(
    seed: int,
    n_objects: int,
    config: SceneConfig | None = None,
    shapes: Sequence[str] = tuple(SHAPES),
) -> Scenario:
    """Drop n objects of random shape, colour and pose; the same seed gives the same scenario."""
    check_count(n_objects)
    config = replace(config or SceneConfig(), arm=False)
    rng = np.random.default_rng(np.random.SeedSequence([seed, n_objects]))
    for redraws in range(MAX_DRAWS):
        blocks = _drop(rng, n_objects, config, shapes)
        if blocks is not None:
            return Scenario(blocks, seed, redraws)
    raise SaccadeError(f"no draw in {MAX_DRAWS} left all {n_objects} objects on the table")


def scenario_set(
    seed: int, n_scenarios: int, n_objects: int, config: SceneConfig | None = None
) -> list[Scenario]:
    """The scenarios of a seed: number i depends only on (seed, i, n_objects)."""
    return [draw_scenario(scenario_seed(seed, i), n_objects, config) for i in range(n_scenarios)]


def scenario_seed(seed: int, index: int) -> int:
    """The seed of scenario `index` of a set."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])


def _drop(
    rng: np.random.Generator, n: int, config: SceneConfig, shapes: Sequence[str]
) -> tuple[Block, ...] | None:
    """One draw; None when an object left the table."""
    drawn = rng.choice(list(shapes), n)
    colours = rng.choice(list(COLOURS), n)
    waiting = tuple(
        Block(str(s), str(c), (3.0 + 0.3 * i, 3.0, 0.06), (1.0, 0.0, 0.0, 0.0))
        for i, (s, c) in enumerate(zip(drawn, colours, strict=True))
    )
    scene = build_scene(Scenario(waiting), config)
    data = mujoco.MjData(scene.model)
    data.qpos[-4:] = data.ctrl[:] = (0.0, 0.0, 2.0, 0.0)  # the gripper, far above
    cx, cy = config.workspace.centre
    top = config.workspace.table_height
    for address, velocity in zip(scene.qpos_addresses, scene.qvel_addresses, strict=True):
        x, y = rng.uniform(-DROP_SPREAD, DROP_SPREAD, 2)
        data.qpos[address : address + 3] = (cx + x, cy + y, top + DROP_HEIGHT)
        data.qpos[address + 3 : address + 7] = _random_rotation(rng)
        data.qvel[velocity + 2] = -0.01  # a moving body is awake
        _wait_for_rest(scene, data)
        if any(data.qpos[a + 2] < top and data.qpos[a] < 1.0 for a in scene.qpos_addresses):
            return None
    return tuple(
        replace(
            block,
            position=tuple(map(float, data.qpos[a : a + 3])),
            quaternion=tuple(map(float, data.qpos[a + 3 : a + 7])),
        )
        for block, a in zip(waiting, scene.qpos_addresses, strict=True)
    )


def _random_rotation(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """A uniformly random unit quaternion (Shoemake 1992)."""
    u, v, w = rng.random(3)
    a, b = math.sqrt(1 - u), math.sqrt(u)
    return (
        a * math.sin(2 * math.pi * v),
        a * math.cos(2 * math.pi * v),
        b * math.sin(2 * math.pi * w),
        b * math.cos(2 * math.pi * w),
    )


def _wait_for_rest(scene: Scene, data: mujoco.MjData) -> None:
    calm = 0
    for i in range(round(DROP_INTERVAL / scene.model.opt.timestep)):
        mujoco.mj_step(scene.model, data)
        if i % 5 == 0:
            moving = any(
                np.abs(data.qvel[v : v + 3]).max() > 0.01
                or np.abs(data.qvel[v + 3 : v + 6]).max() > 0.2
                for v in scene.qvel_addresses
            )
            calm = 0 if moving else calm + 1
            if calm >= 5:
                return
