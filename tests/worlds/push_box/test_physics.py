"""Physics worth trusting: energy, rest, friction, rolling, repetition."""

from __future__ import annotations

import math
from collections import defaultdict

import mujoco
import numpy as np
import pytest

from push_scenes import FLYING, all_shapes_in_the_air, block, placed, positions, scenario, seconds
from saccade.worlds.cameras import Camera
from saccade.worlds.push_box import PushWorld, SceneConfig, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario, scenario_set
from saccade.worlds.push_box.scene import Scene
from saccade.worlds.scenarios import Block
from saccade.worlds.workspace import Push

GRAVITY = 9.81


def energy(scene: Scene, data: mujoco.MjData) -> float:
    """Potential and kinetic energy of the objects [J], from positions and velocities alone."""
    model, total, velocity = scene.model, 0.0, np.zeros(6)
    for body in scene.object_bodies:
        kind = mujoco.mjtObj.mjOBJ_BODY  # (angular, linear) of the inertial frame
        mujoco.mj_objectVelocity(model, data, kind, body, velocity, 1)
        spin, speed, mass = velocity[:3], velocity[3:], model.body_mass[body]
        total += mass * GRAVITY * data.xipos[body][2] + mass * (speed @ speed) / 2
        total += float(model.body_inertia[body] @ (spin * spin)) / 2
    return total


@pytest.mark.parametrize("seed", range(3))
def test_energy_does_not_appear(seed: int) -> None:
    scene, data = placed(all_shapes_in_the_air(seed))
    rng = np.random.default_rng(seed)
    for address in scene.qvel_addresses:
        data.qvel[address : address + 3] = rng.normal(0, 0.2, 3)
        data.qvel[address + 3 : address + 6] = rng.normal(0, 3.0, 3)
    mujoco.mj_forward(scene.model, data)
    history = [energy(scene, data)]
    for _ in range(500):
        mujoco.mj_step(scene.model, data)
        history.append(energy(scene, data))
    e = np.array(history)
    lost = e[0] - e[-1]
    assert lost > 0.5  # they have fallen
    assert (e <= e[0] + 1e-6).all()
    # Contacts are springs: a block that lands gives back what it has pressed in, no more.
    assert (e - np.minimum.accumulate(e)).max() < 0.02 * lost


def test_free_fall_takes_the_time_it_must() -> None:
    scene, data = placed(scenario(block("cube", -0.5, 0.0, 0.5)))
    seconds(scene, data, 0.2)
    fallen = 0.70 + 0.5 - positions(scene, data)[0, 2]
    assert fallen == pytest.approx(GRAVITY * 0.2**2 / 2, rel=0.03)


@pytest.mark.parametrize("seed", range(4))
def test_a_scenario_at_rest_stays_at_rest(seed: int) -> None:
    world = PushWorld(WorldConfig(use_gl=False))
    world.reset(draw_scenario(seed, 10))
    before = world.object_poses()[:, :3]
    for _ in range(1250):
        mujoco.mj_step(world.scene.model, world.data)
    assert np.abs(world.object_poses()[:, :3] - before).max() < 2e-4


def test_single_blocks_stay_at_rest_with_sleep_disabled() -> None:
    for drawn in scenario_set(3, 6, 1):
        scene, data = placed(drawn)
        before = positions(scene, data)
        seconds(scene, data, 4.0)
        assert np.abs(positions(scene, data) - before).max() < 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_piles_hold_for_a_second_with_sleep_disabled(seed: int) -> None:
    # Soft friction lets leaning blocks creep by some tenths of a millimetre a second: it is
    # sleeping that holds them for good.
    scene, data = placed(draw_scenario(seed, 10))
    before = positions(scene, data)
    seconds(scene, data, 1.0)
    assert np.linalg.norm(positions(scene, data) - before, axis=1).max() < 1e-3


def kind_of(scene: Scene, geom: int) -> str:
    name = scene.model.geom(geom).name
    body = scene.model.body(scene.model.geom_bodyid[geom]).name
    return "object" if body.startswith("object") else name


def test_pairwise_friction_is_the_published_one() -> None:
    world = PushWorld(WorldConfig(scene=FLYING, use_gl=False))
    blocks = [block("cube", -0.5, 0.0, 0.025), block("plate", -0.5, 0.0, 0.0625)]
    blocks += [block("cylinder", -0.56, 0.0, 0.025), block("prism", -0.5, 0.1, 0.0164)]
    world.reset(scenario(*blocks))
    seen: dict[tuple[str, str], set[float]] = defaultdict(set)

    def note() -> None:
        contact = world.data.contact
        for geoms, friction in zip(contact.geom, contact.friction, strict=True):
            pair = tuple(sorted(kind_of(world.scene, g) for g in geoms))
            seen[pair] |= {round(float(friction[0]), 6), round(float(friction[1]), 6)}

    world.execute(Push(112, 140, 8), np.zeros((224, 224), np.float32), note)
    assert seen["object", "table"] == {0.71}
    assert seen["object", "object"] == {0.50}
    assert seen["fingers", "object"] == {0.36}


def slides(upper: int, degrees_from: float, blocks: list[Block], friction: float) -> float:
    """How far block `upper` slides in half a second when gravity is tilted past a coefficient."""
    scene, data = placed(scenario(*blocks))
    seconds(scene, data, 0.3)
    angle = math.atan(friction) + math.radians(degrees_from)
    scene.model.opt.gravity[:] = (GRAVITY * math.sin(angle), 0.0, -GRAVITY * math.cos(angle))
    before = positions(scene, data)[upper]
    seconds(scene, data, 0.5)
    return float((positions(scene, data)[upper] - before)[0])


@pytest.mark.parametrize(
    ("upper", "blocks", "friction"),
    [
        (0, [block("plate", -0.5, 0.0, 0.0125)], 0.71),
        (1, [block("slab", -0.5, 0.0, 0.0125), block("plate", -0.5, 0.0, 0.0375)], 0.50),
    ],
    ids=["on the table", "on a block"],
)
def test_a_block_starts_to_slide_at_the_friction_angle(
    upper: int, blocks: list[Block], friction: float
) -> None:
    assert abs(slides(upper, -1.5, blocks, friction)) < 0.002
    past = slides(upper, 1.5, blocks, friction)
    angle = math.atan(friction) + math.radians(1.5)
    acceleration = GRAVITY * (math.sin(angle) - friction * math.cos(angle))
    assert past == pytest.approx(acceleration * 0.5**2 / 2, rel=0.15)


@pytest.mark.parametrize("speed", [0.1, 0.2])
def test_a_rolling_cylinder_stops_where_rolling_friction_says(speed: float) -> None:
    lying = Block("cylinder", "red", (-0.6, 0.0, 0.7225), (math.sqrt(0.5), math.sqrt(0.5), 0, 0))
    scene, data = placed(scenario(lying))
    velocity = scene.qvel_addresses[0]
    data.qvel[velocity] = speed
    data.qvel[velocity + 5] = -speed / 0.0225  # about its own axis: rolling, not sliding
    seconds(scene, data, 3.0)
    # Lever arm 0.75 mm on 22.5 mm; two thirds because a cylinder's spin stores half as much.
    deceleration = 0.00075 / 0.0225 * GRAVITY * 2 / 3
    moved = positions(scene, data)[0, 0] + 0.6
    assert moved == pytest.approx(speed**2 / (2 * deceleration), rel=0.05)
    assert np.abs(data.qvel[velocity : velocity + 3]).max() < 1e-3


def run(seed: int) -> bytes:
    """Everything that three pushes leave behind."""
    world = PushWorld(WorldConfig(use_gl=False))
    world.reset(draw_scenario(seed, 6))
    record = []
    for push in (Push(90, 150, 8), Push(112, 60, 2), Push(150, 112, 12)):
        world.execute(push, world.observe())
        record += [world.object_poses().tobytes(), world.data.qvel.tobytes()]
    return b"".join([*record, world.observe().tobytes()])


def test_the_same_seed_gives_the_same_trajectory_bit_for_bit() -> None:
    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_snapshot_repeats_exactly_noise_included() -> None:
    camera = Camera(noise=0.001, holes=0.01)
    world = PushWorld(WorldConfig(scene=SceneConfig(camera=camera), use_gl=False))
    world.reset(draw_scenario(2, 8))
    world.execute(Push(100, 140, 8), world.observe())
    state = world.snapshot()
    heightmap = world.observe()

    def onwards() -> list[bytes]:
        outcome = world.execute(Push(112, 100, 4), heightmap)
        after = [world.object_poses(), world.data.qvel, world.data.ctrl, world.observe()]
        return [repr(outcome).encode(), *(a.tobytes() for a in after)]

    first, status = onwards(), world.status
    world.restore(state)
    assert (world.observe() == heightmap).all()
    assert onwards() == first
    assert world.status == status
