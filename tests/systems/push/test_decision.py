from __future__ import annotations

import numpy as np

from saccade.systems.push.decision import blocked, from_mask, push_near_object, random_push
from saccade.worlds.workspace import Push, Workspace

SHAPE = (16, 224, 224)


def test_random_pushes_cover_the_map() -> None:
    rng = np.random.default_rng(0)
    pushes = [random_push(rng, Workspace()) for _ in range(2000)]
    assert {p.direction for p in pushes} == set(range(16))
    rows, cols = np.array([(p.row, p.col) for p in pushes]).T
    assert rows.min() < 3 and rows.max() > 220 and cols.min() < 3 and cols.max() > 220


def test_a_push_near_an_object_starts_two_to_eight_centimetres_before_it() -> None:
    heightmap = np.zeros((224, 224), np.float32)
    heightmap[112, 112] = 0.05
    rng = np.random.default_rng(0)
    for _ in range(50):
        push = push_near_object(rng, heightmap, Workspace())
        to_row, to_col = 112 - push.row, 112 - push.col
        distance = np.hypot(to_row, to_col) * 0.002
        assert 0.018 < distance < 0.082
        # it points at the pixel, up to the rounding of the start
        turn = np.angle(np.exp(1j * (np.arctan2(to_row, to_col) - push.angle)))
        assert abs(turn) * distance < 0.002


def test_a_mask_is_drawn_from_uniformly() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[1, 2, 3] = mask[15, 223, 0] = True
    rng = np.random.default_rng(0)
    drawn = [from_mask(rng, mask, Workspace()) for _ in range(400)]
    first = sum(push == Push(2, 3, 1) for push in drawn)
    assert 150 < first < 250
    assert sum(push == Push(223, 0, 15) for push in drawn) == 400 - first
    assert from_mask(rng, np.zeros(SHAPE, bool), Workspace()) is None


def test_blocked_marks_a_square_of_the_same_direction() -> None:
    out = blocked([Push(0, 50, 3), Push(200, 223, 3)], 2, SHAPE)
    assert out.sum() == 3 * 5 + 5 * 3
    assert out[3, 0:3, 48:53].all() and out[3, 198:203, 221:224].all()
