from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.systems.arm.off_policy.optimisers import descend, frozen


def test_a_step_goes_down_each_gradient_as_far_as_its_clipped_value() -> None:
    layer = nn.Linear(2, 1, bias=False)
    nn.init.zeros_(layer.weight)
    loss = layer(torch.tensor([[3.0, -0.5]])).sum()
    descend(torch.optim.SGD(layer.parameters(), lr=0.1), loss, largest_gradient=2.0)
    # The gradient is (3, -0.5), of which the first is clipped to 2.
    assert layer.weight.tolist() == [pytest.approx([-0.2, 0.05])]


def test_gradients_pass_through_what_is_frozen_and_are_not_kept() -> None:
    critic, action = nn.Linear(1, 1), torch.ones(1, requires_grad=True)
    with frozen(critic):
        critic(action).sum().backward()
    assert action.grad is not None and action.grad.tolist() == critic.weight[0].tolist()
    assert critic.weight.grad is None and critic.weight.requires_grad
    with pytest.raises(ValueError, match="stop"), frozen(critic):
        raise ValueError("stop")
    assert critic.weight.requires_grad
