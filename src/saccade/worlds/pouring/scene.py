"""The scene of a sequence as a MuJoCo model whose geoms and meshes are placed frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float, UInt8

from saccade.worlds.pouring import hand, liquid, meshes
from saccade.worlds.pouring.cups import SIDES
from saccade.worlds.pouring.script import GRAVITY, Course, Plan

MESH, CAPSULE, BOX = (
    mujoco.mjtGeom.mjGEOM_MESH,
    mujoco.mjtGeom.mjGEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_BOX,
)
BONES = (hand.FINGERS + 0) * hand.JOINTS + 3
STREAM_RINGS, STREAM_SIDES = 8, 8


@dataclass(frozen=True)
class Paint:
    """Colour (r, g, b, a), or a texture."""

    rgba: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    texture: UInt8[np.ndarray, "h w 3"] | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    shine: float = 0.3


@dataclass(frozen=True)
class Look:
    """Colours and lights of a scene.

    Attributes:
        table: Paint of the table.
        floor: Paint of the floor.
        walls: Paint of the four walls.
        source: Paint of the cup that is poured from.
        target: Paint of the cup that is poured into.
        liquid: Paint of the liquid.
        skin: Paint of the hand.
        sleeve: Paint of the sleeve.
        light: Direction of the key light, and its strength.
        ambient: Strength of the light from everywhere.
    """

    table: Paint
    floor: Paint
    walls: tuple[Paint, ...]
    source: Paint
    target: Paint
    liquid: Paint
    skin: Paint
    sleeve: Paint
    light: tuple[float, float, float] = (0.3, 0.3, -1.0)
    strength: float = 0.6
    ambient: float = 0.4


class PouringScene:
    """A compiled scene, and the poses of everything that moves in it.

    Args:
        plan: What happens.
        course: The state of every frame.
        look: Colours and lights.
        views: Number of cameras.
    """

    def __init__(self, plan: Plan, course: Course, look: Look, views: int) -> None:
        self.model = _compile(plan, look, views)
        self.data = mujoco.MjData(self.model)
        mujoco.mj_forward(self.model, self.data)
        self._local = self.data.geom_xpos.copy(), self.data.geom_xmat.reshape(-1, 3, 3).copy()
        self._geoms = {
            name: np.flatnonzero(self.model.geom_bodyid == self.model.body(name).id)
            for name in ("source", "target")
        }
        self._bones = np.array([self.model.geom(f"bone_{i}").id for i in range(BONES + 2)])
        self._course = course
        self._capsules = _arm(plan, course)
        self._liquids = _liquids(plan, course)
        for name in self._liquids:
            geom = self.model.geom(name).id
            self.data.geom_xpos[geom], self.data.geom_xmat[geom] = 0.0, np.eye(3).ravel()
        self._put("target", plan.target_at, np.eye(3))

    @property
    def moving_meshes(self) -> list[int]:
        """Ids of the meshes that change from frame to frame."""
        return [self.model.mesh(name).id for name in self._liquids]

    def pose(self, frame: int) -> None:
        """Put everything where it is in a frame."""
        self._put("source", self._course.source[frame], self._course.rotation[frame])
        starts, ends = (side[frame] for side in self._capsules)
        self.data.geom_xpos[self._bones] = (starts + ends) / 2
        along = ends - starts
        length = np.linalg.norm(along, axis=-1)
        self.data.geom_xmat[self._bones] = _frames_along(along / length[:, None]).reshape(-1, 9)
        self.model.geom_size[self._bones, 1] = length / 2
        for name, (vertices, normals) in self._liquids.items():
            mesh = self.model.mesh(name)
            start, count = int(mesh.vertadr[0]), int(mesh.vertnum[0])
            self.model.mesh_vert[start : start + count] = vertices[frame]
            start = int(self.model.mesh_normaladr[mesh.id])
            self.model.mesh_normal[start : start + count] = normals[frame]

    def place_camera(
        self,
        view: int,
        eye: Float[np.ndarray, "3"],
        axes: Float[np.ndarray, "3 3"],
        fovy: float,
    ) -> None:
        """Put the camera of a view; the columns of `axes` are right, up and backward."""
        self.data.cam_xpos[view], self.data.cam_xmat[view] = eye, axes.ravel()
        self.model.cam_fovy[view] = np.degrees(fovy)

    def _put(
        self, name: str, at: Float[np.ndarray, "3"], rotation: Float[np.ndarray, "3 3"]
    ) -> None:
        places, turns = self._local
        for geom in self._geoms[name]:
            self.data.geom_xpos[geom] = at + rotation @ places[geom]
            self.data.geom_xmat[geom] = (rotation @ turns[geom]).ravel()


def _frames_along(z: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3 3"]:
    """Rotations whose z axes are given."""
    aside = np.where(np.abs(z[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    x = np.cross(aside, z)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _arm(
    plan: Plan, course: Course
) -> tuple[Float[np.ndarray, "n b 3"], Float[np.ndarray, "n b 3"]]:
    """Ends of the bones of hand and arm in the world, frame by frame [m]."""
    shape = hand.HandShape(plan.side)
    radius = plan.source.radius_at(plan.hold)
    found = hand.bones(shape, radius, course.aperture)
    cos, sin = np.cos(plan.grip), np.sin(plan.grip)
    rotation = course.rotation @ np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    starts, ends = (
        course.hand[:, None] + np.einsum("nij,nbj->nbi", rotation, side)
        for side in (found.starts, found.ends)
    )
    wrist = course.hand + rotation @ hand.wrist(radius)
    elbow = np.array([plan.side * 0.3, -0.6, 0.12])
    away = elbow - wrist
    away /= np.linalg.norm(away, axis=-1, keepdims=True)
    root = course.hand + rotation @ (hand.wrist(radius) - [0.04, 0.0, 0.0])
    sleeve = wrist + shape.sleeve * away
    starts = np.concatenate([starts, root[:, None], sleeve[:, None]], axis=1)
    ends = np.concatenate([ends, sleeve[:, None], (wrist + 0.35 * away)[:, None]], axis=1)
    return starts, ends


def _liquids(plan: Plan, course: Course) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Vertices [m] and normals in the world of the three bodies of liquid, frame by frame."""
    n = len(course.tilt)
    still = np.broadcast_to(np.eye(3), (n, 3, 3))
    zero = np.zeros(n)
    volumes = course.volumes
    return {
        "liquid_source": _in_cup(
            plan.source, course.tilt, volumes[:, 0], course.rotation, course.source
        ),
        "liquid_target": _in_cup(
            plan.target, zero, volumes[:, 1], still, np.broadcast_to(plan.target_at, (n, 3))
        ),
        "stream": _stream(plan, course),
    }


def _in_cup(shape, tilts, volumes, rotations, places):
    levels = liquid.level_of(shape, tilts, volumes)
    middle, points = liquid.surface(shape, tilts, levels)
    rim = points[:, liquid.RIM]
    up = liquid.up_in_cup(tilts)
    out = points - [0.0, 0.0, 1.0] * points
    out = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)
    local = np.concatenate([points, rim, middle[:, None]], axis=1)
    top = np.broadcast_to(up[:, None], (*rim.shape[:1], rim.shape[1] + 1, 3))
    normals = np.concatenate([out, top], axis=1)
    local = np.where((volumes > 1e-7)[:, None, None], local, [0.0, 0.0, shape.floor])
    # A hair inside the wall, so that it never shows through.
    local = local * [0.985, 0.985, 1.0]
    world = places[:, None] + np.einsum("nij,npj->npi", rotations, local)
    return world, np.einsum("nij,npj->npi", rotations, normals)


def _stream(plan: Plan, course: Course):
    n = len(course.tilt)
    levels = liquid.level_of(plan.target, np.zeros(n), course.volumes[:, 1])
    start = course.lip
    drop = start[:, 2] - (plan.target_at[2] + levels)
    time = np.sqrt(2 * np.maximum(drop, 1e-4) / GRAVITY)[:, None] * np.linspace(0, 1, STREAM_RINGS)
    centre = start[:, None] + plan.speed * time[..., None] * plan.direction
    centre[..., 2] -= GRAVITY / 2 * time**2
    flowing = course.flow > 0
    wide = np.where(flowing, 0.002 + 0.003 * np.sqrt(course.flow / max(course.flow.max(), 1e-9)), 0)
    angle = 2 * np.pi * np.arange(STREAM_SIDES) / STREAM_SIDES
    side = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    points = centre[:, :, None] + wide[:, None, None, None] * side
    normals = np.broadcast_to(side, points.shape)
    return points.reshape(n, -1, 3), normals.reshape(n, -1, 3)


def _compile(plan: Plan, look: Look, views: int) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    spec.visual.quality.numslices, spec.visual.quality.numstacks = 12, 6
    spec.visual.headlight.active = 1
    spec.visual.headlight.ambient = [look.ambient] * 3
    spec.visual.headlight.diffuse = [0.25] * 3
    spec.visual.headlight.specular = [0.0] * 3
    spec.stat.extent = 1.0
    spec.visual.map.znear, spec.visual.map.zfar = 0.02, 12.0
    spec.visual.map.fogstart, spec.visual.map.fogend = 50.0, 60.0
    world = spec.worldbody
    world.add_light(
        pos=[0, 0, 2], dir=look.light, castshadow=False,
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, diffuse=[look.strength] * 3,
        specular=[0.3] * 3, ambient=[0.0] * 3,
    )  # fmt: skip
    _add(spec, world, "table", look.table, type=BOX, size=[0.45, 0.35, 0.02], pos=[0, 0, -0.02])
    _add(spec, world, "floor", look.floor, type=BOX, size=[2.5, 2.5, 0.02], pos=[0, 0, -0.75])
    for i, (x, y) in enumerate(((0, 1), (1, 0), (0, -1), (-1, 0))):
        size = [0.02 if x else 1.6, 0.02 if y else 1.6, 1.6]
        _add(
            spec,
            world,
            f"wall_{i}",
            look.walls[i],
            type=BOX,
            size=size,
            pos=[1.6 * x, 1.6 * y, 0.8],
        )
    for name, cup in (("source", plan.source), ("target", plan.target)):
        vertices, faces, where = meshes.cup_mesh(cup)
        spec.add_mesh(
            name=name, uservert=vertices.ravel(), userface=faces.ravel(),
            usertexcoord=where.ravel(), userfacetexcoord=faces.ravel(),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )  # fmt: skip
        body = world.add_body(name=name)
        _add(spec, body, name, getattr(look, name), type=MESH, meshname=name)
    for i in range(BONES + 2):
        paint = look.sleeve if i == BONES + 1 else look.skin
        radius = _radii(plan)[i]
        _add(spec, world, f"bone_{i}", paint, type=CAPSULE, size=[radius, 0.01, 0])
    for name, (vertices, faces) in _moving_meshes(plan).items():
        spec.add_mesh(
            name=name, uservert=vertices.ravel(), userface=faces.ravel(),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )  # fmt: skip
        _add(spec, world, name, look.liquid, type=MESH, meshname=name)
    for view in range(views):
        world.add_camera(name=f"view_{view}")
    return spec.compile()


def _radii(plan: Plan) -> np.ndarray:
    shape = hand.HandShape(plan.side)
    found = hand.bones(shape, 0.04, np.zeros(1)).radii
    return np.concatenate([found, [shape.forearm, shape.forearm * 1.5]])


def _moving_meshes(plan: Plan) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Vertices that a compiler accepts, and the faces, of what changes its form."""
    points = liquid.rings(plan.source)
    n = len(points)
    lid = np.concatenate([points[liquid.RIM] + [0, 0, 0.001], [[0, 0, 0.3]]])
    cap = np.array([(n + SIDES, n + i, n + (i + 1) % SIDES) for i in range(SIDES)])
    cup = np.concatenate([points, lid]), np.concatenate([liquid.TRIANGLES, cap])
    angle = 2 * np.pi * np.arange(STREAM_SIDES) / STREAM_SIDES
    tube = np.array([[np.cos(a), np.sin(a), -r] for r in range(STREAM_RINGS) for a in angle])
    faces = []
    for r in range(STREAM_RINGS - 1):
        for i in range(STREAM_SIDES):
            a, b = r * STREAM_SIDES + i, r * STREAM_SIDES + (i + 1) % STREAM_SIDES
            faces += [(a, a + STREAM_SIDES, b), (b, a + STREAM_SIDES, b + STREAM_SIDES)]
    return {"liquid_source": cup, "liquid_target": cup, "stream": (tube, np.array(faces))}


def _add(spec: mujoco.MjSpec, body: mujoco.MjsBody, name: str, paint: Paint, **geom) -> None:
    material = spec.add_material(name=name, specular=paint.shine, shininess=0.5, rgba=paint.rgba)
    if paint.texture is not None:
        h, w = paint.texture.shape[:2]
        texture = spec.add_texture(
            name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=w, height=h, nchannel=3
        )
        texture.data = paint.texture.tobytes()
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
        material.texrepeat = paint.repeat
    body.add_geom(name=name, material=name, contype=0, conaffinity=0, **geom)
