"""The losses of section 4: pure functions of boxes, windows and location maps.

Boxes and windows are (y, x, h, w) in pixels, in any leading shape; a loss is one number a box.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Boxes = Float[Tensor, "*n 4"]
EachBox = Float[Tensor, "*n"]


def area(boxes: Boxes) -> EachBox:
    """Pixels squared; 0 for a box of negative height or width."""
    return boxes[..., 2:].clamp(min=0).prod(dim=-1)


def intersection(a: Boxes, b: Boxes) -> EachBox:
    """Area of overlap [pixels squared]."""
    low = torch.maximum(a[..., :2], b[..., :2])
    high = torch.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    return (high - low).clamp(min=0).prod(dim=-1)


def iou(a: Boxes, b: Boxes) -> EachBox:
    """Area of overlap over area of union."""
    overlap = intersection(a, b)
    return overlap / (area(a) + area(b) - overlap).clamp(min=1e-9)


def generalised_iou(a: Boxes, b: Boxes) -> EachBox:
    """IoU less the empty share of the smallest box around both (Rezatofighi et al. 2019).

    From -1 to 1; unlike IoU it tells far from near where the boxes do not overlap.
    """
    overlap = intersection(a, b)
    union = (area(a) + area(b) - overlap).clamp(min=1e-9)
    low = torch.minimum(a[..., :2], b[..., :2])
    high = torch.maximum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    hull = (high - low).prod(dim=-1).clamp(min=1e-9)
    return overlap / union - (hull - union) / hull


def negative_log_iou(predicted: Boxes, true: Boxes, clip: float = 1e-3) -> EachBox:
    """Eq. 10. Without overlap it is the constant -log(clip), and its gradient is zero."""
    return -iou(predicted, true).clamp(min=clip).log()


def edge_distance(predicted: Boxes, true: Boxes) -> EachBox:
    """Mean distance of the four edges, over the true box's height or width."""
    edges = [
        torch.cat([box[..., :2], box[..., :2] + box[..., 2:]], -1) for box in (predicted, true)
    ]
    size = true[..., [2, 3, 2, 3]].clamp(min=1.0)
    return ((edges[0] - edges[1]).abs() / size).mean(dim=-1)


def centre_distance(a: Boxes, b: Boxes) -> EachBox:
    """Distance of the centres along both axes, over the height and width of b."""
    gap = (a[..., :2] + a[..., 2:] / 2) - (b[..., :2] + b[..., 2:] / 2)
    return (gap.abs() / b[..., 2:].clamp(min=1.0)).sum(dim=-1)


def coverage(windows: Boxes, boxes: Boxes) -> EachBox:
    """Share of each box that its window shows, 0 to 1."""
    return intersection(windows, boxes) / area(boxes).clamp(min=1e-9)


def coverage_loss(windows: Boxes, boxes: Boxes, clip: float = 1e-3) -> EachBox:
    """First half of Eq. 11: the window shall hold the whole object."""
    return -coverage(windows, boxes).clamp(min=clip).log()


def area_loss(windows: Boxes, height: int, width: int, clip: float = 1e-3) -> EachBox:
    """Second half of Eq. 11: the window shall be small in a frame of height x width pixels."""
    ratio = area(windows) / (height * width)
    return -(1 - ratio).clamp(min=clip).log()


def object_mask(
    windows: Boxes, boxes: Boxes, rows: int, columns: int, *, soft: bool = False
) -> Float[Tensor, "*n {rows} {columns}"]:
    """tau(a, b) of Eq. 12: which cells of a glimpse's map are the object.

    Args:
        windows: what the glimpses show.
        boxes: the objects.
        rows, columns: of the map.
        soft: the share of each cell that the box covers, instead of 1 where it touches the cell.
    """
    shares = []
    for axis, count in ((0, rows), (1, columns)):
        cell = windows[..., 2 + axis, None] / count
        low = windows[..., axis, None] + cell * torch.arange(
            count, dtype=windows.dtype, device=windows.device
        )
        start = torch.maximum(low, boxes[..., axis, None])
        end = torch.minimum(low + cell, (boxes[..., axis] + boxes[..., 2 + axis])[..., None])
        shares.append((end - start).clamp(min=0) / cell.clamp(min=1e-9))
    mask = shares[0][..., :, None] * shares[1][..., None, :]
    return mask if soft else (mask > 1e-6).to(mask.dtype)


def mask_loss(logits: Float[Tensor, "*n hv wv"], target: Float[Tensor, "*n hv wv"]) -> EachBox:
    """Eq. 12: cross-entropy of the location map with its target, a cell.

    Object and background count the same, however many cells they have.
    """
    cross = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    inside = _weighted_mean(cross, target)
    outside = _weighted_mean(cross, 1 - target)
    return (inside + outside) / 2


def confidence_target(predicted: Boxes, true: Boxes, present: EachBox) -> EachBox:
    """What the confidence should be: the IoU of the box; 0 if the object is absent."""
    return iou(predicted, true) * present


def feature_distance(predicted: Float[Tensor, "*n f"], true: Float[Tensor, "*n f"]) -> EachBox:
    """RATM's loss: mean squared difference of the features of two glimpses."""
    return (predicted - true).square().mean(dim=-1)


def weight_penalty(weights: Iterable[Tensor]) -> Float[Tensor, ""]:
    """Half the squared norm of the weights: the first half of R(D, theta)."""
    return 0.5 * torch.stack([weight.square().sum() for weight in weights]).sum()


def filter_penalty(filters: Float[Tensor, "*n p"]) -> Float[Tensor, ""]:
    """Half the squared norm of the mean dynamic filters: the second half of R(D, theta)."""
    return 0.5 * filters.flatten(0, -2).mean(dim=0).square().sum()


def adaptive_regulariser(weights: Float[Tensor, " k"], sign: float = 1.0) -> Float[Tensor, ""]:
    """R(lambda) = sum_i log(1 / lambda_i), under which lambda_i settles at 1 / L_i.

    The text has it with a minus (`sign=-1`): then the least loss is that of vanishing weights.
    """
    return -sign * weights.log().sum()


def masked_mean(values: EachBox, present: EachBox) -> Float[Tensor, ""]:
    """Mean over the frames in which the object is present; 0 if there are none."""
    return (values * present).sum() / present.sum().clamp(min=1)


def _weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum(dim=(-2, -1)) / weights.sum(dim=(-2, -1)).clamp(min=1e-6)
