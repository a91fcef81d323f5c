from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

import tiny_push
from saccade.systems.push.decision import Decision
from saccade.systems.push.evaluate import Evaluation, evaluate, summarise
from saccade.systems.push.rollout import EpisodeResult, Protocol, Step, play
from saccade.worlds.push_box import PushWorld
from saccade.worlds.workspace import Push
from tiny_push import cube_at

CUBE = (-0.5, 0.0)  # pixel (112, 112)
TOWARDS, NOWHERE = Push(112, 140, 8), Push(5, 5, 0)


class Scripted:
    """Plays a list of pushes, the last one again and again."""

    def __init__(self, *pushes: Push) -> None:
        self.pushes, self.told = list(pushes), []

    def reset(self, seed: int, world: PushWorld) -> None:
        self.seed = seed

    def decide(self, heightmap: np.ndarray, avoid: Sequence[Push] = ()) -> Decision:
        self.told.append(list(avoid))
        return Decision(self.pushes.pop(0) if len(self.pushes) > 1 else self.pushes[0])


def played(policy: Scripted, protocol: Protocol) -> tuple[EpisodeResult, list[Step]]:
    steps: list[Step] = []
    world = PushWorld(tiny_push.WORLD)
    return play(world, cube_at(CUBE), policy, protocol, 4, steps.append), steps


def test_an_episode_ends_at_its_action_limit() -> None:
    result, steps = played(Scripted(NOWHERE), Protocol(max_actions=3, patience=10))
    assert result == EpisodeResult(0, 0, 1, actions=3, refused=0, useless=3)
    assert len(steps) == 3 and not any(s.changed for s in steps)


def test_an_episode_ends_when_patience_does() -> None:
    result, _ = played(Scripted(NOWHERE), Protocol(max_actions=60, patience=4))
    assert result.actions == 4 and result.useless == 4


def test_a_push_that_changes_something_restores_the_patience() -> None:
    policy = Scripted(NOWHERE, NOWHERE, TOWARDS, NOWHERE)
    result, steps = played(policy, Protocol(max_actions=60, patience=3))
    assert [s.changed for s in steps] == [False, False, True, False, False, False]
    assert result.actions == 6 and result.useless == 5


def test_a_policy_hears_of_its_last_useless_pushes_only() -> None:
    others = [Push(5, 5 + i, 0) for i in range(4)]
    policy = Scripted(*others, TOWARDS, NOWHERE)
    played(policy, Protocol(max_actions=7, patience=10, memory=2))
    assert policy.told[:5] == [[], others[:1], others[:2], others[1:3], others[2:4]]
    assert policy.told[5] == []  # the scene has changed
    assert policy.told[6] == [NOWHERE]


def test_without_memory_nothing_is_forbidden() -> None:
    policy = Scripted(NOWHERE)
    played(policy, Protocol(max_actions=3, memory=0))
    assert policy.told == [[], [], []]


def test_an_episode_ends_when_the_table_is_clear() -> None:
    """Pushed off the far edge: one action, one object on the ground."""
    world = PushWorld(tiny_push.WORLD)
    policy = Scripted(Push(112, 180, 0))
    result = play(world, cube_at((-0.31, 0.0)), policy, Protocol(), 0)
    assert result == EpisodeResult(0, 1, 0, actions=1, refused=0, useless=0)
    assert policy.seed == 0


def test_the_steps_chain() -> None:
    _, steps = played(Scripted(TOWARDS, NOWHERE), Protocol(max_actions=3))
    for before, after in pairwise(steps):
        np.testing.assert_array_equal(before.after, after.before)
    assert (steps[0].before != steps[0].after).any()


def make_scripted() -> Scripted:
    return Scripted(TOWARDS, NOWHERE)


def test_evaluation_plays_given_scenarios_and_does_not_depend_on_the_workers() -> None:
    scenarios = tuple(cube_at((-0.5, y)) for y in (0.0, 0.1, -0.1))
    evaluation = Evaluation(
        episodes=100, protocol=Protocol(max_actions=2), world=tiny_push.WORLD, scenarios=scenarios
    )
    heard = []
    one = evaluate(make_scripted, evaluation, on_result=lambda i, r: heard.append((i, r)))
    assert len(one) == 3 and heard == list(enumerate(one))
    assert evaluate(make_scripted, evaluation, workers=2) == one
    assert [r.useless for r in one] == [1, 2, 2]  # only the first cube is in the way


def test_the_summary_by_hand() -> None:
    results = [EpisodeResult(9, 1, 0, 20, 0, 2), EpisodeResult(10, 0, 0, 18, 0, 0)]
    summary = summarise(results)
    assert summary["objects_in_box"]["mean"] == 9.5
    assert summary["objects_in_box"]["std"] == pytest.approx(np.sqrt(0.5))
    assert summary["actions"]["mean"] == 19
    low, high = summary["actions"]["ci95"]
    assert 18 <= low <= 19 <= high <= 20
    assert summary["objects_per_action"] == pytest.approx(19 / 38)
    assert summarise(results) == summary
