"""What happens in a sequence: liquid is kept, streams hit, nothing passes through anything."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from saccade.errors import UserInputError
from saccade.worlds.pouring import ATTRIBUTES, PHASES, PouringConfig
from saccade.worlds.pouring.bodies import arm_bones, stream_centre, stream_radius
from saccade.worlds.pouring.hand import HandShape
from saccade.worlds.pouring.labels import attributes
from saccade.worlds.pouring.liquid import capacity
from saccade.worlds.pouring.meshes import cup_mesh
from saccade.worlds.pouring.plan import Plan, draw_lengths, draw_plan
from saccade.worlds.pouring.script import Course, play

SEEDS = range(15)
PLANS = [(split, seed) for split in ("train", "test") for seed in SEEDS]
CONFIG = PouringConfig()


@cache
def played(split: str, seed: int, outcome: str = "poured") -> tuple[Plan, Course]:
    """The sequence of a seed."""
    config = PouringConfig(split=split, outcome=outcome)  # type: ignore[arg-type]
    plan = draw_plan(np.random.default_rng(seed), config)
    return plan, play(plan)


def in_target(plan: Plan, points: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Which points are inside of the target, its hollow included."""
    x, y, z = np.moveaxis(points - plan.target_at, -1, 0)
    cup = plan.target
    radius = np.interp(z - cup.floor, cup.heights, cup.radii) + cup.wall + margin
    return (z > 0) & (z < cup.height) & (np.hypot(x, y) < radius)


def of(course: Course, phase: str) -> np.ndarray:
    """Numbers of the frames of a phase."""
    return np.flatnonzero(course.phases == PHASES.index(phase))


@pytest.mark.parametrize("frames", [27, 32, 45, 60, 300])
def test_lengths_of_phases_have_the_sum_that_is_asked_for(frames: int) -> None:
    lengths = draw_lengths(np.random.default_rng(frames), frames)
    assert sum(lengths) == frames
    assert len(lengths) == len(PHASES)
    assert min(lengths) >= 3


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_what_leaves_the_source_arrives_in_the_target(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    assert course.volumes.sum(axis=1) == pytest.approx(np.full(plan.frames, plan.filled))
    assert course.volumes[0] == pytest.approx([plan.filled, 0.0])
    assert course.volumes[-1, 0] == pytest.approx(plan.left)
    assert course.volumes[-1, 1] <= capacity(plan.target, np.zeros(1))[0]
    assert course.flow.sum() == pytest.approx(plan.filled - plan.left)


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_it_flows_when_the_source_is_full_to_the_lip_and_only_then(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    holds = capacity(plan.source, course.tilt)
    still = replace(plan, extra=0.0)
    pouring = of(course, "pour")
    assert (np.flatnonzero(course.flow) == pouring).all()
    exactly = play(still)
    expected = capacity(plan.source, exactly.tilt)[pouring]
    last_drops = 0.025 * plan.filled
    assert exactly.volumes[pouring, 0] == pytest.approx(expected, abs=last_drops)
    before = course.phases < PHASES.index("pour")
    assert (course.volumes[before, 0] <= 1.001 * holds[before]).all()


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_the_stream_falls_into_the_target(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    cup = plan.target
    flowing = course.flow > 0
    centre = stream_centre(plan, course)[flowing] - plan.target_at
    off = np.hypot(centre[..., 0], centre[..., 1]) + stream_radius(course)[flowing, None]
    below = centre[..., 2] <= cup.height
    assert below[:, -1].all()
    free = np.interp(centre[..., 2] - cup.floor, cup.heights, cup.radii)
    assert (off[below] <= free[below] + 0.004).all()
    # It begins at the lip.
    assert centre[:, 0] == pytest.approx(course.lip[flowing] - plan.target_at)


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_neither_cup_nor_hand_passes_through_the_target_or_the_table(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    wall = cup_mesh(replace(plan.source, handle=False)).vertices
    moved = course.source[:, None] + np.einsum("nij,vj->nvi", course.rotation, wall)
    assert moved[..., 2].min() > -1e-9
    assert not in_target(plan, moved).any()
    hand = HandShape(plan.side)
    starts, ends = arm_bones(plan, course, hand)
    for share in np.linspace(0, 1, 5):
        points = (1 - share) * starts + share * ends
        assert (points[..., 2] - hand.radii).min() > -0.003
        assert not in_target(plan, points[:, :-2], margin=0.004).any()


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_the_hand_is_around_the_cup_as_long_as_it_moves(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    middle = course.source + plan.hold * course.rotation[:, :, 2]
    moving = np.flatnonzero(np.linalg.norm(np.diff(course.source, axis=0), axis=1) > 1e-9) + 1
    assert course.hand[moving] == pytest.approx(middle[moving])
    assert (course.aperture[moving] == 0).all()
    assert course.aperture[of(course, "retract")[-1]] == 1
    assert np.linalg.norm(course.hand[-1] - middle[-1]) > 0.08


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_nothing_jumps(split: str, seed: int) -> None:
    _, course = played(split, seed)
    for path, most in ((course.source, 0.15), (course.hand, 0.15)):
        assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < most
    assert np.abs(np.diff(course.tilt)).max() < np.radians(60)


@pytest.mark.parametrize(("split", "seed"), PLANS)
def test_the_end_does_not_look_like_the_beginning(split: str, seed: int) -> None:
    plan, course = played(split, seed)
    assert np.linalg.norm(course.source[-1] - course.source[0]) > 0.02
    assert course.source[-1] == pytest.approx(plan.put_at)
    assert course.source[0] == pytest.approx(plan.source_at)
    assert course.volumes[-1, 1] > 0.3 * capacity(plan.target, np.zeros(1))[0]
    assert course.volumes[-1, 0] < 0.15 * course.volumes[0, 0]


def test_both_hands_pour_and_sides_swap() -> None:
    plans = [played("train", seed)[0] for seed in range(40)]
    assert {plan.side for plan in plans} == {-1, 1}
    crossing = [np.sign(plan.source_at[0] - plan.target_at[0]) != plan.side for plan in plans]
    assert 2 < sum(crossing) < 16


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_say_what_the_state_is(seed: int) -> None:
    plan, course = played("train", seed)
    found = attributes(plan, course)
    assert found.keys() == ATTRIBUTES.keys()
    for name, classes in ATTRIBUTES.items():
        assert found[name].shape == (plan.frames,)
        assert 0 <= found[name].min() <= found[name].max() < classes
    for name, phases in (("contact", ("lift", "pour", "return")), ("within_distance", ("pour",))):
        for phase in phases:
            assert found[name][of(course, phase)].all()
        assert not found[name][of(course, "reach")].any()
        assert not found[name][-1]
    assert (np.flatnonzero(found["liquid_flowing"]) == of(course, "pour")).all()
    assert (np.diff(found["has_liquid"]) >= 0).all()
    assert found["has_liquid"][[0, -1]].tolist() == [0, 1]
    degrees = np.degrees(course.tilt)
    assert (found["container_angle"][degrees < 10] == 0).all()
    assert (found["container_angle"][(degrees > 33) & (degrees < 51)] == 2).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spill_misses_the_target(seed: int) -> None:
    plan, course = played("train", seed, "spilled")
    assert (course.volumes[:, 1] == 0).all()
    assert course.volumes[-1, 0] == pytest.approx(plan.left)
    landed = stream_centre(plan, course)[course.flow > 0, -1]
    assert landed[:, 2] == pytest.approx(np.zeros(len(landed)), abs=1e-9)
    assert not in_target(plan, landed * [1, 1, 0] + np.array([0, 0, 1e-6])).any()
    assert not attributes(plan, course)["has_liquid"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_withheld_stays_in_the_source(seed: int) -> None:
    plan, course = played("train", seed, "withheld")
    assert (course.volumes == [plan.filled, 0.0]).all()
    assert (capacity(plan.source, course.tilt) > plan.filled).all()
    assert course.tilt.max() > np.radians(2)
    poured, _ = played("train", seed)
    assert (plan.source_at == poured.source_at).all()


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"frames": (20, 60)}, r"frames is \(20, 60\); expected fewest and most, from 27 to 2000"),
        ({"frames": (60, 40)}, "frames is"),
        ({"height": 0}, "height is 0; expected 1 to 2,048"),
        ({"views": 0}, "views is 0; expected 1 to 9"),
        ({"split": "both"}, "split is 'both'; expected one of train, test"),
        ({"outcome": "drunk"}, "expected one of poured, spilled, withheld"),
        ({"fps": 0.0}, "fps is 0.0; expected above 0"),
        ({"azimuth": -1.0}, "azimuth is -1.0; expected 0 or more"),
    ],
)
def test_impossible_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        PouringConfig(**settings)
