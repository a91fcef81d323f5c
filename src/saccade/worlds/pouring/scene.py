"""The scene of a sequence as a MuJoCo model, whose parts are put in place frame by frame."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from jaxtyping import Float

from saccade.worlds.pouring.appearance import Appearance, Light
from saccade.worlds.pouring.bodies import Surface, arm_bones, liquids
from saccade.worlds.pouring.clutter import TABLE
from saccade.worlds.pouring.meshes import Mesh, cup_mesh
from saccade.worlds.pouring.paints import Paint
from saccade.worlds.pouring.plan import Plan
from saccade.worlds.pouring.script import Course

_MESH, _CAPSULE, _BOX = (
    mujoco.mjtGeom.mjGEOM_MESH,
    mujoco.mjtGeom.mjGEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_BOX,
)
_CENTRE = (0.0, 0.0, 0.1)
"""Middle of what the lamp shines on [m]."""
_SHADOWED = 0.45
"""Half the side of the square in which the lamp throws shadows [m]."""
_WALLS = 1.5
"""Distance of the walls from the middle of the room [m]."""
_SHELL = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL


class PouringScene:
    """A compiled scene; nothing in it obeys physics.

    Args:
        plan: What was drawn of the sequence.
        course: State of every frame.
        appearance: How it looks.
        views: Number of cameras.
    """

    def __init__(self, plan: Plan, course: Course, appearance: Appearance, views: int) -> None:
        self._course = course
        self._starts, self._ends = arm_bones(plan, course, appearance.hand)
        self._liquids = liquids(plan, course)
        self.model = _compile(plan, appearance, self._liquids, views)
        self.data = mujoco.MjData(self.model)
        mujoco.mj_forward(self.model, self.data)
        self._bones = self._ids(f"bone_{i}" for i in range(len(appearance.hand.radii)))
        self._source = int(self.model.geom("source").id)
        # The compiler moves a mesh to its middle; bodies are at the origin so far.
        self._source_place = self.data.geom_xpos[self._source].copy()
        self._source_turn = self.data.geom_xmat[self._source].reshape(3, 3).copy()
        for geom in self._ids(self._liquids):
            self.data.geom_xpos[geom], self.data.geom_xmat[geom] = 0.0, np.eye(3).ravel()

    @property
    def moving_meshes(self) -> list[int]:
        """Ids of the meshes that change their form from frame to frame."""
        return [int(self.model.mesh(name).id) for name in self._liquids]

    def pose(self, frame: int) -> None:
        """Put everything where it is in a frame."""
        data, rotation = self.data, self._course.rotation[frame]
        place = self._course.source[frame] + rotation @ self._source_place
        data.geom_xpos[self._source] = place
        data.geom_xmat[self._source] = (rotation @ self._source_turn).ravel()
        starts, ends = self._starts[frame], self._ends[frame]
        length = np.linalg.norm(ends - starts, axis=-1)
        data.geom_xpos[self._bones] = (starts + ends) / 2
        data.geom_xmat[self._bones] = _turned_to((ends - starts) / length[:, None]).reshape(-1, 9)
        self.model.geom_size[self._bones, 1] = length / 2
        for name, surface in self._liquids.items():
            mesh = int(self.model.mesh(name).id)
            for array, first, values in (
                (self.model.mesh_vert, self.model.mesh_vertadr[mesh], surface.points[frame]),
                (self.model.mesh_normal, self.model.mesh_normaladr[mesh], surface.normals[frame]),
            ):
                array[first : first + len(values)] = values

    def place_camera(
        self,
        view: int,
        eye: Float[np.ndarray, "3"],
        axes: Float[np.ndarray, "3 3"],
        fovy: float,
    ) -> None:
        """Put the camera of a view.

        Args:
            view: Number of the view.
            eye: Optical centre [m].
            axes: Columns right, up and backward.
            fovy: Vertical field of view [rad].
        """
        self.data.cam_xpos[view], self.data.cam_xmat[view] = eye, axes.ravel()
        self.model.cam_fovy[view] = np.degrees(fovy)

    def _ids(self, names: Any) -> list[int]:
        return [int(self.model.geom(name).id) for name in names]


def _turned_to(z: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3 3"]:
    """Rotations that have these z axes."""
    aside = np.where(np.abs(z[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    x = np.cross(aside, z)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _compile(
    plan: Plan, appearance: Appearance, surfaces: dict[str, Surface], views: int
) -> mujoco.MjModel:
    builder = _Builder()
    builder.light(appearance.light)
    builder.room(appearance)
    for name, cup in (("source", plan.source), ("target", plan.target)):
        at = plan.target_at if name == "target" else np.zeros(3)
        builder.mesh(name, cup_mesh(cup), getattr(appearance, name), at)
    for i, thing in enumerate(appearance.clutter):
        builder.mesh(f"thing_{i}", thing.mesh, thing.paint, thing.at, thing.turn)
    for i, radius in enumerate(appearance.hand.radii):
        cloth = i == len(appearance.hand.radii) - 1
        paint = appearance.sleeve if cloth else appearance.skin
        builder.geom(f"bone_{i}", paint, type=_CAPSULE, size=[radius, 0.01, 0.0])
    for name, surface in surfaces.items():
        # Any distinct points will do for the compiler: those of each frame take their places.
        points = np.random.default_rng(0).normal(size=surface.points.shape[1:])
        mesh = Mesh(points, np.zeros((len(points), 2)), surface.faces)
        builder.mesh(name, mesh, appearance.liquid, np.zeros(3))
    for view in range(views):
        builder.spec.worldbody.add_camera(name=f"view_{view}")
    return builder.spec.compile()


class _Builder:
    """A model in the making."""

    def __init__(self) -> None:
        self.spec = spec = mujoco.MjSpec()
        spec.compiler.degree = False
        # At a hundred pixels, rounder capsules cost time and show nothing.
        spec.visual.quality.numslices, spec.visual.quality.numstacks = 10, 4
        spec.stat.extent, spec.stat.center = 1.0, _CENTRE
        spec.visual.map.znear, spec.visual.map.zfar = 0.05, 8.0
        spec.visual.map.shadowclip = _SHADOWED
        spec.visual.map.fogstart, spec.visual.map.fogend = 20.0, 30.0  # behind the walls

    def light(self, light: Light) -> None:
        """Lamp and head light."""
        head = self.spec.visual.headlight
        head.ambient, head.diffuse = [light.ambient] * 3, [light.head] * 3
        head.specular = [0.0] * 3
        direction = np.array(light.direction)
        self.spec.worldbody.add_light(
            pos=_CENTRE - direction, dir=direction, castshadow=True,
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            diffuse=light.lamp, specular=[0.4] * 3, ambient=[0.0] * 3,
        )  # fmt: skip

    def room(self, look: Appearance) -> None:
        """Table, floor and walls."""
        self.geom("table", look.table, type=_BOX, size=[*TABLE, 0.015], pos=[0, 0, -0.015])
        self.geom("floor", look.floor, type=_BOX, size=[_WALLS, _WALLS, 0.02], pos=[0, 0, -0.75])
        for i, (x, y) in enumerate(((0, 1), (1, 0), (0, -1), (-1, 0))):
            size = [0.02 if x else _WALLS, 0.02 if y else _WALLS, _WALLS]
            at = [_WALLS * x, _WALLS * y, _WALLS - 0.75]
            self.geom(f"wall_{i}", look.walls[i], type=_BOX, size=size, pos=at)

    def mesh(
        self, name: str, mesh: Mesh, paint: Paint, at: Float[np.ndarray, "3"], turn: float = 0.0
    ) -> None:
        """A mesh and the geom that shows it."""
        faces = mesh.faces.ravel()
        self.spec.add_mesh(
            name=name, uservert=mesh.vertices.ravel(), userface=faces, inertia=_SHELL,
            usertexcoord=mesh.places.ravel(), userfacetexcoord=faces,
        )  # fmt: skip
        upright = [np.cos(turn / 2), 0.0, 0.0, np.sin(turn / 2)]
        self.geom(name, paint, type=_MESH, meshname=name, pos=at, quat=upright)

    def geom(self, name: str, paint: Paint, **form: Any) -> None:
        """A painted geom that touches nothing."""
        material = self.spec.add_material(
            name=name, rgba=paint.rgba, specular=paint.shine, shininess=0.6
        )
        if paint.texture is not None:
            height, width = paint.texture.shape[:2]
            texture = self.spec.add_texture(
                name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=width, height=height,
                nchannel=3,
            )  # fmt: skip
            texture.data = paint.texture.tobytes()
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
            material.texrepeat = paint.repeat
        self.spec.worldbody.add_geom(name=name, material=name, contype=0, conaffinity=0, **form)
