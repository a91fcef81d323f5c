"""The MuJoCo model of the table, the box, the blocks, the camera and the arm.

Friction. The authors' pairwise coefficients are object-table 0.71, object-object 0.50 and
object-finger 0.36. MuJoCo takes the larger of two geoms' values unless one has priority, so the
table carries 0.71, the objects 0.50, and the fingers 0.36 with priority.

Rolling. A cylinder on its side that never stops would make every task a matter of luck. A wooden
roller on a felt-topped table has a rolling resistance of some percent of its weight; rolling
geoms get condim 6 and ROLLING_FRICTION, which is 3 % of a 25 mm radius.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import mujoco

from saccade.errors import UserInputError
from saccade.worlds.cameras import Camera
from saccade.worlds.robots import add_gripper, add_position_servos, add_ur5e
from saccade.worlds.scenarios import Scenario
from saccade.worlds.shapes import COLOURS, SHAPES, add_block, add_shape_meshes
from saccade.worlds.workspace import Workspace

FRICTION_TABLE, FRICTION_OBJECT = 0.71, 0.50
ROLLING_FRICTION = 0.00075
"""Rolling resistance as a lever arm [m]."""
TORSIONAL_FRICTION = 0.005
"""Patch radius that resists spinning on the spot [m]."""

BOX_HALF = 0.108
BOX_DEPTH = 0.40
BOX_RIM_BELOW = 0.03
WALL = 0.004
TABLE_THICKNESS = 0.03
GROUND_HEIGHT = 0.0

EDGES = ("left", "right", "top", "bottom")
BOX_CENTRE_ALONG = 0.112
"""The box takes half an edge: its centre is this far from the edge's middle [m]."""


@dataclass(frozen=True)
class BoxPlacement:
    """Where the box stands: half of one edge of the table.

    Attributes:
        edge: Edge of the heightmap at which it stands: "left" (column 0, the papers' box),
            "right" (last column), "top" (row 0) or "bottom" (last row).
        offset: Centre along that edge from the edge's middle [m].
    """

    edge: str = "left"
    offset: float = BOX_CENTRE_ALONG

    def __post_init__(self) -> None:
        if self.edge not in EDGES:
            raise UserInputError(f"box edge is {self.edge!r}; expected one of {', '.join(EDGES)}")

    def centre(self, workspace: Workspace) -> tuple[float, float]:
        """World (x, y) of the box's centre [m]; its inner wall starts 4 mm inside the edge."""
        cx, cy = workspace.centre
        out = workspace.size / 2 + BOX_HALF - WALL
        return {
            "left": (cx - out, cy + self.offset),
            "right": (cx + out, cy + self.offset),
            "top": (cx + self.offset, cy - out),
            "bottom": (cx + self.offset, cy + out),
        }[self.edge]

    def mouth(self, workspace: Workspace) -> tuple[float, float]:
        """(row, col) of p_box: the middle of the box's side at the table [pixels]."""
        rows, cols = workspace.shape
        along = workspace.size / 2 + self.offset
        middle = round(along / workspace.pixel)
        return {
            "left": (middle, 0),
            "right": (middle, cols - 1),
            "top": (0, middle),
            "bottom": (rows - 1, middle),
        }[self.edge]


@dataclass(frozen=True)
class SceneConfig:
    """Everything that shapes the MuJoCo model.

    Attributes:
        workspace: The table's top, seen as an image.
        box: Where the box stands; None for no box (the gathering task).
        arm: Whether the UR5e carries the gripper; without it the gripper flies.
        timestep: Simulation step [s].
        camera: The depth camera.
    """

    workspace: Workspace = Workspace()
    box: BoxPlacement | None = field(default_factory=BoxPlacement)
    arm: bool = True
    timestep: float = 0.004
    camera: Camera = field(default_factory=Camera)


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
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    _set_options(spec, config)
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
    if config.arm:
        add_ur5e(world, (0.0, 0.0, config.workspace.table_height))
        add_position_servos(spec)
    else:
        _add_flying_gripper(spec)
    return Scene(spec.compile(), config, tuple(names))


def _set_options(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    option = spec.option
    option.timestep = config.timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 5.0  # firm friction: blocks at rest do not creep
    option.enableflags = int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    option.sleep_tolerance = 0.005
    camera = config.camera
    spec.visual.global_.offwidth = max(camera.width, 960)
    spec.visual.global_.offheight = max(camera.height, 720)
    spec.visual.quality.offsamples = 0  # multisampling doubles the cost of a depth image
    spec.visual.map.znear = 0.01
    spec.visual.headlight.ambient = [0.35, 0.35, 0.35]
    spec.visual.headlight.diffuse = [0.45, 0.45, 0.45]
    spec.visual.headlight.specular = [0.1, 0.1, 0.1]


def _slab(world, name: str, x, y, z, rgba, **geom) -> None:
    """An axis-aligned static box between (x0, x1), (y0, y1), (z0, z1) [m]."""
    world.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[(x[0] + x[1]) / 2, (y[0] + y[1]) / 2, (z[0] + z[1]) / 2],
        size=[(x[1] - x[0]) / 2, (y[1] - y[0]) / 2, (z[1] - z[0]) / 2],
        rgba=rgba,
        **geom,
    )


def _add_furniture(spec: mujoco.MjSpec, config: SceneConfig) -> None:
    world, ws = spec.worldbody, config.workspace
    top = ws.table_height
    x, y = (ws.x_min, ws.x_min + ws.size), (ws.y_min, ws.y_min + ws.size)
    solid = {"friction": [FRICTION_TABLE, TORSIONAL_FRICTION, 0.0], "condim": 3, "group": 0}
    _slab(world, "table", x, y, (top - TABLE_THICKNESS, top), [0.80, 0.74, 0.66, 1], **solid)
    legs = (x[0] + 0.13, x[1] - 0.13), (y[0] + 0.13, y[1] - 0.13)
    seen = {"contype": 0, "conaffinity": 0, "group": 1}
    _slab(world, "leg", *legs, (0.0, top - TABLE_THICKNESS), [0.55, 0.50, 0.45, 1], **seen)
    _slab(world, "pedestal", (-0.09, 0.09), (-0.09, 0.09), (0, top), [0.4, 0.42, 0.45, 1], **seen)
    # Objects on the floor are out of the task; heavy rolling friction stops them soon.
    world.add_geom(
        name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[3, 3, 0.1],
        rgba=[0.62, 0.66, 0.70, 1], friction=[1.0, 0.05, 0.02], condim=6, priority=2, group=0,
    )  # fmt: skip
    if config.box is not None:
        _add_box(world, config.box, ws)
    world.add_light(pos=[-0.6, 0.6, 2.0], dir=[0, -0.3, -1], castshadow=True)
    camera = config.camera
    world.add_camera(
        name="depth", pos=camera.position, quat=camera.quaternion, fovy=math.degrees(camera.fovy)
    )
    world.add_camera(
        name="overview", pos=[-1.35, 0.95, 1.45], fovy=42,
        xyaxes=[-0.68, -0.73, 0.0, 0.37, -0.345, 0.863],
    )  # fmt: skip
    rows, cols = ws.shape
    cx, cy = ws.centre
    world.add_camera(
        name="top", pos=[cx, cy, top + 1.0], proj=mujoco.mjtProjection.mjPROJ_ORTHOGRAPHIC,
        fovy=ws.pixel * rows, xyaxes=[1, 0, 0, 0, 1, 0],
    )  # fmt: skip
    assert rows == cols


def _add_box(world, box: BoxPlacement, ws: Workspace) -> None:
    cx, cy = box.centre(ws)
    top = ws.table_height
    z = (top - BOX_DEPTH - WALL, top - BOX_RIM_BELOW)
    glass = [0.55, 0.75, 0.95, 0.35]
    solid = {"friction": [FRICTION_OBJECT, TORSIONAL_FRICTION, 0.0], "condim": 3, "group": 0}
    x0, x1, y0, y1 = cx - BOX_HALF, cx + BOX_HALF, cy - BOX_HALF, cy + BOX_HALF
    _slab(world, "box_floor", (x0, x1), (y0, y1), (z[0], z[0] + WALL), glass, **solid)
    _slab(world, "box_x0", (x0 - WALL, x0), (y0 - WALL, y1 + WALL), z, glass, **solid)
    _slab(world, "box_x1", (x1, x1 + WALL), (y0 - WALL, y1 + WALL), z, glass, **solid)
    _slab(world, "box_y0", (x0, x1), (y0 - WALL, y0), z, glass, **solid)
    _slab(world, "box_y1", (x0, x1), (y1, y1 + WALL), z, glass, **solid)


def _add_flying_gripper(spec: mujoco.MjSpec) -> None:
    """A gripper on three slides and a yaw hinge: the faster setting without an arm."""
    parent = spec.worldbody
    mover = parent.add_body(name="mover", pos=[0, 0, 0], quat=[0, 1, 0, 0], gravcomp=1.0)
    axes = ([1, 0, 0], [0, -1, 0], [0, 0, -1])
    for name, axis in zip("xyz", axes, strict=True):
        mover.add_joint(
            name=f"fly_{name}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, armature=2.0
        )
    mover.add_joint(name="fly_yaw", type=mujoco.mjtJoint.mjJNT_HINGE, axis=[0, 0, -1], armature=0.2)
    add_gripper(mover, 0.0)
    for name in ("fly_x", "fly_y", "fly_z", "fly_yaw"):
        actuator = spec.add_actuator(
            name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT
        )
        actuator.set_to_position(kp=8000.0 if name != "fly_yaw" else 400.0, dampratio=1.0)
