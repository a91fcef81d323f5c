"""The edge mask against Algorithm 1 of the report, transcribed line by line."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from saccade.attention.edge_mask import EdgeMaskConfig, edge_mask, pushable_edges
from saccade.attention.edge_mask_literal import all_directions
from saccade.errors import UserInputError

Blocks = Callable[..., np.ndarray]
DEFAULT = EdgeMaskConfig()


@pytest.mark.parametrize("seed", range(8))
def test_equals_the_algorithm_on_small_crowded_maps(seed: int, random_blocks: Blocks) -> None:
    heightmap = random_blocks(seed, n_blocks=3, size=88)
    expected = all_directions(heightmap)
    assert expected.any()
    np.testing.assert_array_equal(edge_mask(heightmap), expected)


def test_equals_the_algorithm_on_a_full_scene(random_blocks: Blocks) -> None:
    heightmap = random_blocks(100, n_blocks=10, size=224, margin=50)
    expected = all_directions(heightmap)
    assert expected.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(edge_mask(heightmap), expected)


def test_equals_the_algorithm_on_a_wide_map(random_blocks: Blocks) -> None:
    heightmap = random_blocks(5, n_blocks=3, size=100)[:60]
    np.testing.assert_array_equal(edge_mask(heightmap), all_directions(heightmap))


@pytest.mark.parametrize(
    ("offset", "probe", "clearance"), [(7.3, 2.0, 6.1), (3.0, 4.6, 0.5), (15.5, 1.0, 15.0)]
)
def test_equals_the_algorithm_for_other_lengths(
    offset: float, probe: float, clearance: float, random_blocks: Blocks
) -> None:
    config = EdgeMaskConfig(offset=offset * 0.002, probe=probe * 0.002, clearance=clearance * 0.002)
    heightmap = random_blocks(11, n_blocks=2, size=80)
    expected = all_directions(heightmap, offset=offset, delta_x=probe, delta=clearance)
    assert expected.any()
    np.testing.assert_array_equal(edge_mask(heightmap, config), expected)


def test_lengths_are_the_papers_pixels_at_two_millimetres() -> None:
    lengths = DEFAULT.offset_pixels, DEFAULT.probe_pixels, DEFAULT.clearance_pixels
    assert lengths == (12.0, 3.0, 10.0)
    assert EdgeMaskConfig(pixel=0.004).offset_pixels == 6.0


def test_a_square_block_is_pushed_from_behind_its_near_side() -> None:
    heightmap = np.zeros((100, 100), np.float32)
    heightmap[40:60, 40:60] = 0.05
    mask = edge_mask(heightmap)
    # Canny marks one of the two pixels that the step lies between; q is 12 pixels before it.
    assert set(np.flatnonzero(mask[0, 50])) <= {39 - 12, 40 - 12}
    assert set(np.flatnonzero(mask[12, :, 50])) <= {59 + 12, 60 + 12}
    assert mask[0, 45:56, 26:30].sum() == 11
    assert mask[12, 70:74, 45:56].sum() == 11
    # At the corners the probes reach over the edge along the push: within dx, no further.
    assert set(np.argwhere(mask[0])[:, 1]) <= set(range(39 - 12, 40 - 12 + 4))


def test_no_start_is_closer_to_an_edge_than_the_clearance(random_blocks: Blocks) -> None:
    heightmap = random_blocks(3, n_blocks=10, size=224, margin=50)
    edges = pushable_edges(heightmap, 0)
    points = np.concatenate([edges.rising, edges.level, edges.falling])
    for k in (0, 3, 6):
        for start in pushable_edges(heightmap, k).starts:
            nearest = np.hypot(*(points - start).T).min()
            # The paper measures from q, the mask holds int(q): less than a pixel's diagonal apart.
            assert nearest > 10 - math.sqrt(2)


def test_a_gap_narrower_than_the_fingers_is_not_entered() -> None:
    heightmap = np.zeros((100, 120), np.float32)
    heightmap[30:70, 20:50] = 0.05
    heightmap[30:70, 65:95] = 0.05
    assert not edge_mask(heightmap)[0, :, 50:65].any()
    heightmap[30:70, 20:50] = 0.0
    assert edge_mask(heightmap)[0, :, 50:65].any()


@pytest.mark.parametrize("noise", [0.0, 0.0004])
def test_an_empty_table_gives_an_empty_mask(noise: float) -> None:
    heightmap = np.random.default_rng(0).uniform(-noise, noise, (224, 224)).astype(np.float32)
    mask = edge_mask(heightmap)
    assert mask.shape == (16, 224, 224)
    assert mask.dtype == bool
    assert not mask.any()
    assert len(pushable_edges(heightmap, 0).rising) == 0


def test_the_same_scene_in_other_units_of_height_gives_the_same_mask(random_blocks: Blocks) -> None:
    heightmap = random_blocks(2, n_blocks=4, size=100)
    np.testing.assert_array_equal(edge_mask(heightmap * 2), edge_mask(heightmap))


def test_pushable_edges_sort_the_sides_of_a_block() -> None:
    heightmap = np.zeros((100, 100), np.float32)
    heightmap[40:60, 40:60] = 0.05
    edges = pushable_edges(heightmap, 0)
    # At the corners the probes, 3 pixels long, reach over the sides that run along the push.
    assert set(edges.rising[:, 1]) <= set(range(37, 43))
    assert set(edges.falling[:, 1]) <= set(range(57, 63))
    assert edges.rising[edges.rising[:, 0] == 50, 1] in (39, 40)
    assert edges.falling[edges.falling[:, 0] == 50, 1] in (59, 60)
    assert 50 not in edges.level[:, 0]
    middle = edges.level[edges.level[:, 1] == 50, 0]
    assert len(middle) == 2
    assert middle[0] in (39, 40)
    assert middle[1] in (59, 60)
    np.testing.assert_array_equal(edges.starts, np.argwhere(edge_mask(heightmap)[0]))
    opposite = pushable_edges(heightmap, 8)
    np.testing.assert_array_equal(opposite.rising, edges.falling)


def test_pushable_edges_refuse_an_unknown_direction() -> None:
    with pytest.raises(UserInputError, match=r"direction is 16; expected 0 to 15"):
        pushable_edges(np.zeros((50, 50), np.float32), 16)


def test_a_bad_map_is_refused(random_blocks: Blocks) -> None:
    heightmap = random_blocks(1, n_blocks=2, size=80)
    heightmap[3, 4] = np.nan
    with pytest.raises(UserInputError, match="1 NaN or infinite"):
        edge_mask(heightmap)
