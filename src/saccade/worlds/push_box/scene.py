"""The MuJoCo model of the table, the box, the blocks, the camera and the arm.

Friction. The authors' pairwise coefficients are object-table 0.71, object-object 0.50 and
object-finger 0.36. MuJoCo takes the larger of two geoms' values unless one has priority, so the
table carries 0.71, the objects 0.50, and the fingers 0.36 with priority.

Rolling. A cylinder on its side that never stops would make every task a matter of luck. A wooden
roller on a felt-topped table has a rolling resistance of some percent of its weight; rolling
geoms get condim 6 and ROLLING_FRICTION, which is 3 % of a 25 mm radius.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

import mujoco
from tyro.conf import Suppress

from saccade.errors import UserInputError
from saccade.worlds.cameras import Camera
from saccade.worlds.push_box.box import BOX_DEPTH, BOX_HALF, BoxPlacement, add_box, add_slab
from saccade.worlds.push_box.looks import (
    FLOOR,
    add_cameras,
    add_lights,
    set_visuals,
)
from saccade.worlds.robots.ur5e import add_flying_gripper, add_position_servos, add_ur5e
from saccade.worlds.scenarios import Scenario
from saccade.worlds.shapes import COLOURS, SHAPES, add_block, add_shape_meshes
from saccade.worlds.workspace import Workspace

FRICTION_TABLE, FRICTION_OBJECT = 0.71, 0.50
ROLLING_FRICTION = 0.00075
"""Rolling resistance as a lever arm [m]."""
TORSIONAL_FRICTION = 0.005
"""Patch radius that resists spinning on the spot [m]."""

SHORTEST_STEP, LONGEST_STEP = 1e-4, 0.02
"""Of the simulation [s]: a push takes 100 times as long below, and contacts burst above."""
TABLE_THICKNESS = 0.03
"""[m]."""

__all__ = ["BOX_DEPTH", "BOX_HALF", "BoxPlacement", "Scene", "SceneConfig", "build_scene"]


@dataclass(frozen=True)
class SceneConfig:
    """Everything that shapes the MuJoCo model.

    Attributes:
        workspace: The table's top, seen as an image.
        box: Place of the box; None for no box (the gathering task).
        arm: Whether the UR5e carries the gripper; without it the gripper flies.
        timestep: Simulation step [s].
        camera: The depth camera.
    """

    workspace: Annotated[Workspace, Suppress] = Workspace()
    box: BoxPlacement | None = field(default_factory=BoxPlacement)
    arm: bool = True
    timestep: Annotated[float, Suppress] = 0.004
    camera: Camera = field(default_factory=Camera)

    def __post_init__(self) -> None:
        if not SHORTEST_STEP <= self.timestep <= LONGEST_STEP:
            raise UserInputError(
                f"timestep is {self.timestep}; expected {SHORTEST_STEP:g} to {LONGEST_STEP:g} s"
            )


@dataclass(frozen=True)
class Scene:
    """A compiled model and the addresses that the world needs.

    Attributes:
        model: The MuJoCo model.
        config: What it was built from.
        names: Names of the objects' bodies.
    """

    model: mujoco.MjModel
    config: SceneConfig
    names: tuple[str, ...]

    @cached_property
    def object_bodies(self) -> list[int]:
        """Body ids of the objects."""
        return [self.model.body(name).id for name in self.names]

    @cached_property
    def qpos_addresses(self) -> list[int]:
        """First qpos index of each object's free joint."""
        return [int(self.model.joint(name).qposadr[0]) for name in self.names]

    @cached_property
    def qvel_addresses(self) -> list[int]:
        """First qvel index of each object's free joint."""
        return [int(self.model.joint(name).dofadr[0]) for name in self.names]


def build_scene(scenario: Scenario, config: SceneConfig) -> Scene:
    """Compile the model of a scenario's objects; their poses are set by the world."""
    spec, names = scene_spec(scenario, config)
    if config.arm:
        add_ur5e(spec.worldbody, (0.0, 0.0, config.workspace.table_height))
        add_position_servos(spec)
    else:
        add_flying_gripper(spec)
    return Scene(spec.compile(), config, names)


def scene_spec(scenario: Scenario, config: SceneConfig) -> tuple[mujoco.MjSpec, tuple[str, ...]]:
    """The scene without anything that pushes, and the names of the objects' bodies."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    _set_options(spec, config.timestep)
    set_visuals(spec)
    add_shape_meshes(spec)
    world = spec.worldbody
    _add_furniture(spec, config)
    names = []
    for i, block in enumerate(scenario.objects):
        shape = SHAPES[block.shape]
        body = world.add_body(name=f"object_{i}", pos=block.position, quat=block.quaternion)
        body.add_freejoint(name=f"object_{i}")
        add_block(
            body,
            shape,
            COLOURS[block.colour],
            friction=[FRICTION_OBJECT, TORSIONAL_FRICTION, ROLLING_FRICTION if shape.rolls else 0],
            condim=6 if shape.rolls else 3,
            group=0,
        )
        names.append(f"object_{i}")
    return spec, tuple(names)


def _set_options(spec: mujoco.MjSpec, timestep: float) -> None:
    option = spec.option
    option.timestep = timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 5.0  # firm friction: blocks at rest do not creep
    option.enableflags = int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    option.sleep_tolerance = 0.005


def _add_furniture(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    world, ws = spec.worldbody, config.workspace
    top = ws.table_height
    x, y = (ws.x_min, ws.x_min + ws.size), (ws.y_min, ws.y_min + ws.size)
    solid = {"friction": [FRICTION_TABLE, TORSIONAL_FRICTION, 0.0], "condim": 3, "group": 0}
    add_slab(world, "table", x, y, (top - TABLE_THICKNESS, top), [0.82, 0.70, 0.55, 1], **solid)
    legs = (x[0] + 0.13, x[1] - 0.13), (y[0] + 0.13, y[1] - 0.13)
    seen = {"contype": 0, "conaffinity": 0, "group": 1}
    add_slab(world, "leg", *legs, (0.0, top - TABLE_THICKNESS), [0.60, 0.52, 0.43, 1], **seen)
    base = (-0.09, 0.09)
    add_slab(world, "pedestal", base, base, (0, top), [0.42, 0.45, 0.50, 1], **seen)
    # Objects on the floor are out of the task; heavy rolling friction stops them soon.
    world.add_geom(
        name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 0.1], rgba=FLOOR,
        friction=[1.0, 0.05, 0.02], condim=6, priority=2, group=0,
    )  # fmt: skip
    if config.box is not None:
        add_box(
            world,
            config.box,
            ws,
            **(solid | {"friction": [FRICTION_OBJECT, TORSIONAL_FRICTION, 0.0]}),
        )
    add_lights(world)
    add_cameras(world, config.camera, ws)
