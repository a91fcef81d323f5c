"""The MuJoCo model of a task: a table, a Panda, the front camera and the task's objects.

It is compiled once; where things stand, the light and the camera are set at each reset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import mujoco
import numpy as np

from saccade.errors import UserInputError
from saccade.worlds.cameras import looking_at
from saccade.worlds.robots.panda import add_panda, set_contact_options
from saccade.worlds.tabletop.blocks import SOLID, box, cylinder, sphere
from saccade.worlds.tabletop.camera import FARTHEST_SEEN, NEAREST, FrontCamera
from saccade.worlds.tabletop.disturbances import DISTRACTORS
from saccade.worlds.tabletop.pose import Pose, Vector
from saccade.worlds.tabletop.task import Task

TABLE, WALL, FLOOR = (0.78, 0.72, 0.62), (0.70, 0.74, 0.78), (0.45, 0.45, 0.47)
"""Colours of what is not the task's."""
TABLE_MIDDLE, TABLE_HALF = (0.35, 0.0), (0.65, 0.80)
"""Middle and half sides of the table's top [m]."""
TABLE_THICKNESS = 0.06
"""[m]; what is dropped sinks in by less."""
WALL_AT, FLOOR_AT = -1.0, -0.75
"""Where the wall behind the robot and the floor are [m]: the camera always sees something."""
FRONT, OVERVIEW = "front", "overview"
"""Names of the cameras."""
HAND = "hand"
"""Name of the Panda's hand."""


class SceneBuilder:
    """What a task's `objects` adds its bodies to."""

    def __init__(self) -> None:
        self.spec = mujoco.MjSpec()
        self.spec.compiler.degree = False
        self.masses: dict[str, float] = {}
        self.standing_names: list[str] = []
        self.joint_names: list[str] = []

    def loose(self, name: str, mass: float) -> mujoco.MjsBody:
        """Add an object that can be moved, with its origin at the middle of its bottom.

        Args:
            name: Name of the object.
            mass: Mass [kg], spread over its solid parts by their volumes.
        """
        body = self.spec.worldbody.add_body(name=name)
        body.add_freejoint(name=name)
        self.masses[name] = mass
        return body

    def standing(self, name: str) -> mujoco.MjsBody:
        """Add an object that nothing can move."""
        self.standing_names.append(name)
        return self.spec.worldbody.add_body(name=name, mocap=True)

    def sliding(
        self, parent: mujoco.MjsBody, name: str, at: Pose, axis: Vector, travel: float,
        *, mass: float, stiffness: float = 0.0, damping: float = 1.0,
    ) -> mujoco.MjsBody:  # fmt: skip
        """Add a part that slides along an axis of its object; `state.joints` has its position.

        Args:
            parent: The object.
            name: Name of the joint.
            at: Pose of the part in the object's frame where the joint is at 0.
            axis: Direction of positive positions.
            travel: Largest position [m]; 0 is the smallest.
            mass: Mass of the part [kg].
            stiffness: Stiffness of the spring that returns it to 0 [N/m].
            damping: Force against its speed [N s/m].
        """
        body = parent.add_body(name=name, pos=at.position, quat=at.quaternion, gravcomp=1.0)
        body.add_joint(
            name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, limited=True,
            range=[0.0, travel], stiffness=stiffness, damping=damping,
        )  # fmt: skip
        self.spec.add_exclude(bodyname1=parent.name, bodyname2=name)
        self.masses[name] = mass
        self.joint_names.append(name)
        return body

    def compile(self) -> mujoco.MjModel:
        """The model, with every object's mass."""
        for name, mass in self.masses.items():
            geoms = [g for g in self.spec.body(name).geoms if g.contype]
            if not geoms:
                raise UserInputError(f"object {name!r} has no solid part; expected one or more")
            volumes = [_volume(geom) for geom in geoms]
            for geom in self.spec.body(name).geoms:
                geom.mass = 0.0
            for geom, volume in zip(geoms, volumes, strict=True):
                geom.mass = mass * volume / sum(volumes)
        return self.spec.compile()


@dataclass(frozen=True)
class Scene:
    """A compiled task.

    Attributes:
        model: The MuJoCo model.
        loose: Names of the objects that can be moved, the distractors at the end.
        standing: Names of those that cannot.
        joints: Names of the objects' own joints.
        distractors: Names of the foreign objects among the loose ones.
    """

    model: mujoco.MjModel
    loose: tuple[str, ...]
    standing: tuple[str, ...]
    joints: tuple[str, ...]
    distractors: tuple[str, ...] = ()

    @cached_property
    def qpos(self) -> dict[str, slice]:
        """Where in qpos the pose of each loose object stands."""
        starts = {name: int(self.model.joint(name).qposadr[0]) for name in self.loose}
        return {name: slice(start, start + 7) for name, start in starts.items()}

    @cached_property
    def qvel(self) -> dict[str, slice]:
        """Where in qvel the velocity of each loose object stands."""
        starts = {name: int(self.model.joint(name).dofadr[0]) for name in self.loose}
        return {name: slice(start, start + 6) for name, start in starts.items()}

    @cached_property
    def mocap(self) -> dict[str, int]:
        """Mocap index of each standing object."""
        return {name: int(self.model.body(name).mocapid[0]) for name in self.standing}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all of the task's objects."""
        return tuple(n for n in (*self.loose, *self.standing) if n not in self.distractors)

    @cached_property
    def name_of_body(self) -> dict[int, str]:
        """Object that each body belongs to."""
        roots = {int(self.model.body(name).id): name for name in (*self.loose, *self.standing)}
        bodies = range(self.model.nbody)
        owner = {b: roots.get(int(self.model.body_rootid[b])) for b in bodies}
        return {body: name for body, name in owner.items() if name is not None}

    def geoms(self, name: str) -> list[int]:
        """Solid geoms of an object."""
        model = self.model
        owned = [b for b, owner in self.name_of_body.items() if owner == name]
        return [g for g in range(model.ngeom) if model.geom_bodyid[g] in owned]


def build_scene(
    task: Task,
    camera: FrontCamera | None = None,
    timestep: float = 0.002,
    distractors: int = 0,
    attach: bool = False,
) -> Scene:
    """Compile a task's model.

    Args:
        task: The task.
        camera: The front camera.
        timestep: Simulation step [s].
        distractors: Number of foreign objects.
        attach: Whether loose objects can be fixed to the hand.
    """
    builder = SceneBuilder()
    spec = builder.spec
    set_contact_options(spec, timestep)
    _set_visuals(spec)
    _add_furniture(spec.worldbody)
    _add_cameras(spec.worldbody, camera or FrontCamera())
    add_panda(spec)
    task.objects(builder)
    foreign = [_add_distractor(builder, i) for i in range(distractors)]
    loose = tuple(name for name in builder.masses if name not in builder.joint_names)
    for name in loose if attach else ():
        spec.add_equality(
            name=weld_name(name), type=mujoco.mjtEq.mjEQ_WELD, objtype=mujoco.mjtObj.mjOBJ_BODY,
            name1=HAND, name2=name, active=False,
        )  # fmt: skip
    model = builder.compile()
    return Scene(
        model, loose, tuple(builder.standing_names), tuple(builder.joint_names), tuple(foreign)
    )


def weld_name(name: str) -> str:
    """Name of the constraint that fixes an object to the hand."""
    return f"attach_{name}"


def _volume(geom: mujoco.MjsGeom) -> float:
    """Volume of a primitive [m^3]."""
    a, b, c = (float(v) for v in geom.size)
    match geom.type:
        case mujoco.mjtGeom.mjGEOM_BOX:
            return 8 * a * b * c
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            return 2 * math.pi * a * a * b
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            return 2 * math.pi * a * a * b + 4 / 3 * math.pi * a**3
        case _:
            return 4 / 3 * math.pi * a**3


def _add_distractor(builder: SceneBuilder, i: int) -> str:
    name, colour, size = DISTRACTORS[i]
    body = builder.loose(name, mass=0.1)
    if len(size) == 3:
        box(body, size, colour, Pose.at(z=size[2] / 2))
    elif len(size) == 2:
        cylinder(body, size[0], size[1], colour, Pose.at(z=size[1] / 2))
    else:
        sphere(body, size[0], colour, Pose.at(z=size[0]))
    return name


def _set_visuals(spec: mujoco.MjSpec) -> None:
    visual = spec.visual
    spec.stat.extent = 1.0
    spec.stat.center = [0.4, 0.0, 0.2]
    visual.map.znear, visual.map.zfar = NEAREST, FARTHEST_SEEN
    visual.map.fogstart, visual.map.fogend = 10.0, 20.0  # no fog: the wall ends the view
    visual.map.shadowclip = 2.0  # the shadows' reach, beyond the table's edges
    visual.headlight.ambient = [0.40, 0.40, 0.40]
    visual.headlight.diffuse = [0.25, 0.25, 0.25]
    visual.headlight.specular = [0.0, 0.0, 0.0]


def _add_furniture(world: mujoco.MjsBody) -> None:
    """A table whose top is z = 0, a wall behind the robot, a floor and a light."""
    plane = mujoco.mjtGeom.mjGEOM_PLANE
    # A box: MuJoCo's contacts of a plane with an upright cylinder are noise, some 10 mm deep.
    half = TABLE_THICKNESS / 2
    world.add_geom(
        name="table", type=mujoco.mjtGeom.mjGEOM_BOX, size=[*TABLE_HALF, half],
        pos=[*TABLE_MIDDLE, -half], rgba=[*TABLE, 1], **SOLID,
    )  # fmt: skip
    seen = {"contype": 0, "conaffinity": 0, "group": 1}
    facing_x = [math.cos(math.pi / 4), 0.0, math.sin(math.pi / 4), 0.0]
    world.add_geom(
        name="wall", type=plane, size=[3.0, 6.0, 0.1], pos=[WALL_AT, 0.0, 0.0], quat=facing_x,
        rgba=[*WALL, 1], **seen,
    )  # fmt: skip
    world.add_geom(
        name="floor", type=plane, size=[6.0, 6.0, 0.1], pos=[0.0, 0.0, FLOOR_AT],
        rgba=[*FLOOR, 1], **seen,
    )  # fmt: skip
    world.add_light(
        name="lamp", pos=[1.0, 0.8, 2.5], dir=[-0.35, -0.35, -1.0], castshadow=True,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, diffuse=[0.55, 0.55, 0.53],
        specular=[0.1, 0.1, 0.1], ambient=[0.0, 0.0, 0.0],
    )  # fmt: skip


def _add_cameras(world: mujoco.MjsBody, camera: FrontCamera) -> None:
    pose = camera.T_world_camera
    right, down = pose[:3, 0], pose[:3, 1]
    world.add_camera(
        name=FRONT, pos=camera.position, fovy=math.degrees(camera.field_of_view),
        xyaxes=[*right, *(-down)],
    )  # fmt: skip
    eye, target = np.array([1.35, -1.05, 0.85]), np.array([0.30, 0.0, 0.24])
    world.add_camera(name=OVERVIEW, pos=eye, fovy=39, xyaxes=looking_at(eye, target))
