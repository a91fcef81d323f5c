from __future__ import annotations

import torch
from torch import nn

from saccade.systems.arm.off_policy.target_network import follow, target_of


def test_a_target_starts_as_a_copy_and_closes_a_share_of_the_distance() -> None:
    network = nn.Linear(2, 1)
    target = target_of(network)
    assert torch.equal(target.weight, network.weight)
    start = network.weight.detach().clone()
    with torch.no_grad():
        network.weight += 10.0
    for _ in range(3):
        follow(target, network, 0.1)
    # The distance falls by a tenth each time: 10 (1 - 0.9^3) is gained.
    assert torch.allclose(target.weight, start + 2.71)


def test_no_gradient_reaches_a_target() -> None:
    assert not any(p.requires_grad for p in target_of(nn.Linear(2, 1)).parameters())
