"""Losses of votes against numbers worked out by hand; agreement of votes that were written down."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from saccade.systems.arm.look_and_vote.agreement import agree
from saccade.systems.arm.look_and_vote.losses import (
    AXES_SCALE,
    POSITION_SCALE,
    Targets,
    look_loss,
    pose_energy,
    vote_loss,
)
from saccade.systems.arm.look_and_vote.vote import Votes

DOWN = torch.tensor([0.0, 0.0, -1.0, 0.0, -1.0, 0.0])
SWAPPED = torch.tensor([0.0, 0.0, -1.0, 0.0, 1.0, 0.0])
HERE = torch.zeros(3)


def votes_for(*positions: tuple[float, float, float], axes: torch.Tensor = DOWN) -> Votes:
    """One pixel a position, equal shares, gripper open with probability 1/2."""
    n = len(positions)
    where = torch.tensor(positions).view(1, n, 1, 3)
    shares = torch.full((1, n, 1), -math.log(n))
    return Votes(where, axes.expand(1, n, 1, 6), torch.zeros(1, n, 1), shares)


@pytest.mark.parametrize(("units", "energy"), [(1.0, 0.5), (2.0, 2.0), (5.0, 8.0)])
def test_energy_is_a_square_and_then_a_line(units: float, energy: float) -> None:
    away = torch.tensor([units * POSITION_SCALE, 0.0, 0.0])
    found = pose_energy(HERE, DOWN, away, DOWN, free=True)
    assert found.item() == pytest.approx(energy, abs=1e-3)


def test_a_free_hand_may_close_the_other_way_round_and_a_full_one_may_not() -> None:
    assert pose_energy(HERE, SWAPPED, HERE, DOWN, free=True).item() < 1e-3
    full = pose_energy(HERE, SWAPPED, HERE, DOWN).item()
    assert full == pytest.approx(2 * (2 / AXES_SCALE - 1), rel=1e-3)


def test_a_right_vote_of_two_costs_the_share_and_the_gripper() -> None:
    votes = votes_for((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    targets = Targets(HERE[None], DOWN[None], torch.ones(1))
    # -log(1/2 exp(-log 2) + 1/2 exp(-something large)); no weight on single pixels
    assert vote_loss(votes, targets, 0.0).item() == pytest.approx(2 * math.log(2), abs=1e-3)
    each = (0 + 2 * (1 / POSITION_SCALE - 1)) / 2 + math.log(2)
    dense = vote_loss(votes, targets, 1.0).item() - 2 * math.log(2)
    assert dense == pytest.approx(each, rel=1e-3)


def test_cross_entropy_of_a_look_is_least_at_its_shares() -> None:
    shares = torch.tensor([[[0.75, 0.25]]])
    right = look_loss(shares.log(), shares).item()
    assert right == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert look_loss(torch.zeros(1, 1, 2), shares).item() > right


def test_votes_agree_where_most_of_them_are() -> None:
    near = [(0.001 * i, 0.0, 0.0) for i in range(3)]
    agreement = agree(votes_for(*near, (0.2, 0.0, 0.0), (-0.2, 0.0, 0.0)), free=True)
    np.testing.assert_allclose(agreement.position, [0.001, 0, 0], atol=1e-4)
    assert agreement.support == pytest.approx(3 / 5, abs=0.02)
    assert agreement.open == pytest.approx(0.5)


def test_free_hands_that_close_both_ways_round_do_not_cancel() -> None:
    both = votes_for((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    axes = torch.stack([DOWN, SWAPPED]).view(1, 2, 1, 6)
    found = agree(both._replace(axes=axes), free=True).axes
    assert np.abs(found[3:]) == pytest.approx([0, 1, 0], abs=1e-6)


def test_chance_draws_by_support() -> None:
    votes = votes_for((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.3, 0.0, 0.0))
    rng = np.random.default_rng(0)
    far = [agree(votes, True, rng).position[0] > 0.1 for _ in range(300)]
    # supports are 3/4 three times and 1/4 once
    assert np.mean(far) == pytest.approx(0.25 / 2.5, abs=0.05)
