from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
import torch

from arm_batches import make_batch
from saccade.data.replay import Replay
from saccade.systems.arm.baselines.behaviour_cloning import BehaviourCloning
from saccade.systems.arm.baselines.config import (
    METHODS,
    PAPER_BASELINE,
    BaselineConfig,
    Method,
)
from saccade.systems.arm.baselines.dac import DAC
from saccade.systems.arm.baselines.learner import BaselineLearner, BaselinePolicy
from saccade.systems.arm.baselines.soft_actor_critic import SoftActorCritic
from saccade.systems.arm.baselines.td3 import TD3
from saccade.systems.arm.off_policy.batch import Batch
from saccade.systems.arm.off_policy.config import RowConfig
from saccade.systems.arm.off_policy.learning import learn
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.off_policy.row_batches import demonstrated_space
from saccade.systems.arm.off_policy.rows import columns, demonstration_rows
from saccade.training.plain import from_plain, to_plain
from tiny_arm import a_demonstration

SMALL = BaselineConfig(
    rows=RowConfig(view=16, crop=8),
    stem=4,
    actor=8,
    critic=8,
    units=16,
    latent=6,
    batch=4,
    learning_rate=1e-2,
    precision="float32",
)
SPACE = PoseSpace((-4.0, -4.0, -4.0), (4.0, 4.0, 4.0))


def arguments(**changes: object) -> tuple[BaselineConfig, PoseSpace, int, torch.Generator]:
    return replace(SMALL, **changes), SPACE, 3, torch.Generator().manual_seed(0)


def rewarded(terminal: float = 1.0) -> Batch:
    rewards = torch.tensor([3.0, 0.0, 6.0, 1.0])
    return replace(make_batch(terminal=terminal), rewards=rewards)


def filled(method: Method) -> tuple[BaselineLearner, Replay]:
    config = replace(SMALL, method=method)
    rows = demonstration_rows(a_demonstration(), config.rows).rows
    replay = Replay(columns(config.rows), 50)
    replay.add(rows)
    return BaselineLearner(config, demonstrated_space([rows], "world"), seed=0), replay


def test_every_method_of_the_settings_is_known() -> None:
    assert get_args(Method) == METHODS


@pytest.mark.parametrize("method", METHODS)
def test_resumed_equals_uninterrupted(method: Method) -> None:
    learner, replay = filled(method)
    rng = np.random.default_rng(1)
    learn(learner, replay, rng)
    other, other_replay = filled(method)
    other.load_state_dict(copy.deepcopy(learner.state_dict()))
    other_replay.load_state_dict(copy.deepcopy(replay.state_dict()))
    other_rng = copy.deepcopy(rng)
    for _ in range(2):
        assert learn(learner, replay, rng) == learn(other, other_replay, other_rng)


@pytest.mark.parametrize("method", METHODS)
def test_decisions_are_poses_and_name_where_they_would_be_seen(method: Method) -> None:
    learner, _ = filled(method)
    observation, policy = a_demonstration(2).observation(0), BaselinePolicy(learner)
    decision = policy.act(observation)
    assert np.array_equal(decision.action, policy.act(observation).action)
    x, y = observation.view.project(decision.tip_pose[None, :3])[0]
    assert decision.pixel == (round(float(np.clip(x, 0, 31))), round(float(np.clip(y, 0, 31))))
    assert not decision.attention.any()
    explored = [policy.act(observation, np.random.default_rng(s)).action for s in (0, 1)]
    assert np.array_equal(*explored) == (method == "bc")


def test_cloning_comes_to_do_what_was_demonstrated() -> None:
    agent, batch = BehaviourCloning(*arguments()), make_batch()
    losses = [agent.update(batch)[1]["loss"] for _ in range(40)]
    assert losses[-1] < 0.3 * losses[0]
    own = replace(batch, demonstrated=torch.tensor([True, False, False, True]))
    errors, _ = agent.update(own)
    assert errors[1:3].tolist() == [0, 0] and errors[0] > 0


@pytest.mark.parametrize("kind", [SoftActorCritic, TD3])
def test_q_of_what_was_done_becomes_its_reward_where_episodes_end(kind: type) -> None:
    agent, batch = kind(*arguments(method="sac")), rewarded()
    for _ in range(60):
        agent.update(batch)
    codes = SPACE.encode(batch.actions, batch.state.attended)
    with torch.no_grad():
        features = agent.critics.shared(batch.state.views)
        twins = agent.critics.both(features, batch.state.proprioception, codes)
    for q in twins:
        assert torch.allclose(q, batch.rewards, atol=1.5)


def test_an_auto_encoder_comes_to_draw_what_it_sees() -> None:
    agent, batch = SoftActorCritic(*arguments(method="sac-ae", latent=16)), rewarded()
    views = batch.state.views

    def error() -> float:
        with torch.no_grad():
            return agent._reconstruction(agent.critics.shared(views), views).item()

    before = error()
    for _ in range(30):
        agent.update(batch)
    assert error() < 0.9 * before


def test_td3_updates_its_actor_every_other_time() -> None:
    agent, batch = TD3(*arguments(method="td3", delay=2)), rewarded()
    weights = []
    for _ in range(4):
        agent.update(batch)
        weights.append(agent.actor.head.output.weight.detach().clone())
    same = [torch.equal(a, b) for a, b in pairwise(weights)]
    assert same == [False, True, False]


def test_td3s_targets_by_hand_without_noise() -> None:
    agent = TD3(*arguments(method="td3", target_noise=(0.0, 0.5), clip_targets=False))
    batch = replace(rewarded(0.0), terminal=torch.tensor([0.0, 1.0, 0.0, 1.0]))
    after = batch.next_state
    with torch.no_grad():
        features = agent.critics.shared(after.views)
        codes = agent.codes(after)
        first, second = agent.critics.both(features, after.proprioception, codes)
    expected = batch.rewards + 0.99 * torch.minimum(first, second) * (1 - batch.terminal)
    assert torch.allclose(agent.target_values(batch), expected, atol=1e-5)


def test_a_discriminator_comes_to_tell_what_was_demonstrated() -> None:
    agent = DAC(*arguments(method="dac", penalty=0.1))
    batch = replace(rewarded(), demonstrated=torch.tensor([True, False, True, False]))
    told = [agent.update(batch)[1]["told_apart"] for _ in range(40)]
    codes = SPACE.encode(batch.actions, batch.state.attended)
    rewards = agent.rewards(replace(batch, terminal=torch.zeros(4)), codes)
    assert told[-1] == 1.0
    assert rewards[[0, 2]].min() > rewards[[1, 3]].max()


def test_an_episode_that_ends_is_rewarded_for_ever() -> None:
    agent = DAC(*arguments(method="dac", gamma=0.9))
    with torch.no_grad():
        agent.discriminator.absorbing.fill_(0.5)
    batch, codes = rewarded(), SPACE.encode(make_batch().actions, make_batch().state.attended)
    going = replace(batch, terminal=torch.zeros(4))
    absorbed = agent.rewards(batch, codes) - agent.rewards(going, codes)
    # 0.5 from the next step on: 0.5 (0.9 + 0.9^2 + ...) = 4.5.
    assert absorbed.tolist() == pytest.approx([4.5] * 4, abs=1e-4)


def test_the_gradient_penalty_is_one_where_the_logit_is_constant() -> None:
    agent = DAC(*arguments(method="dac"))
    torch.nn.init.zeros_(agent.discriminator.critic.head.output.weight)
    batch = make_batch()
    codes = SPACE.encode(batch.actions, batch.state.attended)
    penalty = agent._penalty(batch.state, codes, codes)
    assert penalty.item() == pytest.approx(1.0, abs=1e-4)


def test_what_is_alike_is_not_told_apart() -> None:
    agent = DAC(*arguments(method="dac"))
    torch.nn.init.zeros_(agent.discriminator.critic.head.output.weight)
    torch.nn.init.zeros_(agent.discriminator.critic.head.output.bias)
    batch = replace(make_batch(terminal=0.0), demonstrated=torch.tensor([True, False] * 2))
    loss = agent._update_discriminator(batch, SPACE.encode(batch.actions, batch.state.attended))[
        "discriminator_loss"
    ]
    # Twice log 2 for the two kinds of rows, and the penalty of a flat logit.
    assert loss == pytest.approx(2 * math.log(2) + 10.0, abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_weights_make_another_learner_act_alike(method: Method) -> None:
    (learner, replay), (other, _) = filled(method), filled(method)
    learn(learner, replay, np.random.default_rng(0))
    other.networks.load_state_dict(learner.networks.state_dict())
    observation = a_demonstration(2).observation(0)
    mine, theirs = (BaselinePolicy(one).act(observation).action for one in (learner, other))
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("config", [SMALL, PAPER_BASELINE])
def test_settings_return_from_a_file(config: BaselineConfig) -> None:
    values = json.loads(json.dumps(to_plain(config)))
    assert from_plain(BaselineConfig, values, "config.json") == config
