"""Pixels, metres and the push primitive, against numbers of the published scene."""

from __future__ import annotations

import math

import pytest

from saccade.errors import UserInputError
from saccade.worlds.workspace import Push, Workspace


def test_the_default_workspace_is_the_published_square() -> None:
    ws = Workspace()
    assert ws.shape == (224, 224)
    assert ws.to_world(0, 0) == (-0.724, -0.224)
    assert ws.to_world(168, 0) == pytest.approx((-0.724, 0.112))
    assert ws.to_pixel(-0.5, 0.0) == pytest.approx((112.0, 112.0))
    assert ws.centre == pytest.approx((-0.5, 0.0))


@pytest.mark.parametrize(("row", "col"), [(0, 0), (17, 201), (223, 223)])
def test_pixel_to_world_and_back(row: int, col: int) -> None:
    ws = Workspace()
    assert ws.to_pixel(*ws.to_world(row, col)) == pytest.approx((row, col), abs=1e-9)


@pytest.mark.parametrize(
    ("direction", "dx", "dy"),
    [(0, 0.1, 0.0), (4, 0.0, 0.1), (8, -0.1, 0.0), (12, 0.0, -0.1), (2, 0.0707107, 0.0707107)],
)
def test_directions_turn_from_columns_towards_rows(direction: int, dx: float, dy: float) -> None:
    push = Push(112, 112, direction)
    moved = (push.end[0] - push.start[0], push.end[1] - push.start[1])
    assert moved == pytest.approx((dx, dy), abs=1e-6)
    assert push.angle == pytest.approx(direction * math.pi / 8)


def test_the_end_is_clamped_to_the_workspace_and_the_start_is_not() -> None:
    push = Push(168, 10, 8)  # 2 cm from the box's edge, towards the box
    assert push.start == pytest.approx((-0.704, 0.112))
    assert push.end == pytest.approx((-0.724, 0.112))


@pytest.mark.parametrize(
    ("row", "col", "direction", "message"),
    [
        (224, 0, 0, r"row 224, col 0.*row 0 to 223"),
        (0, -1, 0, r"col -1"),
        (0, 0, 16, r"direction is 16; expected 0 to 15"),
    ],
)
def test_an_action_outside_the_grid_is_refused(
    row: int, col: int, direction: int, message: str
) -> None:
    with pytest.raises(UserInputError, match=message):
        Push(row, col, direction)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x_min": math.nan}, "within 10 km"),
        ({"table_height": 1e308}, "within 10 km"),
        ({"size": 1e9}, "1 to 4096 pixels"),
        ({"size": -0.448}, "1 to 4096 pixels"),
        ({"pixel": 0.0}, "1 to 4096 pixels"),
    ],
)
def test_an_impossible_square_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(UserInputError, match=message) as caught:
        Workspace(**settings)
    assert "\n" not in str(caught.value)
