"""Where the box stands, for each edge of the table."""

from __future__ import annotations

import numpy as np
import pytest

from push_scenes import FLYING, placed, positions, scenario, seconds
from push_scenes import block as block_at
from saccade.errors import UserInputError
from saccade.worlds.push_box import BoxPlacement, SceneConfig
from saccade.worlds.push_box.box import EDGES
from saccade.worlds.scenarios import Block
from saccade.worlds.shapes import SHAPES
from saccade.worlds.workspace import Workspace

WORKSPACE = Workspace()


def test_the_papers_box() -> None:
    box = BoxPlacement()
    assert box.centre(WORKSPACE) == pytest.approx((-0.828, 0.112))
    assert box.mouth(WORKSPACE) == (168, 0)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("offset", [-0.112, 0.0, 0.112])
def test_the_mouth_is_the_nearest_pixel_to_the_box(edge: str, offset: float) -> None:
    box = BoxPlacement(edge, offset)
    row, col = box.mouth(WORKSPACE)
    x, y = WORKSPACE.to_world(row, col)
    cx, cy = box.centre(WORKSPACE)
    assert np.hypot(x - cx, y - cy) == pytest.approx(0.104, abs=0.003)
    assert 0 <= row <= 223 and 0 <= col <= 223


@pytest.mark.parametrize(
    ("position", "inside"),
    [
        ((-0.828, 0.112, 0.40), True),
        ((-0.721, 0.112, 0.65), True),
        ((-0.719, 0.112, 0.65), False),
        ((-0.828, 0.219, 0.65), True),
        ((-0.828, 0.221, 0.65), False),
        ((-0.828, 0.112, 0.70), False),  # above the rim
        ((-0.828, 0.112, 0.28), False),  # below the floor
    ],
)
def test_the_volume(position: tuple[float, float, float], inside: bool) -> None:
    assert BoxPlacement().contains(position, WORKSPACE) == inside


@pytest.mark.parametrize("edge", EDGES)
def test_the_modelled_walls_stand_around_the_centre_below_the_table(edge: str) -> None:
    box = BoxPlacement(edge)
    config = SceneConfig(arm=False, box=box)
    model = placed(scenario(block_at("cube", -0.5, 0.0, 0.025)), config)[0].model
    walls = [model.geom(f"box_{name}") for name in ("x0", "x1", "y0", "y1")]
    centre = np.mean([w.pos[:2] for w in walls], axis=0)
    assert centre == pytest.approx(box.centre(WORKSPACE), abs=1e-9)
    assert max(w.pos[2] + w.size[2] for w in walls) == pytest.approx(0.67)
    floor = model.geom("box_floor")
    assert floor.pos[2] + floor.size[2] == pytest.approx(0.30)
    inner = [abs(w.pos[i // 2] - centre[i // 2]) - w.size[i // 2] for i, w in enumerate(walls)]
    assert inner == pytest.approx([0.108] * 4)


def test_no_box() -> None:
    config = SceneConfig(arm=False, box=None)
    model = placed(scenario(block_at("cube", -0.5, 0.0, 0.025)), config)[0].model
    with_box = placed(scenario(block_at("cube", -0.5, 0.0, 0.025)), FLYING)[0].model
    assert with_box.ngeom == model.ngeom + 5


@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_that_falls_stays_in_the_box(shape: str) -> None:
    # Through a thin floor flat blocks fell at once, and tumbling half-cylinders now and then.
    rng = np.random.default_rng(0)
    for spin in (0.0, 10.0, 10.0, 10.0):
        start = (-0.828, 0.112, 0.68)
        scene, data = placed(scenario(Block(shape, "red", start, (1.0, 0.0, 0.0, 0.0))))
        data.qvel[3:6] = spin * rng.normal(size=3)
        seconds(scene, data, 0.8)
        x, y, z = map(float, positions(scene, data)[0])
        assert BoxPlacement().contains((x, y, z), WORKSPACE)
        assert 0.30 < z < 0.36


def test_an_unknown_edge_is_refused() -> None:
    with pytest.raises(UserInputError, match="'north'; expected one of left, right, top, bottom"):
        BoxPlacement("north")
