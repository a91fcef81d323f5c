from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from saccade.data.replay import Column, Replay
from saccade.data.sum_tree import SumTree
from saccade.errors import DamagedFileError, UserInputError

COLUMNS = {"number": Column("int64", ()), "image": Column("uint8", (4, 5, 3))}


def rows(*numbers: int) -> dict[str, np.ndarray]:
    images = np.stack([np.full((4, 5, 3), n % 256, np.uint8) for n in numbers])
    return {"number": np.array(numbers), "image": images}


def a_replay(*numbers: int, capacity: int = 8, **settings: float) -> Replay:
    replay = Replay(COLUMNS, capacity, **settings)
    replay.add(rows(*numbers))
    return replay


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100, 1000])
def test_a_tree_finds_what_the_running_sum_says(size: int) -> None:
    rng, tree, values = np.random.default_rng(1), SumTree(size), np.zeros(size)
    for _ in range(20):
        indices = rng.integers(size, size=rng.integers(1, 50))
        values[indices] = new = rng.integers(0, 10, len(indices)).astype(float)
        tree.set(indices, new)
        assert tree.total == values.sum()
        if values.any():
            at = rng.integers(0, int(values.sum()), 100) + 0.5
            expected = np.searchsorted(np.cumsum(values), at, side="right")
            np.testing.assert_array_equal(tree.find(at), expected)
    np.testing.assert_array_equal(tree.values(np.arange(size)), values)


def test_a_tree_never_finds_a_value_of_0() -> None:
    tree = SumTree(6)
    tree.set(np.array([2, 4]), np.array([0.1, 0.3]))
    assert tree.find(np.array([0.0, tree.total, 2 * tree.total])).tolist() == [2, 4, 4]


def test_the_oldest_rows_are_replaced() -> None:
    replay = a_replay(0, 1, 2, capacity=4)
    assert replay.add(rows(3, 4, 5)).tolist() == [3, 0, 1]
    assert len(replay) == 4
    held = replay.rows(np.arange(4))
    assert held["number"].tolist() == [4, 5, 2, 3]
    np.testing.assert_array_equal(held["image"][:, 0, 0, 0], held["number"])


@pytest.mark.parametrize(("exponent", "priorities"), [(1.0, (1, 2, 3, 10)), (0.7, (1, 0.1, 5, 0))])
def test_rows_are_drawn_in_proportion(exponent: float, priorities: tuple[float, ...]) -> None:
    replay = a_replay(0, 1, 2, 3, exponent=exponent, correction=0.5)
    replay.set_priorities(np.arange(4), np.array(priorities, float))
    shares = np.array(priorities) ** exponent / (np.array(priorities) ** exponent).sum()
    sample = replay.sample(20_000, np.random.default_rng(2))
    counted = np.bincount(sample.indices, minlength=4) / 20_000
    np.testing.assert_allclose(counted, shares, atol=2e-4)  # stratified: no sampling error
    assert sample.rows["number"].tolist() == sample.indices.tolist()
    seen = shares[sample.indices]
    np.testing.assert_allclose(sample.weights, (seen.min() / seen) ** 0.5, rtol=1e-3)


def test_a_full_correction_undoes_the_chances_in_the_mean() -> None:
    replay = a_replay(*range(8), exponent=1.0, correction=1.0)
    replay.set_priorities(np.arange(8), np.linspace(0.1, 3, 8))
    sample = replay.sample(80_000, np.random.default_rng(3))
    mean = np.average(sample.rows["number"], weights=sample.weights)
    assert mean == pytest.approx(3.5, abs=0.01)


def test_a_new_row_has_the_largest_priority_so_far() -> None:
    replay = a_replay(0, 1)
    replay.set_priorities(np.array([0]), np.array([50.0]))
    replay.set_priorities(np.array([0]), np.array([0.0]))
    replay.add(rows(2))
    assert replay.state_dict()["priorities"].tolist() == [0, 1, 50]


def test_drawing_alike_does_not_heed_priorities() -> None:
    replay = a_replay(0, 1)
    replay.set_priorities(np.arange(2), np.array([0.0, 100.0]))
    sample = replay.sample(4000, np.random.default_rng(4), prioritised=False)
    assert abs(np.mean(sample.indices) - 0.5) < 0.03
    assert (sample.weights == 1).all()


def test_what_is_sampled_is_a_copy() -> None:
    replay = a_replay(7)
    replay.sample(1, np.random.default_rng(0)).rows["image"][:] = 0
    assert replay.rows(np.array([0]))["image"].min() == 7


def use(replay: Replay, rng: np.random.Generator, steps: int) -> list[list[int]]:
    drawn = []
    for step in range(steps):
        replay.add(rows(*rng.integers(0, 1000, 3).tolist()))
        sample = replay.sample(5, rng, prioritised=step % 4 > 0)
        replay.set_priorities(sample.indices, rng.random(5) * sample.weights)
        drawn.append(sample.rows["number"].tolist())
    return drawn


@pytest.mark.parametrize("before", [1, 40])
def test_a_restored_replay_goes_on_bit_by_bit(before: int) -> None:
    rng, replay = np.random.default_rng(5), Replay(COLUMNS, 37)
    use(replay, rng, before)
    state, chance = replay.state_dict(), rng.bit_generator.state
    copy = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in state.items()}
    copy["rows"] = {name: array.copy() for name, array in state["rows"].items()}
    expected = use(replay, rng, 30)
    again, rng = Replay(COLUMNS, 37), np.random.default_rng(99)
    use(again, rng, 3)
    again.load_state_dict(copy)
    rng.bit_generator.state = chance
    assert use(again, rng, 30) == expected
    assert again._tree.total == replay._tree.total


def test_memory_is_said_and_taken_as_rows_come() -> None:
    columns = {
        "rgb": Column("uint8", (128, 128, 3)),
        "depth": Column("float16", (128, 128)),
        "action": Column("float32", (8,)),
    }
    replay = Replay(columns, 100_000)
    assert replay.row_bytes == 128 * 128 * 5 + 32
    assert replay.full_bytes < 8.3e9
    replay.add({n: np.zeros((3, *c.shape), c.dtype) for n, c in columns.items()})
    assert len(replay._arrays["rgb"]) == 256


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: r.add({"number": np.zeros(1, int)}), "rows have number; expected number, image"),
        (lambda r: r.add(rows(1) | {"image": np.zeros((1, 4, 4, 3))}), r"image has shape"),
        (lambda r: r.add(rows(*range(9))), "9 rows added to a replay of 8"),
        (lambda r: r.add(rows(1), np.array([-1.0])), "a priority is negative"),
        (lambda r: r.set_priorities(np.array([3]), np.ones(1)), "rows 3 to 3 of a replay of 3"),
        (lambda r: r.set_priorities(np.array([0]), np.array([np.nan])), "NaN"),
        (lambda r: r.set_priorities(np.array([0]), np.ones(2)), r"shape \(2,\); expected \(1,\)"),
        (lambda r: r.sample(0, np.random.default_rng(0)), "0 rows asked of a replay of 3"),
        (lambda _: Replay(COLUMNS, 0), "a replay of 0 rows"),
        (lambda _: Replay(COLUMNS, 5, exponent=1.5), "exponent is 1.5"),
        (lambda _: a_replay(1).sample(1, np.random.default_rng(0)) and Replay({}, 5), "0 columns"),
        (lambda _: Replay(COLUMNS, 5).sample(1, np.random.default_rng(0)), "a replay of 0"),
    ],
)
def test_mistakes_cost_one_line(call: Any, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        call(a_replay(0, 1, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": {}},
        {"added": 4},
        {"added": -1},
        {"priorities": np.zeros(2)},
        {"priorities": None},
        {"rows": rows(1, 2, 3) | {"more": np.zeros(3)}},
        {"rows": rows(1, 2, 3) | {"number": np.zeros(3)}},
    ],
)
def test_the_state_of_another_replay_is_refused_and_changes_nothing(change: dict) -> None:
    replay = a_replay(1, 2, 3)
    with pytest.raises(DamagedFileError, match="not that of this replay"):
        replay.load_state_dict(replay.state_dict() | change)
    assert replay.rows(np.arange(3))["number"].tolist() == [1, 2, 3]
