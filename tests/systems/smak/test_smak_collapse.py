"""What tells that an embedding has collapsed."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.systems.smak.collapse import (
    chance_loss,
    collapse_warnings,
    effective_rank,
    spread,
)


def test_spread_is_0_for_a_point_and_1_around_0() -> None:
    point = torch.tensor([[3.0, 4.0]] * 5)
    assert spread(point) == 0.0
    assert spread(torch.zeros(4, 3)) == 0.0
    around = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert spread(around) == pytest.approx(1.0)
    # Mean (3, 0), distances 1, lengths squared 16 and 4.
    pair = torch.tensor([[4.0, 0.0], [2.0, 0.0]])
    assert spread(pair) == pytest.approx((1 / 10) ** 0.5)
    assert spread(100 * pair) == pytest.approx(spread(pair))


def test_rank_counts_directions() -> None:
    assert effective_rank(torch.ones(8, 3)) == 0.0
    line = torch.arange(8.0)[:, None] * torch.tensor([1.0, 2.0, -1.0]) + 5
    assert effective_rank(line) == pytest.approx(1.0, abs=1e-6)
    cross = torch.cat([torch.eye(5), -torch.eye(5)])
    assert effective_rank(cross) == pytest.approx(5.0)
    # Singular values sqrt(2) x (3, 1): shares 3/4 and 1/4.
    uneven = torch.tensor([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert effective_rank(uneven) == pytest.approx(math.exp(entropy))


def test_a_healthy_embedding_gives_no_warning() -> None:
    assert collapse_warnings(0.9, 7.0, 1.4, 16) == []
    assert collapse_warnings(0.9, 7.0) == []


def test_warnings_say_what_to_change() -> None:
    assert chance_loss(16) == pytest.approx(2.7726, abs=1e-4)
    (stuck,) = collapse_warnings(0.9, 7.0, 2.7725, 16)
    assert "ln 16 = 2.773" in stuck and "fit.learning-rate" in stuck and "loss.kind" in stuck
    (point,) = collapse_warnings(0.01, 0.0)
    assert "one point (spread 0.010)" in point
    (line,) = collapse_warnings(0.5, 1.1)
    assert "on a line (effective rank 1.1)" in line
    assert len(collapse_warnings(0.01, 0.0, 2.78, 16)) == 2
