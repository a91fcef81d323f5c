"""The simulated camera: rays against GL, both against heights known by construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from push_scenes import block, scenario
from saccade.worlds.cameras import Camera
from saccade.worlds.push_box import PushWorld, SceneConfig, WorldConfig
from saccade.worlds.push_box.drop import draw_scenario

RAYS = WorldConfig(use_gl=False)
PILE = draw_scenario(4, 10)


def world_of(config: WorldConfig, blocks=PILE, seed: int = 0) -> PushWorld:
    world = PushWorld(config)
    world.reset(blocks, seed)
    return world


@pytest.fixture(name="gl_world")
def gl_world_fixture() -> Iterator[PushWorld]:
    world = world_of(WorldConfig())
    if not world.sensor.uses_gl:
        pytest.skip("no GL on this machine")
    yield world
    world.close()


@pytest.mark.parametrize("noise", [0.0, 0.002])
def test_rays_and_gl_see_the_same_heights(noise: float) -> None:
    for seed in (4, 5):
        blocks = draw_scenario(seed, 10)
        scene = SceneConfig(camera=Camera(noise=noise, holes=10 * noise))
        worlds = [world_of(WorldConfig(scene=scene, use_gl=gl), blocks) for gl in (True, False)]
        if not worlds[0].sensor.uses_gl:
            pytest.skip("no GL on this machine")
        rendered, cast = (world.observe() for world in worlds)
        a, b = rendered > 0.002, cast > 0.002
        # GL draws round blocks with corners: a few cells of their outlines differ. The edge of the
        # table, which noise lifts into view, is only drawn.
        assert (a & b).sum() >= 0.99 * (a | b).sum() > 2000
        assert (np.abs(rendered - cast) > 0.001).sum() < (300 if noise else 60)
        assert cast.sum() == pytest.approx(rendered.sum(), rel=0.005)
        worlds[0].close()


def test_rays_and_gl_see_the_same_depth_image(gl_world: PushWorld) -> None:
    images = [w.sensor.depth(w.data, np.random.default_rng(0)) for w in (gl_world, world_of(RAYS))]
    assert (np.abs(images[0] - images[1]) > 0.001).mean() < 1e-3


def test_the_arm_never_hides_the_table(gl_world: PushWorld) -> None:
    flying = world_of(WorldConfig(scene=SceneConfig(arm=False)))
    assert (gl_world.observe() == flying.observe()).all()
    flying.close()


def test_the_heightmap_does_not_depend_on_pictures_taken(gl_world: PushWorld) -> None:
    before = gl_world.observe()
    assert gl_world.sensor.renderer is not None
    gl_world.sensor.renderer.picture(gl_world.data, "overview")
    assert (gl_world.observe() == before).all()


BLOCKS = scenario(
    block("pillar", -0.50, 0.05, 0.05),
    block("slab", -0.40, -0.10, 0.0125),
    block("cube", -0.6, 0.0, 0.025),
)


def test_the_ideal_view_is_every_blocks_height_on_its_footprint_and_nothing_else() -> None:
    top = world_of(WorldConfig(ideal_view=True)).config
    found = world_of(top, BLOCKS).observe()
    row, col = np.mgrid[:224, :224]
    x, y = -0.724 + 0.002 * col, -0.224 + 0.002 * row
    expected = np.zeros((224, 224))
    edge = np.zeros((224, 224), bool)
    for cx, cy, hx, hy, height in (
        (-0.50, 0.05, 0.025, 0.025, 0.100),
        (-0.40, -0.10, 0.050, 0.025, 0.025),
        (-0.60, 0.00, 0.025, 0.025, 0.050),
    ):
        out = np.maximum(np.abs(x - cx) - hx, np.abs(y - cy) - hy)
        expected[out < 0] = height
        edge |= np.abs(out) < 1e-3  # rays on a face may pass on either side
    assert np.abs(found - expected)[~edge].max() < 5e-4


@pytest.mark.parametrize("use_gl", [True, False])
def test_an_occlusion_shadow_lies_on_the_side_away_from_the_camera(use_gl: bool) -> None:
    # The camera stands at +y: a plate behind a pillar (smaller y) is hidden, before it is seen.
    for y, seen in ((0.0, False), (0.1, True)):
        blocks = scenario(block("pillar", -0.5, 0.05, 0.05), block("plate", -0.5, y, 0.0125))
        world = world_of(WorldConfig(use_gl=use_gl), blocks)
        row, col = round((y + 0.224) / 0.002), 112
        patch = world.observe()[row - 8 : row + 9, col - 8 : col + 9]
        assert (patch > 0.02).mean() == pytest.approx(1.0 if seen else 0.0, abs=0.01)
        ideal = world.sensor.top_view(world.data)[row - 8 : row + 9, col - 8 : col + 9]
        assert ideal == pytest.approx(0.025, abs=5e-4)
        world.close()


@pytest.mark.parametrize("use_gl", [True, False])
def test_noise_is_drawn_from_the_worlds_seed(use_gl: bool) -> None:
    camera = Camera(noise=0.002, holes=0.05)
    noisy = replace(WorldConfig(use_gl=use_gl), scene=SceneConfig(camera=camera))
    clean = world_of(WorldConfig(use_gl=use_gl)).observe()
    first, again, other = (world_of(noisy, seed=seed).observe() for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    both = (first > 0) & (clean > 0.005)
    spread = np.std((first - clean)[both])
    assert 0.0005 < spread < 0.02
    assert first.min() >= 0.0 and first.max() <= 0.35


def test_rays_from_close_by_and_from_any_side_see_the_top() -> None:
    # 0.25 m above the table's middle, straight down: blocks reach past the image's borders.
    camera = Camera(position=(-0.5, 0.0, 0.95), pitch=np.pi / 2)
    world = world_of(WorldConfig(use_gl=False, scene=SceneConfig(camera=camera)), BLOCKS)
    assert world.observe()[112, 112] == 0.0
    assert world.observe()[137, 112] == pytest.approx(0.1, abs=1e-3)  # the pillar's middle


def test_an_empty_workspace_is_flat() -> None:
    fallen = scenario(block("cube", -1.5, 1.0, -0.675))
    assert world_of(RAYS, fallen).observe().max() == 0.0
