from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from arm_batches import make_batch
from saccade.systems.arm.off_policy.pose_space import PoseSpace
from saccade.systems.arm.paper_method.next_best_pose.agent import NextBestPoseAgent
from saccade.systems.arm.paper_method.next_best_pose.config import PoseConfig
from saccade.systems.arm.paper_method.q_attention.config import QAttentionConfig

SMALL = PoseConfig(stem=4, actor=8, critic=8, depth=1, imitation=0.0)
SPACE = PoseSpace((-4.0, -4.0, -4.0), (4.0, 4.0, 4.0))


def make_agent(config: PoseConfig = SMALL) -> NextBestPoseAgent:
    draw = torch.Generator().manual_seed(0)
    return NextBestPoseAgent(config, QAttentionConfig(), 16, SPACE, 3, draw, precision="float32")


def test_actions_lie_in_their_bounds_and_are_poses() -> None:
    state, agent = make_batch(n=6).state, make_agent()
    for generator in (None, torch.Generator().manual_seed(1)):
        actions = agent.act(state, generator)
        assert actions[:, :3].abs().max() <= 4
        assert torch.allclose(actions[:, 3:7].norm(dim=1), torch.ones(6), atol=1e-5)
        assert set(actions[:, 7].tolist()) <= {0.0, 1.0}


def test_the_mode_is_always_the_same_and_draws_are_not() -> None:
    state, agent, draw = make_batch().state, make_agent(), torch.Generator().manual_seed(0)
    assert torch.equal(agent.act(state), agent.act(state))
    assert not torch.equal(agent.act(state, draw), agent.act(state, draw))


def test_q_of_what_was_done_becomes_its_reward_where_episodes_end() -> None:
    batch = replace(make_batch(terminal=1.0), rewards=torch.tensor([3.0, 0.0, 6.0, 1.0]))
    agent = make_agent(replace(SMALL, critic_learning_rate=1e-2))
    for _ in range(80):
        agent.update(batch)
    codes = SPACE.encode(batch.actions, batch.state.attended)
    with torch.no_grad():
        features = agent.critic.trunk(batch.state.crops)
        twins = agent.critic.both(features, batch.state.proprioception, codes)
    for q, _ in twins:
        assert torch.allclose(q.mean(dim=(1, 2)), batch.rewards, atol=1.5)


def test_the_actor_climbs_its_critics_and_leaves_them_alone() -> None:
    batch, agent = make_batch(), make_agent(replace(SMALL, alpha=0.0, actor_learning_rate=1e-2))
    features = agent.critic.trunk(batch.state.crops).detach()
    codes = SPACE.encode(batch.actions, batch.state.attended)
    before = copy.deepcopy(agent.critic.state_dict())
    losses = [agent._update_actor(batch, codes, features)["actor_loss"] for _ in range(30)]
    assert losses[-1] < losses[0] - 0.5
    assert all(torch.equal(before[k], v) for k, v in agent.critic.state_dict().items())
    assert all(p.requires_grad for p in agent.critic.parameters())


def test_imitation_brings_the_mode_to_what_was_demonstrated() -> None:
    batch = make_batch(terminal=1.0)
    agent = make_agent(replace(SMALL, imitation=1000.0, actor_learning_rate=1e-2))
    distances = [agent.update(batch)[1]["distance"] for _ in range(40)]
    assert distances[-1] < 0.3 * distances[0]
    other = replace(batch, demonstrated=torch.zeros(4, dtype=torch.bool))
    assert agent.update(other)[1]["distance"] == 0


@pytest.mark.parametrize("clip", [True, False])
def test_clipped_targets_are_possible_returns(clip: bool) -> None:
    batch, agent = make_batch(), make_agent(replace(SMALL, clip_targets=clip))
    batch = replace(batch, rewards=torch.tensor([-500.0, 0.0, 50.0, 500.0]))
    target = agent._target_values(batch)
    assert bool(target.max() <= 100 and target.min() >= -1) == clip


def test_the_target_is_that_of_eq_6_with_the_smaller_twin() -> None:
    agent = make_agent(replace(SMALL, clip_targets=False, log_std=(-40.0, -39.0), alpha=0.05))
    batch = make_batch(terminal=0.0)
    target = agent._target_values(batch)
    after = batch.next_state
    with torch.no_grad():
        features = agent.critic.trunk(after.crops)
        mean, _ = agent.actor(features, after.proprioception)
        # So little spread that the draw is the mode: the density is the Gaussian's at a draw.
        codes = SPACE.encode(agent.act(after), after.attended)
        codes[:, 7] = mean[:, 7].tanh()
        (q1, _), (q2, _) = agent.critic.both(features, after.proprioception, codes)
    entropy = -(target - batch.rewards[:, None, None]) / 0.99 + torch.minimum(q1, q2)
    assert torch.allclose(entropy, entropy[:, :1, :1].expand_as(entropy), atol=1e-2)
    # alpha log pi, of eight numbers with log_std at its largest: 0.05 x about 8 x 38.
    assert (entropy[:, 0, 0] / 0.05 - 8 * 38).abs().max() < 40


def test_resumed_equals_uninterrupted() -> None:
    batch = make_batch()
    agent, other = make_agent(), make_agent()
    agent.update(batch)
    other.update(batch)  # so that its generator has drawn as much
    other.parts.load_state_dict(copy.deepcopy(agent.parts.state_dict()))
    for _ in range(2):
        errors, metrics = agent.update(batch)
        other_errors, other_metrics = other.update(batch)
        assert torch.equal(errors, other_errors) and metrics == other_metrics
