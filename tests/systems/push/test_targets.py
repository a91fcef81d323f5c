from __future__ import annotations

import numpy as np
import pytest

from saccade.systems.push.targets import (
    DISC_RADIUS,
    EDGE_DANGER,
    EDGE_DISTANCE,
    EDGE_REACH,
    MOUTH_MARGIN,
    MOUTH_SAFETY,
    PUSH_REACH,
    Effects,
    Goals,
    box_goals,
    cost_to_go,
    edge_danger,
    gains_and_losses,
    goal_of,
    inside_box,
    object_costs,
    repeat_goal,
    stack_goals,
)
from saccade.worlds.push_box.box import BOX_HALF, EDGES, BoxPlacement
from saccade.worlds.push_box.scene import SceneConfig
from saccade.worlds.workspace import Workspace

WS = Workspace()
CX, CY = WS.centre
HALF = WS.size / 2


def cost(x: float, y: float, goal: Goals) -> float:
    return float(cost_to_go(np.array([[x]]), np.array([[y]]), goal)[0, 0])


def danger(place: tuple[float, float], box: BoxPlacement | None) -> float:
    x, y = np.array([[place[0]]]), np.array([[place[1]]])
    return float(edge_danger(x, y, goal_of(box, WS), WS)[0, 0])


@pytest.mark.parametrize("edge", EDGES)
def test_goals_stand_where_the_scene_puts_the_box(edge: str) -> None:
    placement = BoxPlacement(edge, offset=0.05)
    goal = goal_of(placement, WS)
    assert goal.box[0] == pytest.approx(placement.centre(WS))
    row, col = placement.mouth(WS)
    assert WS.to_pixel(*((goal.start[0] + goal.end[0]) / 2)) == pytest.approx((row, col), abs=1.01)


@pytest.mark.parametrize(
    ("edge", "outward", "along"),
    [
        ("left", (-1, 0), (0, 1)),
        ("right", (1, 0), (0, 1)),
        ("top", (0, -1), (1, 0)),
        ("bottom", (0, 1), (1, 0)),
    ],
)
def test_cost_to_go_by_hand_at_each_edge(
    edge: str, outward: tuple[int, int], along: tuple[int, int]
) -> None:
    offset = 0.06
    goal = goal_of(BoxPlacement(edge, offset), WS)
    out, side = np.array(outward), np.array(along)
    mouth = np.array([CX, CY]) + HALF * out + offset * side
    reach = BOX_HALF - MOUTH_MARGIN

    def at(inward: float, sideways: float) -> float:
        return cost(*(mouth - inward * out + sideways * side), goal)

    assert at(0.0, 0.0) == pytest.approx(1.0)  # one push from falling in
    assert at(EDGE_DISTANCE, reach) == pytest.approx(1.0)
    assert at(EDGE_DISTANCE + PUSH_REACH, 0.0) == pytest.approx(2.0)
    assert at(EDGE_DISTANCE + 2.5 * PUSH_REACH, -reach) == pytest.approx(3.5)
    # 0.06 m inward and 0.08 m beyond the mouth's end: 0.10 m away
    beside = 1 + (0.10 - EDGE_DISTANCE) / PUSH_REACH
    assert at(0.06, reach + 0.08) == pytest.approx(beside)
    assert at(0.06, -reach - 0.08) == pytest.approx(beside)


def test_cost_to_go_of_the_disc_by_hand() -> None:
    goal = goal_of(None, WS)
    assert cost(CX, CY, goal) == 0
    assert cost(CX + 0.03, CY - 0.04, goal) == 0
    away = DISC_RADIUS + 2 * PUSH_REACH
    assert cost(CX - 0.6 * away, CY + 0.8 * away, goal) == pytest.approx(2.0)
    assert not inside_box(np.array([[CX]]), np.array([[CY]]), goal).any()


def test_each_push_is_judged_by_its_own_goal() -> None:
    goals = stack_goals([goal_of(BoxPlacement(), WS), goal_of(None, WS)])
    x, y = np.full((2, 1), CX), np.full((2, 1), CY)
    assert cost_to_go(x, y, goals)[:, 0] == pytest.approx([cost(CX, CY, goals[np.array([0])]), 0])
    assert len(repeat_goal(goal_of(None, WS), 5)) == 5


def one_push(
    before: tuple[float, float],
    after: tuple[float, float],
    left: int = 0,
    exit_: tuple[float, float] = (np.nan, np.nan),
) -> Effects:
    """A push on one object, beside a second that left the table long ago."""
    gone = (np.nan, np.nan)
    return Effects(
        np.array([[before, gone]]),
        np.array([[after, gone]]),
        np.array([[left, 0]]),
        np.array([[exit_, gone]]),
    )


LEFT_BOX = BoxPlacement("left", 0.05)
MOUTH = (CX - HALF, CY + 0.05)
STOOD = (MOUTH[0] + EDGE_DISTANCE + 2 * PUSH_REACH, MOUTH[1])  # 3 pushes from done
RECORDED, IMAGINED = np.array([True]), np.array([False])


def judged(effects: Effects, box: BoxPlacement | None, recorded: np.ndarray) -> tuple[float, float]:
    gain, lost = gains_and_losses(effects, goal_of(box, WS), recorded, WS)
    return float(gain[0]), float(lost[0])


SAFE = danger(STOOD, LEFT_BOX)


def test_danger_by_hand_without_a_box() -> None:
    assert danger((CX + HALF - EDGE_REACH, CY), None) == pytest.approx(EDGE_DANGER / np.e)
    assert danger((CX, CY - HALF), None) == pytest.approx(EDGE_DANGER)
    assert danger((CX, CY), None) < 0.02


@pytest.mark.parametrize("edge", EDGES)
def test_danger_is_the_distance_to_the_free_boundary(edge: str) -> None:
    box = BoxPlacement(edge, 0.03)
    step = np.linspace(-HALF, HALF, 4001)
    sides = [(s * np.full_like(step, HALF), step) for s in (-1, 1)]
    boundary = np.concatenate([np.stack(p, 1) for p in sides + [q[::-1] for q in sides]])
    across, outward = (0, -1) if edge in ("left", "right") else (1, -1)
    outward *= 1 if edge in ("left", "top") else -1
    offset = boundary[:, 1 - across] - 0.03
    mouth = np.isclose(boundary[:, across], outward * HALF) & (np.abs(offset) < BOX_HALF)
    for place in np.random.default_rng(0).uniform(-HALF, HALF, (50, 2)):
        gap = boundary[~mouth] - place
        # Along the mouth a distance counts MOUTH_SAFETY times.
        beside = np.abs(place[1 - across] - 0.03) < BOX_HALF
        faces = np.isclose(boundary[~mouth][:, across], outward * HALF)
        scale = np.where(faces & beside, MOUTH_SAFETY, 1.0)
        gap[:, 1 - across] *= scale
        nearest = np.hypot(*gap.T).min()
        expected = EDGE_DANGER * np.exp(-nearest / EDGE_REACH)
        here = (CX + place[0], CY + place[1])
        assert danger(here, box) == pytest.approx(expected, rel=0.02)


def test_the_middle_of_the_mouth_is_safe_and_beside_it_is_not() -> None:
    assert danger(MOUTH, LEFT_BOX) < 0.05
    assert danger((MOUTH[0] + 0.02, MOUTH[1] - BOX_HALF - 0.02), LEFT_BOX) > 0.5 * EDGE_DANGER


def test_moving_an_object_gains_the_way_that_it_came_nearer() -> None:
    for moved in (-PUSH_REACH, 0.5 * PUSH_REACH):
        end = (STOOD[0] + moved, STOOD[1])
        gain = -moved / PUSH_REACH + SAFE - danger(end, LEFT_BOX)
        assert judged(one_push(STOOD, end), LEFT_BOX, RECORDED) == pytest.approx((gain, 0.0))


def test_boxing_an_object_gains_all_that_was_left_to_do() -> None:
    fallen = one_push(STOOD, (9.0, 9.0), left=1, exit_=(MOUTH[0] - 0.05, MOUTH[1]))
    assert judged(fallen, LEFT_BOX, RECORDED) == pytest.approx((3.0 + SAFE, 0.0))
    assert judged(fallen, LEFT_BOX, IMAGINED) == pytest.approx((3.0 + SAFE, 0.0))


def test_losing_an_object_gains_nothing_and_counts() -> None:
    fallen = one_push(STOOD, (9.0, 9.0), left=2, exit_=(CX + HALF + 0.05, CY))
    assert judged(fallen, LEFT_BOX, RECORDED) == pytest.approx((0.0, 1.0))
    assert judged(fallen, LEFT_BOX, IMAGINED) == pytest.approx((0.0, 1.0))


def test_the_simulators_word_counts_for_the_recorded_goal_and_the_place_for_others() -> None:
    inside = (MOUTH[0] - 0.05, MOUTH[1])
    on_the_rim = one_push(STOOD, (9.0, 9.0), left=2, exit_=inside)  # over the box, yet lost
    assert judged(on_the_rim, LEFT_BOX, RECORDED) == pytest.approx((0.0, 1.0))
    assert judged(on_the_rim, LEFT_BOX, IMAGINED) == pytest.approx((3.0 + SAFE, 0.0))
    boxed_elsewhere = one_push(STOOD, (9.0, 9.0), left=1, exit_=(CX + HALF + 0.05, CY))
    assert judged(boxed_elsewhere, LEFT_BOX, RECORDED) == pytest.approx((3.0 + SAFE, 0.0))
    assert judged(boxed_elsewhere, LEFT_BOX, IMAGINED) == pytest.approx((0.0, 1.0))


def test_gathering_loses_whatever_falls() -> None:
    fallen = one_push((CX, CY), (9.0, 9.0), left=1, exit_=(CX + HALF + 0.05, CY))
    assert judged(fallen, None, IMAGINED) == pytest.approx((0.0, 1.0))


def test_a_fall_within_eight_millimetres_of_the_wall_is_not_trusted() -> None:
    centre = LEFT_BOX.centre(WS)
    effects = [
        one_push(STOOD, (9, 9), left=2, exit_=(centre[0], centre[1] + BOX_HALF - margin))
        for margin in (0.007, 0.009)
    ]
    assert [judged(e, LEFT_BOX, IMAGINED)[1] for e in effects] == [1.0, 0.0]


def test_gains_sum_over_objects() -> None:
    effects = Effects(
        np.array([[STOOD, STOOD, STOOD]]),
        np.array([[(STOOD[0] - PUSH_REACH, STOOD[1]), (9.0, 9.0), STOOD]]),
        np.array([[0, 2, 0]]),
        np.array([[(np.nan, np.nan), (CX, CY - HALF - 0.03), (np.nan, np.nan)]]),
    )
    gain = 1.0 + SAFE - danger((STOOD[0] - PUSH_REACH, STOOD[1]), LEFT_BOX)
    assert judged(effects, LEFT_BOX, RECORDED) == pytest.approx((gain, 1.0))


def test_object_costs_are_those_of_the_scenes_box() -> None:
    scene = SceneConfig(box=LEFT_BOX)
    expected = [3 + SAFE, 1 + danger(MOUTH, LEFT_BOX)]
    assert object_costs(np.array([STOOD, MOUTH]), scene) == pytest.approx(expected)
    gathered = [danger((CX, CY), None)]
    assert object_costs(np.array([(CX, CY)]), SceneConfig(box=None)) == pytest.approx(gathered)


def test_boxes_of_all_edges_at_once_are_the_boxes_one_by_one() -> None:
    offsets = np.array([-0.1, 0.0, 0.05, 0.112])
    together = box_goals(np.arange(4), offsets, WS)
    for i, edge in enumerate(EDGES):
        alone = goal_of(BoxPlacement(edge, float(offsets[i])), WS)
        for name in ("start", "end", "base", "radius", "box"):
            np.testing.assert_allclose(getattr(together, name)[i], getattr(alone, name)[0])
