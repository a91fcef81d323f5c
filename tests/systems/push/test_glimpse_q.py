from __future__ import annotations

import numpy as np
import pytest
import torch

import tiny_push
from saccade.attention.directions import direction_vectors
from saccade.attention.oriented_glimpse import extract_glimpses
from saccade.systems.push.glimpse_q import (
    COST_SCALE,
    HEIGHT_SCALE,
    RAY_SCALE,
    RAYS,
    SCALARS,
    GlimpseQ,
    GlimpseQConfig,
    glimpse_inputs,
    mirror_inputs,
)
from saccade.systems.push.targets import cost_to_go, goal_of, inside_box, repeat_goal
from saccade.worlds.push_box.box import BoxPlacement
from saccade.worlds.workspace import Workspace

WS = Workspace()
GEOMETRY = GlimpseQConfig().glimpse


def inputs_of(
    heightmap: np.ndarray, pushes: list[tuple[int, int, int]], box: BoxPlacement | None
) -> tuple[np.ndarray, np.ndarray]:
    rows, cols, directions = np.array(pushes).T
    heights = extract_glimpses(heightmap[None], rows, cols, directions, GEOMETRY)[:, 0]
    goals = repeat_goal(goal_of(box, WS), len(rows))
    return glimpse_inputs(heights, rows, cols, directions, goals, WS, GEOMETRY)


@pytest.mark.parametrize("k", [0, 1, 4, 6, 8, 11, 15])
def test_channels_at_hand_computed_cells(k: int) -> None:
    """Each cell, placed in the world by hand: table, box and cost to go there."""
    row, col = 150, 40
    inputs, scalars = inputs_of(np.zeros((224, 224), np.float32), [(row, col, k)], BoxPlacement())
    goal = goal_of(BoxPlacement(), WS)
    angle = 2 * np.pi * k / 16
    u, v = (np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))
    for i, j in [(0, 0), (39, 47), (20, 10), (5, 30), (33, 3)]:
        ahead, beside = (j - 10) * 0.006, (i - 19.5) * 0.006  # back is 0.06 m, 10 columns
        x = -0.724 + 0.002 * col + ahead * u[0] + beside * v[0]
        y = -0.224 + 0.002 * row + ahead * u[1] + beside * v[1]
        on_table = -0.724 < x < -0.276 and -0.224 < y < 0.224
        here = np.array([[x]]), np.array([[y]])
        cell = inputs[0, :, i, j]
        assert cell[1] == on_table
        assert cell[2] == inside_box(*here, goal)[0, 0]
        assert cell[3] == pytest.approx(COST_SCALE * cost_to_go(*here, goal)[0, 0], abs=1e-4)
    assert scalars[0, :2] == pytest.approx([u[1], v[1]], abs=1e-6)  # the camera stands towards +y


def test_a_push_at_the_mouth_sees_table_behind_and_box_ahead() -> None:
    inputs, _ = inputs_of(np.zeros((224, 224), np.float32), [(168, 10, 8)], BoxPlacement())
    table, box, cost = inputs[0, 1:, 20]
    assert table[:13].all() and not table[14:].any()  # the edge is 0.02 m ahead, 3.3 columns
    assert not box[:13].any() and box[14:].all()
    assert (cost == COST_SCALE * 1.0).sum() >= 6  # within 0.02 m of the mouth
    assert (np.diff(cost[:11]) < 0).all()


def test_the_object_ahead_is_where_it_stands() -> None:
    heightmap = np.zeros((224, 224), np.float32)
    heightmap[60:70, 130:151] = 0.05  # 0.06 to 0.10 m ahead of (65, 100), 2 mm a pixel
    inputs, _ = inputs_of(heightmap, [(65, 100, 0)], BoxPlacement())
    heights = inputs[0, 0, 19] / HEIGHT_SCALE
    np.testing.assert_allclose(heights[21:26], 0.05, atol=1e-6)
    assert (heights[:19] == 0).all() and (heights[29:] == 0).all()


def random_scene(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    heightmap = np.zeros((224, 224), np.float32)
    for _ in range(12):
        r, c = rng.integers(5, 195, 2)
        heightmap[r : r + rng.integers(8, 25), c : c + rng.integers(8, 25)] = rng.uniform(0.02, 0.1)
    return heightmap


@pytest.mark.parametrize("edge", ["left", "top"])
def test_mirrored_inputs_are_the_inputs_of_the_mirrored_scene(edge: str) -> None:
    """Reflect table, objects, push, box and camera at the table's row axis, which is row 112."""
    scene = random_scene(0)
    mirrored_scene = np.zeros_like(scene)
    mirrored_scene[1:] = scene[:0:-1]  # row r becomes 224 - r; row 0 is empty
    pushes = [(112, 60, 3), (40, 100, 0), (150, 20, 9), (200, 200, 14)]
    mirrored_pushes = [(224 - r, c, -k % 16) for r, c, k in pushes]
    other = {"left": "left", "top": "bottom"}[edge]
    offset = 0.07
    box = BoxPlacement(edge, offset)
    mirrored_box = BoxPlacement(other, -offset if edge == "left" else offset)
    inputs, scalars = inputs_of(scene, pushes, box)
    expected, towards = inputs_of(mirrored_scene, mirrored_pushes, mirrored_box)
    towards[:, :2] *= -1  # the mirrored camera stands towards -y
    mirror_inputs(inputs, scalars, np.ones(len(pushes), bool))
    np.testing.assert_allclose(inputs, expected, atol=2e-4)
    np.testing.assert_allclose(scalars, towards, atol=1e-6)
    assert inputs[:, 0].max() > 0.3 and inputs[:, 2].any()


def test_rays_by_hand() -> None:
    # From row 168, col 50 towards the box: 0.1 m to the left edge, in the middle of the mouth.
    empty = np.zeros((224, 224), np.float32)
    _, scalars = inputs_of(empty, [(168, 50, 8)], BoxPlacement())
    reach, boxed = scalars[0, 2:7] / RAY_SCALE, scalars[0, 7:]
    # Ahead, half left (towards row 0), left, half right, right.
    expected = [0.1, 0.1 * np.sqrt(2), 0.336, 0.1 * np.sqrt(2), 0.112]
    assert reach == pytest.approx(expected, abs=1e-4)
    assert boxed.tolist() == [1, 1, 0, 1, 0]


@pytest.mark.parametrize("k", range(16))
def test_rays_end_where_steps_leave_the_table(k: int) -> None:
    empty = np.zeros((224, 224), np.float32)
    _, scalars = inputs_of(empty, [(60, 150, k)], None)
    for ray, reach in zip(RAYS, scalars[0, 2:7] / RAY_SCALE, strict=True):
        angle = 2 * np.pi * k / 16 + ray
        x, y, steps = -0.724 + 0.3, -0.224 + 0.12, 0
        while abs(x - WS.centre[0]) < 0.224 and abs(y - WS.centre[1]) < 0.224:
            x, y, steps = x + 5e-4 * np.cos(angle), y + 5e-4 * np.sin(angle), steps + 1
        assert reach == pytest.approx(5e-4 * steps, abs=1e-3)
    assert not scalars[0, 7:].any()


def test_only_the_chosen_samples_are_mirrored() -> None:
    inputs, scalars = inputs_of(random_scene(1), [(112, 60, 3), (40, 100, 1)], BoxPlacement())
    before = inputs.copy(), scalars.copy()
    mirror_inputs(inputs, scalars, np.array([False, True]))
    np.testing.assert_array_equal(inputs[0], before[0][0])
    np.testing.assert_array_equal(scalars[0], before[1][0])
    np.testing.assert_array_equal(inputs[1], before[0][1][:, ::-1])
    assert scalars[1, :2].tolist() == [before[1][1, 0], -before[1][1, 1]]
    assert (inputs[1] != before[0][1]).any()


def test_a_turned_scene_looks_the_same_but_for_the_camera() -> None:
    """A quarter turn of objects, push and box leaves the four channels as they are."""
    scene = random_scene(2)
    turned = np.zeros_like(scene)
    turned[:, 1:] = scene.T[:, :0:-1]  # (row, col) -> (col, 224 - row): +col turns to +row
    pushes = [(112, 60, 0), (40, 100, 4), (150, 81, 8)]
    inputs, _ = inputs_of(scene, pushes, BoxPlacement("left", 0.0513))
    quarter = [(c, 224 - r, (k + 4) % 16) for r, c, k in pushes]
    again, _ = inputs_of(turned, quarter, BoxPlacement("top", -0.0513))
    np.testing.assert_allclose(again, inputs, atol=2e-4)


def test_the_network_values_each_glimpse_on_its_own() -> None:
    torch.manual_seed(0)
    network = GlimpseQ(tiny_push.GLIMPSE).eval()
    glimpses, scalars = torch.rand(5, 4, 16, 24), torch.rand(5, SCALARS)
    with torch.no_grad():
        together = network(glimpses, scalars)
        alone = torch.cat([network(glimpses[i : i + 1], scalars[i : i + 1]) for i in range(5)])
    assert together.shape == (5, 2)
    torch.testing.assert_close(together, alone)
    assert together.std(dim=0).min() > 0


def test_opposite_directions_see_the_camera_on_opposite_sides() -> None:
    empty = np.zeros((224, 224), np.float32)
    _, scalars = inputs_of(empty, [(100, 100, k) for k in range(16)], None)
    scalars = scalars[:, :2]
    np.testing.assert_allclose(scalars, direction_vectors()[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(scalars[:8], -scalars[8:], atol=1e-6)
