"""Glimpses against a sampler that shares no code with them, and against symmetry."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from saccade.attention.oriented_glimpse import GlimpseConfig, extract_glimpses, mirror_glimpses
from saccade.errors import UserInputError

Blocks = Callable[..., np.ndarray]
DEFAULT = GlimpseConfig()
SIZE = 224


def one_glimpse(
    channel: np.ndarray, row: int, col: int, k: int, config: GlimpseConfig = DEFAULT
) -> np.ndarray:
    return extract_glimpses(channel[None], np.array([row]), np.array([col]), np.array([k]), config)[
        0, 0
    ]


def sample(channel: np.ndarray, x: float, y: float, fill: float) -> float:
    """Bilinear value at (column x, row y) of a map that `fill` surrounds."""

    def value(column: int, row: int) -> float:
        inside = 0 <= row < channel.shape[0] and 0 <= column < channel.shape[1]
        return float(channel[row, column]) if inside else fill

    left, top = math.floor(x), math.floor(y)
    a, b = x - left, y - top
    upper = (1 - a) * value(left, top) + a * value(left + 1, top)
    lower = (1 - a) * value(left, top + 1) + a * value(left + 1, top + 1)
    return (1 - b) * upper + b * lower


def brute_force(channel: np.ndarray, row: int, col: int, k: int, fill: float = 0.0) -> np.ndarray:
    """Point by point in metres: 3 x 3 mean of bilinear samples; 48 x 64 of 5 mm, 70 mm behind."""
    glimpse = np.empty((48, 64))
    angle = math.radians(22.5 * k)
    for i in range(48):
        for j in range(64):
            forward = (j * 0.005 - 0.07) / 0.002
            lateral = (i - 23.5) * 0.005 / 0.002
            x = col + forward * math.cos(angle) - lateral * math.sin(angle)
            y = row + forward * math.sin(angle) + lateral * math.cos(angle)
            glimpse[i, j] = np.mean(
                [sample(channel, x + u, y + v, fill) for u in (-1, 0, 1) for v in (-1, 0, 1)]
            )
    return glimpse


@pytest.mark.parametrize(
    ("row", "col", "k"), [(112, 112, 0), (60, 150, 3), (5, 218, 6), (200, 20, 9), (90, 30, 15)]
)
def test_equals_sampling_point_by_point(row: int, col: int, k: int) -> None:
    y, x = np.mgrid[:SIZE, :SIZE]
    smooth = (np.sin(x / 9) + np.cos(y / 7)).astype(np.float32)
    glimpse = one_glimpse(smooth, row, col, k)
    np.testing.assert_allclose(glimpse, brute_force(smooth, row, col, k), atol=0.01)


def test_blocks_equal_sampling_point_by_point_with_a_fill_value(random_blocks: Blocks) -> None:
    heightmap = random_blocks(4, n_blocks=10, size=SIZE)
    glimpse = one_glimpse(heightmap, 30, 40, 11, GlimpseConfig(fill=(0.3,)))
    np.testing.assert_allclose(glimpse, brute_force(heightmap, 30, 40, 11, 0.3), atol=0.005)


def test_an_object_appears_ahead_and_to_its_side() -> None:
    # Direction 4 is +row; +90 degrees from there is -column, which is the glimpse's +row.
    heightmap = np.zeros((SIZE, SIZE), np.float32)
    heightmap[139:142, 89:92] = 1.0
    glimpse = one_glimpse(heightmap, 100, 100, 4)
    # 40 px = 80 mm ahead: column 14 + 16; 10 px = 20 mm to the side: row 23.5 + 4.
    rows, cols = np.nonzero(glimpse > 0.1)
    assert set(cols) == {30}
    assert set(rows) == {27, 28}


def test_the_start_lies_70_mm_from_the_back_edge() -> None:
    heightmap = np.zeros((SIZE, SIZE), np.float32)
    heightmap[:, :100] = 1.0
    glimpse = one_glimpse(heightmap, 112, 112, 8)
    # 12.5 px ahead the ground ends: half a glimpse pixel less than 5 pixels, at column 14 + 5.
    assert (glimpse[:, :18] == 0).all()
    np.testing.assert_allclose(glimpse[:, 20:58], 1.0, atol=1e-5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_scene_and_push_together_changes_nothing(turns: int, random_blocks: Blocks) -> None:
    heightmap = random_blocks(7, n_blocks=8, size=SIZE)
    marker = np.zeros((SIZE, SIZE), bool)
    marker[70, 130] = True
    # rot90 turns columns into rows backwards: -90 degrees in (column, row), -4 directions.
    turned_row, turned_col = np.argwhere(np.rot90(marker, turns))[0]
    for k in range(16):
        turned = one_glimpse(
            np.rot90(heightmap, turns), turned_row, turned_col, (k - 4 * turns) % 16
        )
        np.testing.assert_allclose(turned, one_glimpse(heightmap, 70, 130, k), atol=2e-3)


@pytest.mark.parametrize("k", range(16))
def test_a_mirrored_scene_gives_the_mirrored_glimpse(k: int, random_blocks: Blocks) -> None:
    heightmap = random_blocks(8, n_blocks=8, size=SIZE)
    glimpse = one_glimpse(heightmap, 70, 130, k)
    mirrored = one_glimpse(heightmap[::-1], SIZE - 1 - 70, 130, -k % 16)
    assert not np.allclose(mirrored, glimpse, atol=2e-3)
    np.testing.assert_allclose(mirrored, mirror_glimpses(glimpse), atol=2e-3)


def test_many_channels_equal_one_at_a_time() -> None:
    rng = np.random.default_rng(0)
    maps = rng.random((6, 60, 80), dtype=np.float32)
    fill = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    rows, cols, ks = np.array([10, 50, 30]), np.array([70, 0, 40]), np.array([1, 8, 14])
    glimpses = extract_glimpses(maps, rows, cols, ks, GlimpseConfig(fill=fill))
    assert glimpses.shape == (3, 6, 48, 64)
    assert glimpses.dtype == np.float32
    for n in range(3):
        for c in range(6):
            alone = one_glimpse(maps[c], rows[n], cols[n], ks[n], GlimpseConfig(fill=(fill[c],)))
            np.testing.assert_allclose(glimpses[n, c], alone, atol=1e-5)


def test_outside_the_map_is_the_fill_value() -> None:
    ones = np.ones((SIZE, SIZE), np.float32)
    glimpse = one_glimpse(ones, 112, 0, 8, GlimpseConfig(fill=(-1.0,)))
    np.testing.assert_array_equal(glimpse[:, 16:], -1.0)
    np.testing.assert_allclose(glimpse[:, :13], 1.0, atol=1e-5)


def test_no_push_gives_no_glimpse() -> None:
    none = np.array([], dtype=np.int64)
    glimpses = extract_glimpses(np.zeros((2, 50, 50), np.float32), none, none, none)
    assert glimpses.shape == (0, 2, 48, 64)


@pytest.mark.parametrize(
    ("maps", "rows", "k", "fill", "message"),
    [
        (np.zeros((50, 50), np.float32), [1], [0], (0.0,), r"maps are float32 \(50, 50\)"),
        (np.zeros((1, 50, 50), np.uint8), [1], [0], (0.0,), "maps are uint8"),
        (np.zeros((1, 50, 50), np.float32), [1, 2], [0], (0.0,), "one length"),
        (np.zeros((1, 50, 50), np.float32), [1], [16], (0.0,), "span 16 to 16; expected 0 to 15"),
        (np.zeros((1, 50, 50), np.float32), [1], [0], (0.0, 1.0), "2 fill values for 1 channels"),
    ],
)
def test_bad_input_is_refused(
    maps: np.ndarray, rows: list[int], k: list[int], fill: tuple[float, ...], message: str
) -> None:
    with pytest.raises(UserInputError, match=message):
        extract_glimpses(maps, np.array(rows), np.array([1]), np.array(k), GlimpseConfig(fill=fill))
