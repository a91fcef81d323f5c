from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import DTypeLike

import tiny_push
from saccade.errors import UserInputError
from saccade.systems.push.baselines import (
    EdgeRandomPolicy,
    PrivilegedPolicy,
    RandomPolicy,
    ScriptedPolicy,
)
from saccade.systems.push.decision import Policy
from saccade.systems.push.policy import MEMORY_RADIUS, GlimpsePolicy
from saccade.worlds.push_box import PushWorld
from saccade.worlds.workspace import Push, Workspace
from tiny_push import block_map, cube_at, fixed_policy, tiny_policy

SHAPE = (16, 224, 224)
POLICIES = (
    "random", "edge", "scripted", "privileged", "glimpse", "hourglass", "hourglass-pos", "densenet",
    "densenet-rotate", "unmasked", "learned",
)  # fmt: skip


def make(name: str) -> Policy:
    match name:
        case "random":
            return RandomPolicy()
        case "edge":
            return EdgeRandomPolicy()
        case "scripted":
            return ScriptedPolicy()
        case "privileged":
            return PrivilegedPolicy(candidates=2)
        case "unmasked":
            return tiny_policy("glimpse", "none")
        case "learned":
            return tiny_policy("hourglass", "learned", explore=0.5)
        case "glimpse" | "hourglass" | "hourglass-pos" | "densenet" | "densenet-rotate":
            return tiny_policy(name)
    raise AssertionError(name)


@pytest.fixture(scope="module")
def world() -> PushWorld:
    world = PushWorld(tiny_push.WORLD)
    world.reset(cube_at((-0.55, 0.05), (-0.45, -0.05)))
    return world


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_chooses_a_push_on_the_map_and_says_from_what(
    name: str, world: PushWorld
) -> None:
    heightmap = world.observe()
    before = world.object_poses()
    policy = make(name)
    policy.reset(7, world)
    for avoid in ((), (Push(100, 100, 3), Push(0, 0, 0))):
        decision = policy.decide(heightmap, avoid)
        assert Workspace().contains(*decision.push.start)
        at = decision.push.direction, decision.push.row, decision.push.col
        if decision.mask is not None:
            assert decision.mask.shape == SHAPE and decision.mask.dtype == bool
            assert decision.mask[at] or not decision.mask.any()
        if decision.q is not None:
            assert decision.q.shape == SHAPE and np.isfinite(decision.q).all()
            assert decision.push.value == decision.q[at]
    np.testing.assert_array_equal(world.object_poses(), before)  # nobody moves the world


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_seed_makes_every_policy_choose_the_same(name: str, world: PushWorld) -> None:
    heightmap = world.observe()

    def choices() -> list[Push]:
        policy = make(name)
        policy.reset(7, world)
        return [policy.decide(heightmap).push for _ in range(2)]

    assert choices() == choices()


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_stumbles_over_a_table_that_looks_empty(name: str, world: PushWorld) -> None:
    """An object may be hidden: an episode goes on."""
    policy = make(name)
    policy.reset(0, world)
    push = policy.decide(np.zeros((224, 224), np.float32)).push
    assert Workspace().contains(*push.start)


def test_the_same_heightmap_gives_the_same_push_whatever_came_before() -> None:
    policy = tiny_policy("glimpse")
    first = policy.act(block_map())
    policy.act(block_map(row=40, height=0.03))
    assert policy.act(block_map()) == first
    assert tiny_policy("glimpse").act(block_map()) == first


@pytest.mark.parametrize("network", ["glimpse", "hourglass"])
def test_what_was_recently_useless_is_not_tried_again(network: str) -> None:
    policy = tiny_policy("glimpse" if network == "glimpse" else "hourglass")
    radius, tried = MEMORY_RADIUS, []
    for _ in range(4):
        push = policy.decide(block_map(), tried).push
        for old in tried:
            far = max(abs(push.row - old.row), abs(push.col - old.col)) > radius
            assert far or push.direction != old.direction
        tried.append(push)


def test_our_policy_weighs_the_gain_against_the_risk() -> None:
    """With a loss of no price the network's first output decides, with a high one its second."""
    policy = cast(GlimpsePolicy, tiny_policy("glimpse"))
    edge = policy.decide(block_map()).mask
    assert edge is not None
    pushes = np.nonzero(edge)[0][:20], np.nonzero(edge)[1][:20], np.nonzero(edge)[2][:20]
    last = policy._network.head[2]
    last.weight.data.zero_()
    last.bias.data[0], last.bias.data[1] = 1.5, 0.0  # gain 1.5, risk one half
    wanted = 1.5 - 0.5 * policy.config.policy.ground_cost
    np.testing.assert_allclose(policy._look(block_map(), pushes), wanted, atol=1e-6)


def test_act_refuses_an_empty_table() -> None:
    with pytest.raises(UserInputError, match="table is empty"):
        tiny_policy("glimpse").act(np.full((224, 224), 0.004, np.float32))


@pytest.mark.parametrize(
    ("shape", "dtype", "value", "says"),
    [
        ((224, 223), np.float32, 0.05, "224, 223"),
        ((224,), np.float32, 0.05, "shape"),
        ((224, 224), np.int32, 50, "int32"),
        ((224, 224), np.float32, np.nan, "NaN"),
        ((224, 224), np.float32, np.inf, "infinite"),
        ((224, 224), np.float32, 50.0, "millimetres"),
    ],
)
@pytest.mark.parametrize("network", ["glimpse", "hourglass"])
@pytest.mark.usefixtures("unchecked_types")
def test_act_refuses_a_bad_heightmap(
    network: str, shape: tuple[int, ...], dtype: DTypeLike, value: float, says: str
) -> None:
    heightmap = np.full(shape, value, dtype)
    policy = tiny_policy("glimpse" if network == "glimpse" else "hourglass")
    with pytest.raises(UserInputError, match=says) as caught:
        policy.act(heightmap)
    assert "\n" not in str(caught.value)


def test_act_takes_any_floating_point_type() -> None:
    policy = tiny_policy("glimpse")
    heightmap = block_map()
    heightmap[heightmap > 0] = 0.0625  # exact in all types
    pushes = [policy.act(heightmap.astype(t)) for t in (np.float16, np.float32, np.float64)]
    assert pushes[0] == pushes[1] == pushes[2]


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "long double": lambda h: h.astype(np.longdouble),
    "other byte order": lambda h: h.astype(">f4"),
    "columns first": np.asfortranarray,
    "every second": lambda h: np.repeat(np.repeat(h, 2, 0), 2, 1)[::2, ::2],
    "turned round": lambda h: h[::-1, ::-1].copy()[::-1, ::-1],
    "not aligned": lambda h: np.ndarray(h.shape, h.dtype, b"x" + h.tobytes(), 1),
    "read-only": lambda h: np.frombuffer(h.tobytes(), h.dtype).reshape(h.shape),
}


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_act_takes_any_memory_layout(layout: str) -> None:
    policy = tiny_policy("glimpse")
    assert policy.act(LAYOUTS[layout](block_map())) == policy.act(block_map())


ODD: dict[str, Callable[[np.ndarray], Any]] = {
    "mask over NaN": lambda h: np.ma.masked_invalid(np.where(h > 0, np.nan, h)),
    "mask over nothing": np.ma.asarray,
    "all masked": lambda h: np.ma.masked_all_like(h),
    "NaN": lambda h: np.where(h > 0, np.nan, h),
    "half infinite": lambda h: np.where(h > 0, np.inf, h).astype(np.float16),
    "beyond float64": lambda h: np.where(h > 0, np.longdouble("1e4000"), h),
    "objects": lambda h: h.astype(object),
    "complex": lambda h: h.astype(complex),
    "records": lambda h: h.view([("height", "f4")]),
    "list": lambda h: h.tolist(),
}


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("kind", ODD)
def test_act_refuses_what_is_no_plain_array_of_heights(kind: str) -> None:
    with pytest.raises(UserInputError, match="heightmap") as caught:
        tiny_policy("glimpse").act(ODD[kind](block_map()))
    assert "\n" not in str(caught.value)


def maps(**values: float) -> np.ndarray:
    """(16, 224, 224) of zeros but for a few values, each named k_row_col."""
    out = np.zeros(SHAPE, np.float32)
    for place, value in values.items():
        out[tuple(int(n) for n in place.split("_")[1:])] = value
    return out


Q = maps(a_2_10_20=5.0, b_3_30_40=4.0, c_4_50_60=-3.0, d_9_9_9=9.0)
PROBABILITY = np.maximum(maps(a_2_10_20=0.6, b_3_30_40=0.9, c_4_50_60=0.95, d_9_9_9=0.4), 0.01)


def test_a_hard_mask_allows_or_forbids() -> None:
    decision = fixed_policy(Q, PROBABILITY).decide(block_map())
    assert (decision.push.direction, decision.push.row, decision.push.col) == (2, 10, 20)
    assert decision.q is not None and decision.mask is not None
    assert decision.q[2, 10, 20] == 5.0 and decision.q[3, 30, 40] == 4.0
    assert decision.q[9, 9, 9] == 0.0 and not decision.mask[9, 9, 9]
    assert decision.mask.sum() == 3
    assert decision.push.value == 5.0


def test_a_soft_mask_multiplies() -> None:
    decision = fixed_policy(Q, PROBABILITY, soft=True).decide(block_map())
    assert (decision.push.direction, decision.push.row, decision.push.col) == (3, 30, 40)
    assert decision.q is not None
    assert decision.q[2, 10, 20] == pytest.approx(5.0 * 0.6, rel=1e-5)
    assert decision.q[3, 30, 40] == pytest.approx(4.0 * 0.9, rel=1e-5)
    assert decision.push.value == pytest.approx(3.6, rel=1e-5)


def test_q_is_never_negative() -> None:
    decision = fixed_policy(Q, PROBABILITY).decide(block_map())
    assert decision.q is not None
    assert decision.q[4, 50, 60] == 0.0 and decision.q.min() == 0.0


def test_where_q_says_nothing_the_mask_decides() -> None:
    only = np.maximum(maps(a_7_70_80=0.9), 0.01)
    push = fixed_policy(np.full(SHAPE, -1.0), only).decide(block_map()).push
    assert (push.direction, push.row, push.col) == (7, 70, 80)


@pytest.mark.parametrize("soft", [False, True])
def test_an_empty_mask_does_not_lead_to_the_first_pixel(soft: bool) -> None:
    policy = fixed_policy(Q, np.full(SHAPE, 0.01), soft=soft)
    decision = policy.decide(block_map(row=100, col=120, side=25))
    assert decision.mask is not None and not decision.mask.any()
    push = decision.push
    ahead = [
        (push.row + d * np.sin(push.angle), push.col + d * np.cos(push.angle)) for d in range(8, 45)
    ]  # pixels
    assert any(99 <= r <= 125 and 119 <= c <= 145 for r, c in ahead), "it points at the object"


def test_a_mask_of_which_all_was_tried_falls_back_as_well() -> None:
    policy = fixed_policy(Q, np.maximum(maps(a_2_10_20=0.9), 0.01))
    push = policy.decide(block_map(), [Push(10, 20, 2)]).push
    assert (push.row, push.col) != (10, 20) and (push.row, push.col) != (0, 0)


def test_exploring_takes_one_of_the_next_ninety_nine_best() -> None:
    q = np.zeros(SHAPE)
    ranked = np.random.default_rng(0).permutation(q.size)[:150]
    q.ravel()[ranked] = np.arange(150, 0, -1)
    policy = fixed_policy(q, np.full(SHAPE, 0.9), explore=1.0)
    rank = {int(place): i for i, place in enumerate(ranked)}
    seen = set()
    for _ in range(400):
        i = policy._pick(q.ravel())
        seen.add(rank[i])
    assert min(seen) == 1 and max(seen) == 99
    assert len(seen) > 90


def test_exploring_never_leaves_the_mask() -> None:
    policy = fixed_policy(Q, PROBABILITY, explore=1.0)
    chosen = {
        (p.direction, p.row, p.col) for p in (policy.decide(block_map()).push for _ in range(30))
    }
    assert chosen == {(3, 30, 40), (4, 50, 60)}  # of three allowed pushes all but the best


def test_exploring_happens_as_often_as_it_should() -> None:
    policy = fixed_policy(Q, PROBABILITY, explore=0.3)
    values = np.arange(200.0)
    explored = sum(policy._pick(values) != 199 for _ in range(1000))
    assert 240 < explored < 360
    assert all(fixed_policy(Q, PROBABILITY)._pick(values) == 199 for _ in range(20))
