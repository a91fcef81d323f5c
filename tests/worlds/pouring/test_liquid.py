"""Volumes and surfaces of liquid in tilted cups, against counting points and against cones."""

import numpy as np
import pytest

from saccade.worlds.pouring.cup_kinds import KINDS
from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.liquid import (
    RIM,
    TRIANGLES,
    capacity,
    level_of,
    lip_level,
    surface,
    up_in_cup,
    volume,
)

CONE = CupShape((0.0, 0.1), (0.03, 0.04))
EVERY_KIND = [kind for kinds in KINDS.values() for kind in kinds.values()]


def counted_volume(shape: CupShape, tilt: float, level: float) -> float:
    """Share of many points around a cup that are in it and below the plane, as a volume."""
    rng = np.random.default_rng(0)
    widest, tall = max(shape.radii), shape.heights[-1]
    points = rng.uniform(-1, 1, (400_000, 3)) * [widest, widest, tall / 2]
    points[:, 2] += tall / 2
    inside = np.hypot(points[:, 0], points[:, 1]) < np.interp(
        points[:, 2], shape.heights, shape.radii
    )
    points[:, 2] += shape.floor
    below = points @ up_in_cup(np.array([tilt]))[0] < level
    return float((inside & below).mean() * 4 * widest**2 * tall)


def mesh_volume(middle: np.ndarray, points: np.ndarray) -> float:
    """Volume inside of a surface that is closed by a plane through `middle`."""
    a, b, c = (points[TRIANGLES] - middle).transpose(1, 0, 2)
    return float(np.einsum("fk,fk->", a, np.cross(b, c)) / 6)


def test_a_full_upright_cup_holds_a_truncated_cone() -> None:
    held = capacity(CONE, np.zeros(1))[0]
    assert held == pytest.approx(np.pi * 0.1 / 3 * (0.04**2 + 0.04 * 0.03 + 0.03**2), rel=1e-4)


@pytest.mark.parametrize("tilt", [0.0, 0.4, 1.0, 1.5, 2.0])
def test_volume_is_what_counting_points_gives(tilt: float) -> None:
    level = float(lip_level(CONE, np.array([tilt]))[0]) - 0.01
    found = volume(CONE, np.array([tilt]), np.array([level]))[0]
    assert found == pytest.approx(counted_volume(CONE, tilt, level), abs=3e-6)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_cup_holds_less_the_more_it_is_tilted(kind) -> None:
    shape = kind(np.random.default_rng(3))
    held = capacity(shape, np.radians(np.linspace(0, 130, 66)))
    assert (np.diff(held) <= 0).all()
    assert held[-1] < 0.02 * held[0]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_level_of_a_volume_has_that_volume(kind) -> None:
    shape = kind(np.random.default_rng(4))
    tilts = np.linspace(0.0, 1.2, 7)
    volumes = np.linspace(0.1, 0.9, 7) * capacity(shape, tilts)
    found = volume(shape, tilts, level_of(shape, tilts, volumes))
    assert found == pytest.approx(volumes, rel=1e-3)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_surface_encloses_the_volume_inside_the_hollow(kind) -> None:
    shape = kind(np.random.default_rng(5))
    tilts = np.linspace(0.0, 1.4, 6)
    levels = level_of(shape, tilts, 0.6 * capacity(shape, tilts))
    middle, points = surface(shape, tilts, levels)
    normals, offsets = shape.half_spaces
    assert (points @ normals.T <= offsets + 1e-8).all()
    heights = np.einsum("npk,nk->np", points, up_in_cup(tilts))
    assert (heights <= levels[:, None] + 1e-9).all()
    assert heights[:, RIM] == pytest.approx(np.repeat(levels[:, None], len(RIM), axis=1), abs=1e-4)
    for i in range(len(tilts)):
        whole = volume(shape, tilts[i : i + 1], levels[i : i + 1])[0]
        # The mesh has flat sides, so it holds a little less.
        assert 0.95 * whole - 5e-7 < mesh_volume(middle[i], points[i]) < 1.02 * whole + 5e-7


def test_the_level_rises_evenly_in_an_upright_cylinder() -> None:
    cylinder = CupShape((0.0, 0.1), (0.03, 0.03))
    volumes = np.linspace(0.1, 0.9, 33) * np.pi * 0.03**2 * 0.1
    levels = level_of(cylinder, np.zeros(33), volumes) - cylinder.floor
    assert levels == pytest.approx(np.linspace(0.01, 0.09, 33), abs=2e-4)


def test_no_liquid_has_no_surface() -> None:
    levels = level_of(CONE, np.zeros(1), np.zeros(1))
    assert levels == pytest.approx([CONE.floor], abs=5e-4)
    assert capacity(CONE, np.array([np.radians(150)])) == pytest.approx([0.0], abs=1e-9)
