from __future__ import annotations

import numpy as np
import pytest

import tiny_push
from saccade.systems.push.decision import Decision
from saccade.systems.push.pictures.decisions import (
    BOXED_COLOUR,
    LOST_COLOUR,
    decision_pictures,
    describe_outcome,
    describe_push,
    draw_choice,
    draw_heights,
    draw_outcome,
    mark_of,
    step_pictures,
)
from saccade.systems.push.rollout import Step
from saccade.viewing.colours import BOX, PUSH
from saccade.worlds.push_box import BoxPlacement, PushOutcome, SceneConfig
from saccade.worlds.push_box.outcome import IN_BOX, ON_GROUND, Exit
from saccade.worlds.workspace import Push

SCENE = SceneConfig()
EMPTY = np.zeros((224, 224), np.float32)


def step(outcome: PushOutcome, changed: bool = True, push: Push | None = None) -> Step:
    decision = Decision(push or Push(100, 120, 8))
    return Step(tiny_push.block_map(), decision, outcome, EMPTY, changed)


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour).max(axis=2) < 12).any(axis=None)


def columns_of(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.nonzero((picture == colour).all(axis=2))[1]


@pytest.mark.parametrize(
    ("edge", "part"),
    [
        ("left", (slice(112 + 4, 220), slice(0, 2))),
        ("right", (slice(112 + 4, 220), slice(222, 224))),
        ("top", (slice(0, 2), slice(112 + 4, 220))),
        ("bottom", (slice(222, 224), slice(112 + 4, 220))),
    ],
)
def test_the_box_is_marked_where_it_stands(edge, part):
    picture = draw_heights(EMPTY, SceneConfig(box=BoxPlacement(edge)), scale=1)
    # 0.216 m long, centred 0.112 m from the edge's middle: pixels 114 to 222.
    assert (picture[part] == BOX).all()
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[edge]
    bare = draw_heights(EMPTY, SceneConfig(box=BoxPlacement(opposite)), scale=1)
    assert (bare[part] != BOX).any(axis=-1).all()


def test_without_a_box_nothing_is_marked():
    picture = draw_heights(EMPTY, SceneConfig(box=None), scale=1)
    assert (picture == picture[0, 0]).all()


def test_the_arrow_spans_the_push():
    picture = draw_choice(EMPTY, Push(100, 120, 8), SceneConfig(box=None), scale=1)
    columns = columns_of(picture, PUSH)
    # 0.10 m towards -x from column 120: 50 pixels; the dot at the start reaches 3 pixels further.
    assert columns.min() == pytest.approx(70, abs=1.5)
    assert columns.max() == pytest.approx(123, abs=1.5)


def test_the_arrow_ends_at_the_tables_edge_as_the_push_does():
    picture = draw_choice(EMPTY, Push(100, 20, 8), SceneConfig(box=None), scale=1)
    assert columns_of(picture, PUSH).min() <= 1
    assert columns_of(picture, PUSH).max() <= 24


@pytest.mark.parametrize(("status", "colour"), [(IN_BOX, BOXED_COLOUR), (ON_GROUND, LOST_COLOUR)])
def test_a_ring_marks_where_an_object_left(status, colour):
    boxed = int(status == IN_BOX)
    gone = Exit(0, -0.73, 0.0, status)
    outcome = PushOutcome("", boxed, 1 - boxed, (gone,))
    picture = draw_outcome(step(outcome), SceneConfig(box=None), scale=2)
    # World (-0.73, 0) is row 112, just beyond column 0: the ring is drawn inside, around column 8.
    assert has_colour(picture[2 * 112 - 16 : 2 * 112 + 16, :36], colour)
    assert not has_colour(picture[:, 60:], colour)


def test_pictures_follow_from_what_the_decision_holds():
    seen = tiny_push.block_map()
    push = Push(100, 120, 8)
    mask = np.zeros((16, 224, 224), bool)
    mask[8, 100, 150] = True
    q = np.where(mask, 1.5, 0.0).astype(np.float32)
    names = {
        "nothing": list(decision_pictures(seen, Decision(push), SCENE)),
        "mask": list(decision_pictures(seen, Decision(push, mask), SCENE)),
        "all": list(decision_pictures(seen, Decision(push, mask, q), SCENE)),
    }
    assert names["nothing"] == ["depth, as heights", "chosen push"]
    assert names["mask"] == ["depth, as heights", "mask", "chosen push"]
    assert names["all"] == ["depth, as heights", "mask", "Q", "chosen push"]
    drawn = step_pictures(step(PushOutcome()), SCENE, scale=1)
    assert [*drawn] == [*names["nothing"], "outcome"]
    assert all(picture.shape == (224, 224, 3) for picture in drawn.values())


def test_a_dense_q_map_is_drawn_as_heat_and_a_sparse_one_as_arrows():
    seen, push = tiny_push.block_map(), Push(100, 120, 8)
    dense = np.full((16, 224, 224), 0.1, np.float32)
    dense[3, 60:70, 60:70] = 2.0
    sparse = np.zeros((16, 224, 224), np.float32)
    sparse[3, 65, 65] = 2.0
    scene = SceneConfig(box=None)
    heat, arrows = (
        decision_pictures(seen, Decision(push, None, q), scene, 1)["Q"] for q in (dense, sparse)
    )
    ground = draw_heights(EMPTY, scene, 1)
    assert heat.shape == arrows.shape == ground.shape
    # Heat covers the map; one arrow leaves most of it alone.
    changed = (arrows != arrows[200, 200]).any(axis=2).mean()
    assert changed < 0.1
    assert (heat[200, 200] != arrows[200, 200]).any()


@pytest.mark.parametrize(
    ("outcome", "changed", "text", "mark"),
    [
        (PushOutcome("", 2, 0), True, "2 into the box", "good"),
        (PushOutcome("", 1, 1), True, "1 into the box, 1 to the ground", "bad"),
        (PushOutcome("", 0, 1), True, "1 to the ground", "bad"),
        (PushOutcome(), True, "objects moved", "neutral"),
        (PushOutcome(), False, "nothing changed", "neutral"),
        (PushOutcome("too far"), False, "refused: too far", "bad"),
    ],
)
def test_outcomes_in_words_and_colours(outcome, changed, text, mark):
    assert describe_outcome(step(outcome, changed)) == text
    assert mark_of(step(outcome, changed)) == mark


def test_a_push_in_words():
    # x = -0.724 + 0.002 * 112, y = -0.224 + 0.002 * 12.
    assert describe_push(Push(12, 112, 4)) == "from (-0.500, -0.200) m towards 90.0\u00b0"
    assert describe_push(Push(12, 112, 4, value=1.234)).endswith(", value 1.23")
