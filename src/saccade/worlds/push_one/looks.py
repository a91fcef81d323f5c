"""What the world looks like: colours, textures and light, drawn at random or plain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from jaxtyping import Float

Rgb = tuple[float, float, float]

TEXTURES = ("flat", "checker", "stripes", "speckles", "clouds")
"""Grey patterns that surfaces are tinted from; "flat" is none."""
TEXELS = 64
"""Rows and columns of a texture."""
PATTERN_SEED = 7
"""Seed of the patterns' chance: they are the same in every world."""
REPEATS = 2.0
"""Repetitions of a texture over a metre."""


@dataclass(frozen=True)
class Look:
    """Colours, textures and light of an episode; colours are red, green, blue in 0..1.

    Attributes:
        table: Colour of the table's top.
        table_texture: Name of its pattern, one of `TEXTURES`.
        ground: Colour of the ground around the table.
        ground_texture: Name of its pattern.
        block: Colour of the object.
        finger: Colour of the finger.
        box: Colour of the box's glass.
        ambient: Brightness of the light from everywhere.
        key: Brightness of the light from one side.
        key_azimuth: Direction that it comes from [rad].
    """

    table: Rgb = (0.82, 0.70, 0.55)
    table_texture: str = "flat"
    ground: Rgb = (0.79, 0.82, 0.86)
    ground_texture: str = "flat"
    block: Rgb = (1.00, 0.34, 0.35)
    finger: Rgb = (0.15, 0.15, 0.17)
    box: Rgb = (0.40, 0.65, 0.90)
    ambient: float = 0.38
    key: float = 0.50
    key_azimuth: float = 2.5


PLAIN = Look()


def draw_look(rng: np.random.Generator) -> Look:
    """A look in which the object and the finger stand out from the table."""
    table = _colour(rng)
    block = _colour_apart(rng, table)
    finger = _colour_apart(rng, table, block)
    table_texture, ground_texture = (str(name) for name in rng.choice(TEXTURES, 2))
    return Look(
        table,
        table_texture,
        _colour(rng),
        ground_texture,
        block,
        finger,
        _colour(rng),
        float(rng.uniform(0.25, 0.5)),
        float(rng.uniform(0.25, 0.65)),
        float(rng.uniform(-math.pi, math.pi)),
    )


APART = 0.45
"""Least distance of two colours that stand out from each other."""


def _colour(rng: np.random.Generator) -> Rgb:
    red, green, blue = (float(v) for v in rng.uniform(0.1, 0.95, 3))
    return red, green, blue


def _colour_apart(rng: np.random.Generator, *others: Rgb) -> Rgb:
    while True:
        colour = _colour(rng)
        if all(math.dist(colour, other) > APART for other in others):
            return colour


def add_materials(spec: mujoco.MjSpec) -> None:
    """Add the patterns to a scene, a material each, for `put_on` to choose from."""
    rng = np.random.default_rng(PATTERN_SEED)
    for name in TEXTURES:
        grey = np.rint(np.clip(_pattern(name, rng), 0, 1) * 255).astype(np.uint8)
        texture = spec.add_texture(
            name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=TEXELS, height=TEXELS, nchannel=3
        )
        texture.data = np.repeat(grey[:, :, None], 3, axis=2).tobytes()
        material = spec.add_material(name=name, texrepeat=[REPEATS, REPEATS], texuniform=True)
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    for geom in (spec.geom("table"), spec.geom("ground")):
        geom.material = "flat"


def _pattern(name: str, rng: np.random.Generator) -> Float[np.ndarray, "s s"]:
    """Grey values of a texture; every pattern repeats without a seam."""
    rows, columns = np.mgrid[:TEXELS, :TEXELS] / TEXELS
    match name:
        case "checker":
            return 0.75 + 0.25 * (((4 * rows).astype(int) + (4 * columns).astype(int)) % 2)
        case "stripes":
            return 0.8 + 0.2 * np.sin(2 * math.pi * 6 * columns)
        case "speckles":
            return np.where(rng.random((TEXELS, TEXELS)) < 0.12, 0.55, 1.0)
        case "clouds":
            waves = np.zeros((TEXELS, TEXELS))
            for _ in range(8):
                across, down = rng.integers(-4, 5, 2)
                phase = rng.uniform(0, 2 * math.pi)
                waves += np.sin(2 * math.pi * (across * columns + down * rows) + phase)
            return 0.82 + 0.08 * waves
    return np.ones((TEXELS, TEXELS))


def put_on(model: mujoco.MjModel, look: Look) -> None:
    """Give a compiled scene a look."""
    for name, rgb, texture in (
        ("table", look.table, look.table_texture),
        ("ground", look.ground, look.ground_texture),
    ):
        geom = model.geom(name)
        geom.rgba[:3] = rgb
        geom.matid[:] = model.material(texture).id
    model.geom("finger").rgba[:3] = look.finger
    block = model.body("object_0")
    first, count = int(block.geomadr[0]), int(block.geomnum[0])
    model.geom_rgba[first : first + count, :3] = look.block
    for name in ("box_floor", "box_x0", "box_x1", "box_y0", "box_y1"):
        model.geom(name).rgba[:3] = look.box
    model.vis.headlight.ambient[:] = look.ambient
    model.light_diffuse[0] = look.key
    c, s = math.cos(look.key_azimuth), math.sin(look.key_azimuth)
    model.light_dir[0] = np.array([-0.5 * c, -0.5 * s, -0.9]) / math.hypot(0.5, 0.9)
