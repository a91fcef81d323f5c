from __future__ import annotations

import math

import pytest
import torch

from saccade.systems.push.losses import (
    at_actions,
    change_error,
    huber_error,
    kernel_error,
    neighbourhood,
    squared_error,
    temporal_difference_target,
)


def numbered_maps(n: int = 2, size: int = 5) -> torch.Tensor:
    """(n, 16, size, size) whose value spells its place: sample, direction, row, column."""
    n_, k, r, c = torch.meshgrid(
        *(torch.arange(s, dtype=torch.float64) for s in (n, 16, size, size)), indexing="ij"
    )
    return n_ * 10_000 + k * 100 + r * 10 + c


def test_each_map_is_read_at_its_own_row_column_and_direction() -> None:
    actions = torch.tensor([[3, 1, 12], [0, 4, 7]])
    assert at_actions(numbered_maps(), actions).tolist() == [1231, 10_704]


def test_pixel_losses_by_hand() -> None:
    q = torch.zeros(2, 16, 3, 3)
    q[0, 2, 1, 0], q[1, 5, 2, 2] = 3.0, 0.5
    actions, targets = torch.tensor([[1, 0, 2], [2, 2, 5]]), torch.tensor([1.0, 0.0])
    # errors 2 and 0.5
    assert squared_error(q, actions, targets).item() == pytest.approx((4 + 0.25) / 2)
    assert huber_error(q, actions, targets).item() == pytest.approx(((2 - 0.5) + 0.125) / 2)


def test_pixel_losses_touch_only_the_executed_pixels() -> None:
    q = torch.randn(2, 16, 4, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    actions = torch.tensor([[1, 0, 2], [2, 3, 5]])
    squared_error(q, actions, torch.tensor([1.0, 2.0])).backward()
    assert q.grad is not None
    assert q.grad.nonzero().tolist() == [[0, 2, 1, 0], [1, 5, 2, 3]]


def test_kernel_weights_are_a_gaussian_that_sums_to_one() -> None:
    values, weight = neighbourhood(numbered_maps(1, 9), torch.tensor([[4, 4, 3]]), sigma=1.0)
    assert values.shape == weight.shape == (1, 25)
    assert weight.sum().item() == pytest.approx(1.0)
    grid = weight.view(5, 5)
    for dr, dc in ((0, 1), (1, 1), (-2, 0), (2, -1)):
        ratio = grid[2 + dr, 2 + dc] / grid[2, 2]
        assert ratio.item() == pytest.approx(math.exp(-(dr**2 + dc**2) / 2), rel=1e-5)
    assert values.view(5, 5)[0, 4].item() == 300 + 20 + 6


def test_kernel_weights_vanish_outside_the_map_and_still_sum_to_one() -> None:
    _, weight = neighbourhood(numbered_maps(1, 5), torch.tensor([[0, 4, 3]]), sigma=1.0)
    grid = weight.view(5, 5)
    assert (grid[:2] == 0).all() and (grid[:, 3:] == 0).all()
    assert (grid[2:, :3] > 0).all()
    assert weight.sum().item() == pytest.approx(1.0)


def test_kernel_loss_by_hand_on_a_three_by_three_map() -> None:
    q = torch.zeros(1, 16, 3, 3)
    q[0, 4] = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    loss = kernel_error(q, torch.tensor([[1, 1, 4]]), torch.tensor([5.0]), sigma=0.5)
    side, corner = math.exp(-1 / 0.5), math.exp(-2 / 0.5)
    total = 1 + 4 * side + 4 * corner
    # errors: corners -4 -2 2 4, sides -3 -1 1 3
    by_hand = (side * (9 + 1 + 1 + 9) + corner * (16 + 4 + 4 + 16)) / total
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


def test_a_kernel_much_narrower_than_a_pixel_is_the_pixel_loss() -> None:
    q = torch.randn(3, 16, 6, 6, generator=torch.Generator().manual_seed(1))
    actions = torch.tensor([[1, 0, 2], [2, 3, 5], [5, 5, 15]])
    targets = torch.tensor([1.0, 0.0, -2.0])
    narrow = kernel_error(q, actions, targets, sigma=0.1)
    assert narrow.item() == pytest.approx(squared_error(q, actions, targets).item(), rel=1e-5)


def test_change_error_by_hand() -> None:
    logits = torch.zeros(2, 16, 3, 3)
    logits[0, 1, 0, 2], logits[1, 9, 1, 1] = 2.0, -1.0
    actions, changed = torch.tensor([[0, 2, 1], [1, 1, 9]]), torch.tensor([1.0, 1.0])
    by_hand = (math.log1p(math.exp(-2.0)) + math.log1p(math.exp(1.0))) / 2
    assert change_error(logits, actions, changed).item() == pytest.approx(by_hand, rel=1e-5)
    # spread over neighbours, whose logits are 0 and cost log 2 each
    side, corner = math.exp(-1 / 0.5), math.exp(-2 / 0.5)
    inner, outer = 1 + 4 * side + 4 * corner, 1 + 2 * side + corner
    first = (math.log1p(math.exp(-2.0)) + (outer - 1) * math.log(2)) / outer
    second = (math.log1p(math.exp(1.0)) + (inner - 1) * math.log(2)) / inner
    spread = change_error(logits, actions, changed, sigma=0.5)
    assert spread.item() == pytest.approx((first + second) / 2, rel=1e-5)


def test_double_q_takes_the_online_choice_and_the_target_value() -> None:
    online, target = torch.zeros(2, 16, 2, 2), torch.zeros(2, 16, 2, 2)
    online[0, 3, 0, 1], online[0, 8, 1, 1] = 5.0, 4.0
    target[0, 3, 0, 1], target[0, 8, 1, 1] = 2.0, 9.0  # its own argmax would give 9
    online[1, 0, 0, 0], target[1, 0, 0, 0] = 1.0, 7.0
    reward, alive = torch.tensor([1.0, 0.5]), torch.zeros(2)
    y = temporal_difference_target(reward, online, target, alive, gamma=0.4)
    assert y.tolist() == pytest.approx([1.0 + 0.4 * 2.0, 0.5 + 0.4 * 7.0])


def test_nothing_follows_an_empty_table() -> None:
    q = torch.full((2, 16, 2, 2), 3.0)
    done = torch.tensor([1.0, 0.0])
    y = temporal_difference_target(torch.tensor([10.0, 0.0]), q, q, done, gamma=0.5)
    assert y.tolist() == [10.0, 1.5]


def test_the_next_push_is_chosen_within_the_mask() -> None:
    online, target = torch.zeros(1, 16, 2, 2), torch.zeros(1, 16, 2, 2)
    online[0, 3, 0, 1], target[0, 3, 0, 1] = 5.0, 2.0
    online[0, 8, 1, 1], target[0, 8, 1, 1] = 4.0, 6.0
    allowed = torch.zeros(1, 16, 2, 2)
    allowed[0, 8, 1, 1] = 0.5  # a soft mask scales the value too
    y = temporal_difference_target(
        torch.tensor([1.0]), online, target, torch.zeros(1), 0.4, allowed
    )
    assert y.item() == pytest.approx(1.0 + 0.4 * 3.0)
