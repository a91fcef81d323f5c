"""Pictures of primitives and their labels, a scene compiled anew every hundred pictures."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float, UInt8

from saccade.checks import check_counts, check_sizes
from saccade.errors import UserInputError
from saccade.worlds.cameras import MOST_PIXELS
from saccade.worlds.offscreen import PLAIN, OffscreenRenderer
from saccade.worlds.primitives.bodies import KINDS, add_body

CAMERA = "camera"
PICTURES_A_SCENE = 100
"""Pictures between two compilations, which draw textures and bodies anew."""
FARTHEST = 3.0
"""Depth that labels end at [m]."""


@dataclass(frozen=True)
class PrimitivesConfig:
    """Size of pictures and labels, and how much is in them.

    Attributes:
        size: Side of a picture [pixels].
        cell: Side of the square of pixels that share a label, that of its middle [pixels].
        least: Fewest bodies.
        most: Most bodies.
    """

    size: int = 96
    cell: int = 4
    least: int = 3
    most: int = 10

    def __post_init__(self) -> None:
        check_sizes(self, "size", "cell", prefix="primitives ", most=MOST_PIXELS)
        check_counts(self, "least", "most")
        if self.size % self.cell or not self.least <= self.most:
            raise UserInputError(
                f"pictures of {self.size} pixels in cells of {self.cell}, {self.least} to "
                f"{self.most} bodies; expected whole cells, and the fewer first"
            )


@dataclass(frozen=True)
class Labelled:
    """Pictures, and what the middle of each cell shows; h x w cells.

    Attributes:
        pictures: Colours.
        kinds: Number of the kind, in the order of `KINDS`.
        depths: Depth along the optical axis [m], `FARTHEST` at most.
        axes: Outer product of the body's axis in the camera's frame, as xx, yy, zz, xy, xz, yz:
            an axis has no sign.
        offsets: Way to the middle of the body in the picture (x right, y down), in sides.
        colours: Colour of the surface without light and texture, 0 to 1.
    """

    pictures: UInt8[np.ndarray, "n s s 3"]
    kinds: UInt8[np.ndarray, "n h w"]
    depths: Float[np.ndarray, "n h w"]
    axes: Float[np.ndarray, "n h w 6"]
    offsets: Float[np.ndarray, "n h w 2"]
    colours: Float[np.ndarray, "n h w 3"]

    def __len__(self) -> int:
        return len(self.pictures)


def draw_scene(config: PrimitivesConfig, seed: int, number: int) -> Labelled:
    """`PICTURES_A_SCENE` pictures of one scene; the same seed and number give the same ones."""
    rng = np.random.default_rng([seed, number])
    model = _compile(config, rng)
    data = mujoco.MjData(model)
    shots = []
    with closing(OffscreenRenderer(model, config.size, config.size, PLAIN)) as renderer:
        for _ in range(PICTURES_A_SCENE):
            _place(model, data, config, rng)
            shots.append(_shoot(model, data, renderer, config))
    return Labelled(*(np.stack(each) for each in zip(*shots, strict=True)))


def _compile(config: PrimitivesConfig, rng: np.random.Generator) -> mujoco.MjModel:
    """A scene of twice as many bodies as a picture shows, with new textures."""
    spec = mujoco.MjSpec()
    spec.add_texture(
        name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, width=32, height=192,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, rgb1=rng.random(3), rgb2=rng.random(3),
    )  # fmt: skip
    materials = [_add_material(spec, f"m{i}", rng) for i in range(8)]
    spec.worldbody.add_geom(
        name="table", type=mujoco.mjtGeom.mjGEOM_BOX, size=[1.2, 1.2, 0.02], pos=[0, 0, -0.02],
        material=materials[0], rgba=(*rng.uniform(0.2, 1.0, 3), 1.0), contype=0, conaffinity=0,
    )  # fmt: skip
    for i in range(3):
        spec.worldbody.add_light(
            name=f"l{i}", pos=[0, 0, 3], dir=[0, 0, -1], castshadow=False,
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        )  # fmt: skip
    spec.worldbody.add_camera(name=CAMERA, fovy=45)
    for number in range(2 * config.most):
        kind = KINDS[1 + int(rng.integers(len(KINDS) - 1))]
        body = spec.worldbody.add_body(name=f"{kind}.{number}", mocap=True)
        add_body(body, kind, rng)
    spec.visual.map.znear, spec.visual.map.zfar = 0.02, 10.0
    spec.stat.extent = 1.0
    return spec.compile()


def _add_material(spec: mujoco.MjSpec, name: str, rng: np.random.Generator) -> str:
    """A texture of noise at some scale, stripes or squares, and a material of it."""
    side = 64
    first, second = rng.uniform(0.0, 1.0, (2, 3))
    kind = rng.integers(3)
    if kind == 0:
        coarse = rng.random((int(rng.integers(2, 33)),) * 2)
        shade = np.kron(coarse, np.ones((-(-side // len(coarse)),) * 2))[:side, :side]
    else:
        turn, step = rng.uniform(0, math.pi), rng.uniform(3, 20)
        x, y = np.meshgrid(np.arange(side), np.arange(side))
        wave = np.sin(2 * math.pi * (x * math.cos(turn) + y * math.sin(turn)) / step)
        if kind == 2:
            wave *= np.sin(2 * math.pi * (y * math.cos(turn) - x * math.sin(turn)) / step)
        shade = (wave > 0).astype(float)
    pixels = np.rint(255 * (first + shade[..., None] * (second - first))).astype(np.uint8)
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=side, height=side, nchannel=3
    )  # fmt: skip
    texture.data = pixels.tobytes()
    material = spec.add_material(name=name, texrepeat=[rng.uniform(1, 6)] * 2, texuniform=True)
    material.textures[int(mujoco.mjtTextureRole.mjTEXROLE_RGB)] = name
    return name


def _place(
    model: mujoco.MjModel,
    data: mujoco.MjData,
    config: PrimitivesConfig,
    rng: np.random.Generator,
) -> None:
    """Draw who is there and where, the lights, and the camera."""
    shown = rng.permutation(model.nmocap)[: rng.integers(config.least, config.most + 1)]
    data.mocap_pos[:] = (0.0, 0.0, -5.0)
    for number in shown:
        floats = rng.random() < 0.5
        height = rng.uniform(0.0, 0.3) if floats else rng.uniform(0.02, 0.08)
        data.mocap_pos[number] = (*rng.uniform(-0.22, 0.22, 2), height)
        turn = rng.normal(size=4)
        if rng.random() < 0.5:  # standing
            turn[1:3] = 0.0
        data.mocap_quat[number] = turn / np.linalg.norm(turn)
    model.vis.headlight.ambient[:] = rng.uniform(0.05, 0.5)
    model.vis.headlight.diffuse[:] = rng.uniform(0.0, 0.4)
    for light in range(model.nlight):
        away = rng.normal(size=3)
        away[2] = -abs(away[2]) - 0.3
        model.light_dir[light] = away / np.linalg.norm(away)
        model.light_diffuse[light] = rng.uniform(0.0, 0.5) * rng.uniform(0.7, 1.0, 3)
    _paint(model, rng)
    _place_camera(model, rng)
    mujoco.mj_forward(model, data)


def _paint(model: mujoco.MjModel, rng: np.random.Generator) -> None:
    """Draw the table's and the bodies' colours and textures."""
    model.geom_matid[0] = rng.integers(model.nmat)
    for body in range(model.nbody):
        own = model.geom_bodyid == body
        model.geom_rgba[own, :3] = rng.uniform(0.05, 1.0, 3)
        if body:
            model.geom_matid[own] = -1 if rng.random() < 0.6 else rng.integers(model.nmat)


def _place_camera(model: mujoco.MjModel, rng: np.random.Generator) -> None:
    """Put the camera somewhere above the table, looking at about the middle."""
    azimuth, elevation = rng.uniform(-math.pi, math.pi), rng.uniform(0.25, 1.4)
    distance = rng.uniform(0.35, 1.0)
    target = rng.uniform((-0.15, -0.15, 0.0), (0.15, 0.15, 0.2))
    back = np.array([
        math.cos(elevation) * math.cos(azimuth), math.cos(elevation) * math.sin(azimuth),
        math.sin(elevation),
    ])  # fmt: skip
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    roll = rng.normal(0.0, 0.15)
    up = np.cross(back, right)
    right, up = (
        right * math.cos(roll) + up * math.sin(roll), up * math.cos(roll) - right * math.sin(roll)
    )  # fmt: skip
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, np.stack([right, up, back], axis=1).ravel())
    model.cam_pos[0], model.cam_quat[0] = target + distance * back, quaternion
    model.cam_fovy[0] = rng.uniform(30, 60)


def _shoot(
    model: mujoco.MjModel,
    data: mujoco.MjData,
    renderer: OffscreenRenderer,
    config: PrimitivesConfig,
) -> tuple[np.ndarray, ...]:
    """A picture and its labels, in the order of `Labelled`."""
    rgb, depth = renderer.rgbd(data, CAMERA)
    middles = slice(config.cell // 2, None, config.cell)
    geom = renderer.geoms(data, CAMERA)[middles, middles]
    body = np.where(geom >= 0, model.geom_bodyid[geom], 0)
    far = np.where(depth > 0, depth, FARTHEST)[middles, middles]
    camera = data.cam_xmat[0].reshape(3, 3) * [1.0, -1.0, -1.0]  # x right, y down, z forward
    axes = data.xmat.reshape(-1, 3, 3)[:, :, 2] @ camera
    outer = np.stack([axes[:, i] * axes[:, j] for i, j in _PAIRS], axis=1)
    seen = (data.xpos - data.cam_xpos[0]) @ camera
    focal = 0.5 / math.tan(math.radians(model.cam_fovy[0]) / 2)
    centres = focal * seen[:, :2] / np.maximum(seen[:, 2:], 0.05)
    steps = (np.arange(len(geom)) + 0.5) / len(geom) - 0.5
    here = np.stack(np.meshgrid(steps, steps), axis=-1)
    is_body = (body > 0)[..., None]
    return (
        rgb,
        _kinds(model)[body],
        np.minimum(far, FARTHEST).astype(np.float16),
        np.where(is_body, outer[body], 0.0).astype(np.float16),
        np.where(is_body, centres[body] - here, 0.0).astype(np.float16),
        np.where(is_body, model.geom_rgba[geom, :3], 0.0).astype(np.float16),
    )


_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""Components of an outer product, in the order of `Labelled.axes`."""


def _kinds(model: mujoco.MjModel) -> UInt8[np.ndarray, " b"]:
    """Number of the kind of each body."""
    names = [model.body(b).name.split(".")[0] for b in range(model.nbody)]
    return np.array([KINDS.index(name) if name in KINDS else 0 for name in names], np.uint8)
