"""Cups of both splits: their forms, and that no test's kind is a training's."""

import numpy as np
import pytest

from saccade.worlds.pouring.cup_kinds import KINDS
from saccade.worlds.pouring.cups import CupShape
from saccade.worlds.pouring.meshes import cup_mesh

EVERY_KIND = [kind for kinds in KINDS.values() for kind in kinds.values()]


def test_no_kind_is_in_both_splits() -> None:
    assert not KINDS["train"].keys() & KINDS["test"].keys()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_hollows_are_convex(kind) -> None:
    for seed in range(20):
        shape = kind(np.random.default_rng(seed))
        slopes = np.diff(shape.radii) / np.diff(shape.heights)
        assert (np.diff(slopes) <= 1e-9).all()
        assert shape.rim > 0.02


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_cup_s_mesh_encloses_wall_and_floor(kind) -> None:
    """The triangles face outwards and are closed: their volume is that of what they are of."""
    shape = kind(np.random.default_rng(1))
    bare = CupShape(shape.heights, shape.radii, shape.wall, shape.floor, shape.stem)
    mesh = cup_mesh(bare)
    a, b, c = mesh.vertices[mesh.faces].transpose(1, 0, 2)
    found = np.einsum("fk,fk->", a, np.cross(b, c)) / 6
    z = np.linspace(0, shape.heights[-1], 1000)
    inner = np.interp(z, shape.heights, shape.radii)
    ring = np.pi * ((inner + shape.wall) ** 2 - inner**2)
    wall = np.trapezoid(ring, z)
    bottom = np.pi * (shape.radii[0] + shape.wall) ** 2 * shape.floor
    if shape.stem:
        assert wall < found < wall + bottom
    else:
        assert found == pytest.approx(wall + bottom, rel=0.05)


def test_a_handle_stands_out_from_the_wall() -> None:
    plain = CupShape((0.0, 0.09), (0.04, 0.04))
    handled = CupShape((0.0, 0.09), (0.04, 0.04), handle=True)
    assert cup_mesh(plain).vertices[:, 1].max() == pytest.approx(0.043)
    assert 0.06 < cup_mesh(handled).vertices[:, 1].max() < 0.08
