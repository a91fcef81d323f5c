from __future__ import annotations

import numpy as np
import pytest

import tiny_push
from saccade.attention.oriented_glimpse import extract_glimpses
from saccade.data.push_episodes import BOXED, GROUNDED, PushEpisode, pack_maps
from saccade.systems.push.glimpse_samples import (
    GlimpseSamples,
    GoalMix,
    episode_samples,
    join_samples,
    sample_goals,
)
from saccade.systems.push.targets import Effects, goal_of, inside_box
from saccade.worlds.push_box.box import BOX_HALF, BoxPlacement
from saccade.worlds.scenarios import MAX_OBJECTS
from saccade.worlds.workspace import Workspace

WS = Workspace()
GEOMETRY = tiny_push.GLIMPSE.glimpse


def an_episode() -> PushEpisode:
    """Three pushes on two objects: the first push boxes object 1, the third loses object 0."""
    poses = np.zeros((4, 2, 7), np.float32)
    poses[:, 0, 0], poses[:, 1, 0] = (-0.5, -0.4, -0.3, 9.0), (-0.7, 9.0, 9.0, 9.0)
    left = np.array([[0, BOXED], [0, 0], [GROUNDED, 0]], np.int8)
    exits = np.full((3, 2, 2), np.nan, np.float32)
    exits[0, 1], exits[2, 0] = (-0.75, 0.1), (-0.27, 0.05)
    return PushEpisode(
        pack_maps([tiny_push.block_map(row=20 * i) for i in range(4)]),
        np.array([[10, 20, 3], [30, 40, 8], [50, 60, 15]], np.int16),
        np.zeros(3, bool),
        poses,
        left,
        exits,
        ["red cube", "blue cube"],
        ["edge"] * 3,
    )


def samples() -> GlimpseSamples:
    found = episode_samples(an_episode(), 7, GEOMETRY)
    assert found is not None
    return found


def test_effects_by_hand() -> None:
    effects = samples().effects
    assert effects.before.shape == (3, MAX_OBJECTS, 2)
    np.testing.assert_allclose(effects.before[:, 0, 0], [-0.5, -0.4, -0.3])
    np.testing.assert_allclose(effects.after[:, 0, 0], [-0.4, -0.3, 9.0])
    assert effects.before[0, 1, 0] == np.float32(-0.7)
    assert np.isnan(effects.before[1:, 1]).all() and np.isnan(effects.after[1:, 1]).all()
    assert effects.left[:, :2].tolist() == [[0, BOXED], [0, 0], [GROUNDED, 0]]
    assert np.isnan(effects.before[:, 2:]).all() and (effects.left[:, 2:] == 0).all()


def test_heights_are_the_glimpses_of_each_pushs_own_observation() -> None:
    found, episode = samples(), an_episode()
    assert (found.rows.tolist(), found.cols.tolist()) == ([10, 30, 50], [20, 40, 60])
    assert found.episode.tolist() == [7, 7, 7]
    for i in range(3):
        own = extract_glimpses(
            episode.heightmap(i)[None], found.rows[i : i + 1], found.cols[i : i + 1],
            found.directions[i : i + 1], GEOMETRY,
        )  # fmt: skip
        np.testing.assert_array_equal(found.heights[i], own[0, 0].astype(np.float16))


def test_joining_and_choosing_keep_pushes_whole() -> None:
    other = episode_samples(an_episode(), 8, GEOMETRY)
    assert other is not None
    both = join_samples([samples(), other])
    assert len(both) == 6 and both.episode.tolist() == [7, 7, 7, 8, 8, 8]
    some = both[np.array([5, 0])]
    assert some.episode.tolist() == [8, 7] and some.rows.tolist() == [50, 10]
    assert some.effects.left[:, :2].tolist() == [[GROUNDED, 0], [0, BOXED]]


def test_an_episode_without_pushes_gives_no_samples(episodes: list[PushEpisode]) -> None:
    e = episodes[0]
    none = PushEpisode(
        e.heightmaps[:0], e.actions[:0], e.refused[:0], e.poses[:1], e.left[:0], e.exits[:0],
        e.names, [],
    )  # fmt: skip
    assert episode_samples(none, 0, GEOMETRY) is None


def falls(n: int, seed: int = 0) -> tuple[GlimpseSamples, np.ndarray]:
    """n pushes that drop one object each, somewhere around the table, and where."""
    rng = np.random.default_rng(seed)
    beyond = rng.uniform(0.23, 0.28, n)
    along = rng.uniform(-0.2, 0.2, n)
    edge = rng.integers(4, size=n)
    sign = np.where(edge % 2 == 0, -1, 1)
    x = np.where(edge < 2, sign * beyond, along) + WS.centre[0]
    y = np.where(edge < 2, along, sign * beyond) + WS.centre[1]
    exits = np.full((n, 2, 2), np.nan)
    exits[:, 1] = np.stack([x, y], axis=1)
    left = np.zeros((n, 2), np.int8)
    left[:, 1] = GROUNDED
    here = np.zeros((n, 2, 2))
    zero = np.zeros(n, np.int64)
    heights = np.zeros((n, 2, 2), np.float16)
    return GlimpseSamples(heights, zero, zero, zero, Effects(here, here, left, exits), zero), edge


def test_aimed_boxes_stand_at_the_right_edge_and_often_catch_the_object() -> None:
    found, edge = falls(400)
    goals, recorded = sample_goals(
        found, BoxPlacement(), WS, GoalMix(0.0, 1.0, 0.0), np.random.default_rng(0)
    )
    assert not recorded.any()
    dx, dy = (goals.box - np.array(WS.centre)).T
    out = WS.size / 2 + BOX_HALF - 0.004
    stands = np.select(
        [np.isclose(dx, -out), np.isclose(dx, out), np.isclose(dy, -out), np.isclose(dy, out)],
        [0, 1, 2, 3],
    )
    assert (stands == edge).all()
    assert (np.abs(np.where(edge < 2, dy, dx)) <= 0.112 + 1e-9).all()
    exits = found.effects.exits[:, 1]
    caught = inside_box(exits[:, :1], exits[:, 1:], goals, margin=0.008)[:, 0]
    assert 0.5 < caught.mean() < 0.95  # also misses, or nothing would be learned about them


def test_goals_are_mixed_as_asked_for() -> None:
    found = samples()[np.ones(3000, np.int64)]  # the push that drops nothing
    box = BoxPlacement("right", 0.03)
    goals, recorded = sample_goals(found, box, WS, GoalMix(0.4, 0.6, 0.1), np.random.default_rng(1))
    assert recorded.mean() == pytest.approx(0.4, abs=0.04)
    np.testing.assert_allclose(
        goals.box[recorded], np.repeat(goal_of(box, WS).box, recorded.sum(), 0)
    )
    disc = goals.base == 0
    assert disc.mean() == pytest.approx(0.1, abs=0.02)
    rest = ~recorded & ~disc
    sides = np.round(np.abs(goals.box[rest] - WS.centre) / (WS.size / 2 + BOX_HALF - 0.004), 6)
    assert (sides.max(axis=1) == 1).all() and 0.4 < (sides[:, 0] == 1).mean() < 0.6


def test_without_a_box_the_recorded_goal_is_the_disc() -> None:
    goals, recorded = sample_goals(
        samples(), None, WS, GoalMix(1.0, 0.0, 0.0), np.random.default_rng(0)
    )
    assert recorded.all() and (goals.base == 0).all()
