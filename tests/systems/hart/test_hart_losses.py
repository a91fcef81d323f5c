"""Losses against numbers by hand, a pixel-counting brute force, and finite differences."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.systems.hart import losses


def boxes(*rows: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


SQUARE = boxes((0, 0, 10, 10))
SHIFTED = boxes((0, 5, 10, 10))  # overlaps by half: IoU 1/3
APART = boxes((0, 30, 10, 10))
HALF = boxes((0, 0, 5, 10))


def test_iou_and_its_generalisation_by_hand() -> None:
    assert losses.iou(SQUARE, SHIFTED).item() == pytest.approx(1 / 3)
    assert losses.iou(SQUARE, APART).item() == 0
    assert losses.generalised_iou(SQUARE, SQUARE).item() == pytest.approx(1)
    assert losses.generalised_iou(SQUARE, SHIFTED).item() == pytest.approx(1 / 3)
    # The hull is 10 x 40, of which 200 are the boxes.
    assert losses.generalised_iou(SQUARE, APART).item() == pytest.approx(-0.5)


def test_overlaps_equal_counted_pixels() -> None:
    generator = torch.Generator().manual_seed(0)
    pairs = torch.randint(0, 12, (30, 2, 4), generator=generator).double()
    pairs[..., 2:] += 1
    row, column = torch.meshgrid(torch.arange(30), torch.arange(30), indexing="ij")
    for a, b in pairs:
        inside = [
            (row >= y) & (row < y + h) & (column >= x) & (column < x + w)
            for y, x, h, w in (a.tolist(), b.tolist())
        ]
        both, either = (inside[0] & inside[1]).sum().item(), (inside[0] | inside[1]).sum().item()
        assert losses.intersection(a, b).item() == both
        assert losses.iou(a, b).item() == pytest.approx(both / either)
        assert losses.coverage(a, b).item() == pytest.approx(both / inside[1].sum().item())


def test_negative_log_iou_is_clipped_and_has_no_gradient_without_overlap() -> None:
    assert losses.negative_log_iou(SQUARE, SHIFTED).item() == pytest.approx(math.log(3))
    assert losses.negative_log_iou(SQUARE, APART, 0.01).item() == pytest.approx(-math.log(0.01))
    far = APART.clone().requires_grad_()
    losses.negative_log_iou(far, SQUARE).sum().backward()
    assert far.grad is not None and far.grad.abs().max() == 0


@pytest.mark.parametrize("name", ["giou", "edges", "centre"])
def test_what_is_added_for_it_pulls_a_distant_box_near(name: str) -> None:
    far = APART.clone().requires_grad_()
    loss = {
        "giou": lambda: 1 - losses.generalised_iou(far, SQUARE),
        "edges": lambda: losses.edge_distance(far, SQUARE),
        "centre": lambda: losses.centre_distance(far, SQUARE),
    }[name]()
    loss.sum().backward()
    assert far.grad is not None and far.grad[0, 1] > 0


@pytest.mark.parametrize(
    "loss",
    [
        losses.negative_log_iou,
        losses.generalised_iou,
        losses.edge_distance,
        losses.centre_distance,
        losses.coverage_loss,
        lambda a, _: losses.area_loss(a, 30, 40),
    ],
)
def test_gradients_equal_finite_differences(loss) -> None:
    a = boxes((1.3, 2.1, 6.2, 7.7), (8.4, 3.3, 9.1, 4.2)).requires_grad_()
    b = boxes((3.1, 0.7, 5.9, 8.8), (6.2, 4.9, 7.3, 6.1)).requires_grad_()
    assert torch.autograd.gradcheck(loss, (a, b))


def test_distances_by_hand() -> None:
    # Left and right edges are 5 of 10 away, the others not at all.
    assert losses.edge_distance(SHIFTED, SQUARE).item() == pytest.approx(0.25)
    assert losses.centre_distance(APART, SQUARE).item() == pytest.approx(3.0)


def test_window_losses_by_hand() -> None:
    assert losses.coverage_loss(HALF, SQUARE).item() == pytest.approx(math.log(2))
    assert losses.coverage_loss(SQUARE, HALF).item() == 0
    assert losses.area_loss(SQUARE, 20, 10).item() == pytest.approx(math.log(2))
    whole = losses.area_loss(boxes((0, 0, 50, 50)), 20, 10, 0.01).item()
    assert whole == pytest.approx(-math.log(0.01))


def test_the_mask_is_where_the_box_overlaps_the_glimpse() -> None:
    window = boxes((10, 20, 8, 16))  # four cells of 2 x 4 pixels each way
    box = boxes((11, 24, 4, 8))  # rows 0.5 to 2.5, columns 1 to 3, in cells
    share = torch.tensor([0.5, 1, 0.5, 0]).double()[:, None] * torch.tensor([0, 1, 1, 0])
    torch.testing.assert_close(losses.object_mask(window, box, 4, 4, soft=True)[0], share)
    torch.testing.assert_close(losses.object_mask(window, box, 4, 4)[0], (share > 0).double())
    assert losses.object_mask(window, boxes((40, 40, 5, 5)), 4, 4).sum() == 0


def test_soft_mask_holds_the_area_of_the_overlap() -> None:
    window, box = boxes((3, 4, 21, 17)), boxes((-2, 9.5, 14.2, 30))
    cell = (21 / 6) * (17 / 5)
    covered = losses.object_mask(window, box, 6, 5, soft=True).sum() * cell
    torch.testing.assert_close(covered, losses.intersection(window, box)[0])


def test_mask_loss_weighs_both_classes_alike() -> None:
    target = torch.zeros(1, 2, 4)
    target[0, 0, 0] = 1
    logits = torch.zeros(1, 2, 4)
    assert losses.mask_loss(logits, target).item() == pytest.approx(math.log(2))
    logits[0, 0, 0] = 20.0  # the one object cell right: half of the loss goes
    assert losses.mask_loss(logits, target).item() == pytest.approx(math.log(2) / 2, abs=1e-4)
    none = losses.mask_loss(torch.zeros(1, 2, 4), torch.zeros(1, 2, 4))
    assert none.item() == pytest.approx(math.log(2) / 2)


def test_confidence_is_the_iou_of_the_box_of_a_present_object() -> None:
    twice, box = boxes((0, 0, 20, 10)).expand(2, 4), SQUARE.expand(2, 4)
    target = losses.confidence_target(twice, box, torch.tensor([1.0, 0.0]).double())
    assert target.tolist() == [0.5, 0.0]


def test_penalties_by_hand() -> None:
    weights = [torch.tensor([[3.0]]), torch.tensor([[0.0, 4.0]])]
    assert losses.weight_penalty(weights).item() == pytest.approx(12.5)
    # The mean over time and batch, (1, 0), not the mean of the norms.
    filters = torch.tensor([[[2.0, 1.0]], [[0.0, -1.0]]])
    assert losses.filter_penalty(filters).item() == pytest.approx(0.5)
    assert losses.filter_penalty(torch.zeros(3, 2, 0)).item() == 0


def test_adaptive_weights_settle_at_one_over_the_loss_with_the_sign_that_works() -> None:
    values = torch.tensor([0.5, 4.0])
    for sign, expected in ((1.0, [2.0, 0.25]), (-1.0, [0.0, 0.0])):
        roots = torch.ones(2, requires_grad=True)
        optimiser = torch.optim.Adam([roots], lr=0.05)
        # A rate that falls: close to zero the wrong sign's gradient grows without bound.
        calm = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.99)
        for _ in range(600):
            weights = roots.square() + 1e-8
            loss = (weights * values).sum() + losses.adaptive_regulariser(weights, sign)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            calm.step()
        weights = roots.detach().square()
        torch.testing.assert_close(weights, torch.tensor(expected), atol=0.02, rtol=0)


def test_masked_mean_leaves_absent_frames_out() -> None:
    present = torch.tensor([1.0, 0.0, 1.0])
    assert losses.masked_mean(torch.tensor([1.0, 100.0, 3.0]), present).item() == 2
    assert losses.masked_mean(torch.ones(3), torch.zeros(3)).item() == 0
