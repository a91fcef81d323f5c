"""Decisions of small untrained networks: what a policy is asked for by itself."""

from __future__ import annotations

import numpy as np

from arm_scenes import observation
from saccade.systems.arm.look_and_vote.config import LookConfig, VoteConfig
from saccade.systems.arm.look_and_vote.look import LookNetwork
from saccade.systems.arm.look_and_vote.policy import LookAndVotePolicy
from saccade.systems.arm.look_and_vote.vote import VoteNetwork


def test_the_attended_pixel_is_where_attention_is_highest() -> None:
    look, vote = LookNetwork(LookConfig(width=8)), VoteNetwork(VoteConfig(width=8))
    policy, seen = LookAndVotePolicy(look.eval(), vote.eval()), observation()
    attention = policy.attention(seen)
    decision = policy.act(seen)
    assert attention.shape == (64, 64)
    row, column = np.unravel_index(attention.argmax(), attention.shape)
    assert decision.pixel == (2 * column, 2 * row)
    assert np.isclose(np.linalg.norm(decision.tip_pose[3:]), 1.0)
