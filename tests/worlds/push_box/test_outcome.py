"""On the table, in the box, on the ground: blocks put there, and blocks pushed there."""

from __future__ import annotations

import pytest

from push_scenes import FLYING, block, scenario
from saccade.worlds.push_box import BoxPlacement, PushWorld, WorldConfig
from saccade.worlds.push_box.outcome import IN_BOX, ON_GROUND, ON_TABLE, Exit, judge, outcome_of
from saccade.worlds.workspace import Push, Workspace

WORLD = WorldConfig(scene=FLYING, use_gl=False)


def test_counts_follow_from_the_exits() -> None:
    exits = (Exit(0, 0.0, 0.0, IN_BOX), Exit(2, 0.0, 0.0, ON_GROUND), Exit(5, 0.0, 0.0, IN_BOX))
    outcome = outcome_of(exits)
    assert (outcome.boxed, outcome.grounded, outcome.exits) == (2, 1, exits)
    assert outcome.executed


@pytest.mark.parametrize(
    ("position", "box", "status"),
    [
        ((-0.5, 0.0, 0.725), BoxPlacement(), ON_TABLE),
        ((-0.723, 0.112, 0.701), BoxPlacement(), ON_TABLE),  # over the edge, not yet fallen
        ((-0.828, 0.112, 0.325), BoxPlacement(), IN_BOX),
        ((-0.828, 0.112, 0.325), None, ON_GROUND),
        ((-0.828, 0.112, 0.325), BoxPlacement("right"), ON_GROUND),
        ((-0.828, -0.112, 0.325), BoxPlacement(), ON_GROUND),
        ((-0.828, 0.112, 0.025), BoxPlacement(), ON_GROUND),  # under the box
        ((-0.5, 0.0, 0.025), BoxPlacement(), ON_GROUND),  # under the table
    ],
)
def test_the_test_of_an_origin(
    position: tuple[float, float, float], box: BoxPlacement | None, status: str
) -> None:
    assert judge(position, Workspace(), box) == status


def test_blocks_put_in_the_three_places() -> None:
    world = PushWorld(WORLD)
    blocks = [block("cube", -0.5, 0.0, 0.025), block("plate", -0.83, 0.11, -0.3875)]
    world.reset(scenario(*blocks, block("slab", -0.2, 0.5, -0.6875)))
    assert world.status == [ON_TABLE, IN_BOX, ON_GROUND]
    assert [world.count(s) for s in (ON_TABLE, IN_BOX, ON_GROUND)] == [1, 1, 1]
    outcome = world.execute(Push(10, 200, 0), world.observe())
    assert outcome.exits == ()  # they had left before
    assert world.status == [ON_TABLE, IN_BOX, ON_GROUND]


def pushed(row: int, col: int, direction: int, *blocks) -> tuple[PushWorld, object]:
    world = PushWorld(WORLD)
    world.reset(scenario(*blocks))
    return world, world.execute(Push(row, col, direction), world.observe())


def test_a_block_pushed_over_the_mouth_ends_in_the_box() -> None:
    world, outcome = pushed(168, 32, 8, block("cube", -0.70, 0.112, 0.025))
    assert (outcome.boxed, outcome.grounded) == (1, 0)
    (exit,) = outcome.exits
    assert exit.status == IN_BOX and exit.object == 0
    # It was seen below the table's top where it crossed the edge, not where it came to rest.
    assert -0.80 < exit.x < -0.724 and exit.y == pytest.approx(0.112, abs=0.02)
    x, y, z = world.object_poses()[0, :3]
    assert abs(x + 0.828) < 0.108 and abs(y - 0.112) < 0.108
    assert z == pytest.approx(0.325, abs=0.005)


def test_a_block_pushed_beside_the_box_ends_on_the_ground() -> None:
    world, outcome = pushed(56, 32, 8, block("cube", -0.70, -0.112, 0.025))
    assert (outcome.boxed, outcome.grounded) == (0, 1)
    assert world.count(ON_GROUND) == 1
    assert world.object_poses()[0, 2] < 0.25  # still falling: nothing can bring it back


def test_the_rest_of_the_scene_is_not_counted() -> None:
    far = block("prism", -0.40, -0.10, 0.0164)
    world, outcome = pushed(168, 32, 8, far, block("cube", -0.70, 0.112, 0.025))
    assert world.status == [ON_TABLE, IN_BOX]
    assert [e.object for e in outcome.exits] == [1]
