"""The eight blocks as MuJoCo sees them, against volumes and inertias by formula."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest

from push_scenes import block, placed, scenario
from saccade.worlds.shapes import DENSITY, SHAPES

# Area of a regular n-gon's half, inscribed in a half circle of radius r: n / 2 r^2 sin(pi / n).
HALF_DISC_16 = 8 * 0.025**2 * math.sin(math.pi / 16)
HALF_DISC_4 = 2 * 0.025**2 * math.sin(math.pi / 4)
VOLUMES = {
    "prism": 0.093 * 0.049 / 2 * 0.050,
    "arch": (0.100 * 0.050 - HALF_DISC_4) * 0.050,
    "plate": 0.050 * 0.050 * 0.025,
    "slab": 0.100 * 0.050 * 0.025,
    "cube": 0.050**3,
    "pillar": 0.050 * 0.050 * 0.100,
    "half_cylinder": HALF_DISC_16 * 0.050,
    "cylinder": math.pi * 0.0225**2 * 0.050,
}
EXTENTS = {
    "prism": (0.093, 0.050, 0.049),
    "arch": (0.100, 0.050, 0.050),
    "plate": (0.050, 0.050, 0.025),
    "slab": (0.100, 0.050, 0.025),
    "cube": (0.050, 0.050, 0.050),
    "pillar": (0.050, 0.050, 0.100),
    "half_cylinder": (0.050, 0.050, 0.025),
    "cylinder": (0.045, 0.045, 0.050),
}
"""Published dimensions along x, y, z [m]."""


@pytest.fixture(scope="module", name="model")
def model_fixture() -> mujoco.MjModel:
    blocks = (block(name, -0.5, 0.0, 0.1 * i + 0.1) for i, name in enumerate(SHAPES))
    return placed(scenario(*blocks))[0].model


def body_of(model: mujoco.MjModel, shape: str):
    return model.body(f"object_{list(SHAPES).index(shape)}")


@pytest.mark.parametrize("shape", SHAPES)
def test_mass_is_volume_times_density(model: mujoco.MjModel, shape: str) -> None:
    assert body_of(model, shape).mass[0] == pytest.approx(VOLUMES[shape] * DENSITY, rel=1e-4)


def test_a_facetted_arc_is_near_the_real_one() -> None:
    real = math.pi * 0.025**2 / 2
    assert real == pytest.approx(HALF_DISC_16, rel=0.01)
    assert 0.005 - real == pytest.approx(0.005 - HALF_DISC_4, rel=0.03)  # the arch's face


@pytest.mark.parametrize("shape", SHAPES)
def test_the_origin_is_the_centre_of_mass(model: mujoco.MjModel, shape: str) -> None:
    assert np.abs(body_of(model, shape).ipos).max() < 0.0005


@pytest.mark.parametrize("shape", SHAPES)
def test_principal_inertia_is_positive_and_obeys_the_triangle_inequality(
    model: mujoco.MjModel, shape: str
) -> None:
    small, middle, large = sorted(body_of(model, shape).inertia)
    assert small > 0 and large <= small + middle + 1e-12


@pytest.mark.parametrize(("shape", "sides"), [("cube", (0.05,) * 3), ("slab", (0.1, 0.05, 0.025))])
def test_inertia_of_a_box_by_formula(
    model: mujoco.MjModel, shape: str, sides: tuple[float, float, float]
) -> None:
    m = VOLUMES[shape] * DENSITY
    a, b, c = (s * s for s in sides)
    expected = [m * (b + c) / 12, m * (a + c) / 12, m * (a + b) / 12]
    assert sorted(body_of(model, shape).inertia) == pytest.approx(sorted(expected))


@pytest.mark.parametrize("shape", SHAPES)
def test_outer_dimensions_are_the_published_ones(shape: str) -> None:
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for piece in SHAPES[shape].pieces:
        if piece.corners is not None:
            corners = piece.corners
        else:
            half = (
                (piece.size[0], piece.size[0], piece.size[1])
                if piece.kind == "cylinder"
                else piece.size
            )
            corners = np.array([piece.position]) + np.array([half, [-h for h in half]])
        low, high = np.minimum(low, corners.min(0)), np.maximum(high, corners.max(0))
    assert high - low == pytest.approx(EXTENTS[shape], abs=1e-9)


def test_the_arch_is_hollow() -> None:
    # A ray along y below the arch's flat top, through the middle of its cut, meets nothing.
    scene, data = placed(scenario(block("arch", -0.5, 0.0, 0.0286)))
    geom = np.zeros(1, np.int32)
    for height, hits in ((0.010, False), (0.040, True)):
        start = np.array([-0.495, -0.2, 0.70 + height])
        distance = mujoco.mj_ray(
            scene.model, data, start, np.array([0.0, 1.0, 0.0]), None, 1, -1, geom
        )
        assert (0 < distance < 0.2) == hits
