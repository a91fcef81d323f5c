from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from saccade.data.replay import Replay
from saccade.errors import UserInputError
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.systems.arm.off_policy.learning import learn
from saccade.systems.arm.off_policy.row_batches import demonstrated_space, rows_to_batch
from saccade.systems.arm.off_policy.rows import columns, demonstration_rows, join_rows
from saccade.systems.arm.paper_method.config import PAPER, PaperConfig
from saccade.systems.arm.paper_method.learner import PaperLearner
from saccade.systems.arm.paper_method.next_best_pose.config import Look, PoseConfig
from saccade.systems.arm.paper_method.policy import PaperPolicy
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig
from saccade.training.plain import from_plain, to_plain
from tiny_arm import GRASP, a_demonstration

SMALL = PaperConfig(
    rows=RowConfig(view=32, crop=8, jitter=0.0),
    attention=QAttentionConfig(channels=8, learning_rate=1e-2),
    pose=PoseConfig(stem=4, actor=16, critic=8, depth=1, frame="world", actor_learning_rate=1e-2),
    batch=8,
    precision="float32",
)


def filled(config: PaperConfig = SMALL) -> tuple[PaperLearner, Replay]:
    rows = join_rows([demonstration_rows(a_demonstration(s), config.rows).rows for s in (1, 2)])
    replay = Replay(columns(config.rows), 100)
    replay.add(rows)
    space = demonstrated_space([rows], config.pose.coordinates)
    return PaperLearner(config, space, seed=0), replay


def looking(look: Look) -> PaperConfig:
    return replace(SMALL, pose=replace(SMALL.pose, look=look))


def test_it_comes_to_look_where_it_is_rewarded_and_to_go_there() -> None:
    learner, replay = filled()
    rng, policy, d = np.random.default_rng(0), PaperPolicy(learner), a_demonstration(1)
    goal, last = d.tip_poses[-1, :3], d.observation(GRASP)
    before = np.linalg.norm(policy.act(last).tip_pose[:3] - goal)
    for _ in range(60):
        learn(learner, replay, rng)
    decision = policy.act(last)
    assert np.abs(np.array(decision.pixel) - d.view(0).project(goal[None])[0]).max() <= 2
    assert np.linalg.norm(decision.tip_pose[:3] - goal) < 0.06 < before


def test_priorities_are_the_mean_of_both_agents_errors() -> None:
    learner, replay = filled()
    twin, _ = filled()
    batch = rows_to_batch(replay.rows(np.arange(8)))
    pose, _ = twin.pose.update(batch)
    assert twin.attention is not None
    looked, _ = twin.attention.update(batch)
    errors = learner.update(batch).errors
    assert errors.tolist() == ((pose + looked) / 2).tolist()


@pytest.mark.parametrize("look", ["crop", "view", "soft"])
def test_resumed_equals_uninterrupted(look: Look) -> None:
    learner, replay = filled(looking(look))
    rng = np.random.default_rng(1)
    learn(learner, replay, rng)
    other, other_replay = filled(looking(look))
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    other_replay.load_state_dict(copy.deepcopy(replay.state_dict()))
    other_rng = copy.deepcopy(rng)
    for _ in range(2):
        assert learn(learner, replay, rng) == learn(other, other_replay, other_rng)


@pytest.mark.parametrize("look", ["crop", "view", "soft"])
def test_every_kind_of_look_decides_and_says_where_it_looked(look: Look) -> None:
    learner, _ = filled(looking(look))
    observation = a_demonstration(3).observation(0)
    decision = PaperPolicy(learner).act(observation)
    x, y = decision.pixel
    assert decision.attention.shape == (32, 32) and decision.action.shape == (8,)
    assert decision.attention[y, x] == decision.attention.max()
    assert decision.corner == (min(max(x - 4, 0), 24), min(max(y - 4, 0), 24))
    assert np.linalg.norm(decision.tip_pose[3:]) == pytest.approx(1, abs=1e-5)
    assert (decision.attention.std() == 0) == (look == "view")


def test_exploring_draws_poses_and_never_pixels() -> None:
    policy, observation = PaperPolicy(filled()[0]), a_demonstration(3).observation(0)
    one, same, other = (policy.act(observation, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.action, same.action)
    assert not np.array_equal(one.action, other.action)
    assert one.pixel == other.pixel


def test_a_state_for_acting_is_that_of_learning() -> None:
    # The crop at the pixel that replay keeps gives the action that acting gives.
    learner, replay = filled()
    d = a_demonstration(1)
    batch = rows_to_batch(replay.rows(np.arange(1)))
    stored = learner.pose.act(batch.state)[0].numpy()
    policy = PaperPolicy(learner)
    policy.look = lambda observation, attention: tuple(replay.rows(np.arange(1))["pixel"][0])
    np.testing.assert_allclose(policy.act(d.observation(0)).action, stored, atol=1e-4)


def test_the_papers_settings_are_the_papers() -> None:
    assert (PAPER.rows.view, PAPER.rows.crop, PAPER.rows.every, PAPER.batch) == (128, 16, 5, 128)
    assert PAPER.pose.clip_targets is False and PAPER.pose.imitation == 0
    assert PAPER.pose.frame == "world" and PAPER.rows.reward == 100


def test_an_agent_that_sees_the_view_whole_has_the_worlds_coordinates() -> None:
    assert PoseConfig(frame="attended").coordinates == "attended"
    assert PoseConfig(frame="attended", look="soft").coordinates == "world"


def test_sizes_that_do_not_fit_each_other_are_refused() -> None:
    with pytest.raises(UserInputError, match="view is 60 pixels"):
        PaperConfig(rows=RowConfig(view=60))
    with pytest.raises(UserInputError, match="crop is 80 pixels and the view 64"):
        PaperConfig(rows=RowConfig(crop=80))


def test_weights_make_another_learner_act_alike() -> None:
    learner, replay = filled()
    learn(learner, replay, np.random.default_rng(0))
    other = PaperLearner(SMALL, learner.space, seed=7)
    observation = a_demonstration(3).observation(0)
    mine = PaperPolicy(learner).act(observation).action
    assert not np.array_equal(PaperPolicy(other).act(observation).action, mine)
    other.networks.load_state_dict(learner.networks.state_dict())
    np.testing.assert_array_equal(PaperPolicy(other).act(observation).action, mine)


@pytest.mark.parametrize("config", [SMALL, PAPER])
def test_settings_return_from_a_file(config: PaperConfig) -> None:
    values = json.loads(json.dumps(to_plain(config)))
    assert from_plain(PaperConfig, values, "config.json") == config
