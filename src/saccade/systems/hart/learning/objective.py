"""Eq. 9: the losses of a sequence, weighed and added."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Real
from torch import Tensor, nn

from saccade.systems.hart import losses
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.tracking import Prediction


@dataclass(frozen=True)
class Objective:
    """What a gradient step minimises, and what it is made of.

    Attributes:
        total: Sum that is minimised.
        terms: Each loss before its weight, and "iou", the mean IoU of the predicted boxes.
    """

    total: Float[Tensor, ""]
    terms: dict[str, Tensor]


class HartLoss(nn.Module):
    """The loss of a configuration's variant, with its adaptive weights: optimise these as well.

    Args:
        config: The settings.
    """

    def __init__(self, config: HartConfig) -> None:
        super().__init__()
        self.config = config
        spatial = config.spatial_weight > 0
        appearance = config.appearance_weight > 0
        names = ["tracking"] + ["spatial"] * spatial + ["appearance"] * appearance
        self.names = ["features"] if config.variant == "ratm" else names
        # lambda = w^2 + 1e-8 keeps the weights positive.
        self.roots = nn.Parameter(torch.ones(len(self.names)))
        self.roots.requires_grad_(config.loss.adaptive != "none")

    @property
    def term_weights(self) -> Float[Tensor, " k"]:
        """lambda of Eq. 9, in the order of `names`."""
        return self.roots.square() + 1e-8

    def forward(
        self,
        model: Hart | Ratm,
        frames: Real[Tensor, "T N C H W"],
        predictions: Prediction,
        boxes: Float[Tensor, "T N 4"],
        present: Float[Tensor, "T N"] | None = None,
    ) -> Objective:
        """The loss of T - 1 predictions.

        Args:
            model: Model that made the predictions.
            frames: Frames that it was shown, the first one included.
            predictions: Predictions of frames 1 to T - 1.
            boxes: True boxes in all frames [pixels]; of no effect where the object is absent.
            present: Presence of the object: 1 where the object can be seen; None: everywhere.
        """
        true = boxes[1:]
        seen = torch.ones_like(true[..., 0]) if present is None else present[1:]
        # An absent object's box may be anything, NaN included.
        true = torch.where(seen[..., None] > 0, true, predictions.window.detach())
        if isinstance(model, Ratm):
            terms = {"features": self._features(model, frames[1:], predictions, true, seen)}
        else:
            terms = self._terms(predictions, true, seen, frames.shape[-2], frames.shape[-1])
        total = self._weigh(terms)
        terms["confidence"] = self._confidence(predictions, true, seen)
        terms["penalty"] = self._penalty(model, predictions)
        total = total + self.config.loss.confidence * terms["confidence"]
        total = total + self.config.loss.weight_decay * terms["penalty"]
        with torch.no_grad():
            terms["iou"] = losses.masked_mean(losses.iou(predictions.box, true), seen)
        return Objective(total, terms)

    def _terms(
        self, predictions: Prediction, true: Tensor, seen: Tensor, height: int, width: int
    ) -> dict[str, Tensor]:
        config = self.config
        terms = {"tracking": config.loss.tracking * self._tracking(predictions, true, seen)}
        if config.spatial_weight > 0:
            spatial = self._spatial(predictions, true, seen, height, width)
            terms["spatial"] = config.spatial_weight * spatial
        if config.appearance_weight > 0:
            appearance = self._appearance(predictions, true, seen)
            terms["appearance"] = config.appearance_weight * appearance
        return terms

    def _tracking(self, predictions: Prediction, true: Tensor, seen: Tensor) -> Tensor:
        """Eq. 10, and what has a gradient without overlap."""
        settings, box = self.config.loss, predictions.box
        each = torch.zeros_like(seen)
        if settings.log_iou:
            each = each + settings.log_iou * losses.negative_log_iou(box, true, settings.clip)
        if settings.giou:
            each = each + settings.giou * (1 - losses.generalised_iou(box, true))
        if settings.l1:
            each = each + settings.l1 * losses.edge_distance(box, true)
        return losses.masked_mean(each, seen)

    def _spatial(
        self, predictions: Prediction, true: Tensor, seen: Tensor, height: int, width: int
    ) -> Tensor:
        """Eq. 11, of the windows that the model chose."""
        settings, window = self.config.loss, predictions.attention
        each = losses.coverage_loss(window, true, settings.clip)
        each = each + settings.area * losses.area_loss(window, height, width, settings.clip)
        if settings.centre:
            each = each + settings.centre * losses.centre_distance(window, true)
        return losses.masked_mean(each, seen)

    def _appearance(self, predictions: Prediction, true: Tensor, seen: Tensor) -> Tensor:
        """Eq. 12; where the object is absent, no cell is it."""
        rows, columns = predictions.logits.shape[-2:]
        target = losses.object_mask(
            predictions.window.detach(), true, rows, columns,
            soft=self.config.loss.mask_target == "soft",
        )  # fmt: skip
        return losses.mask_loss(predictions.logits, target * seen[..., None, None]).mean()

    def _features(
        self, model: Ratm, frames: Tensor, predictions: Prediction, true: Tensor, seen: Tensor
    ) -> Tensor:
        wanted = model.describe(frames.flatten(0, 1), true.flatten(0, 1))
        wanted = wanted.view_as(predictions.features)
        return losses.masked_mean(losses.feature_distance(predictions.features, wanted), seen)

    def _confidence(self, predictions: Prediction, true: Tensor, seen: Tensor) -> Tensor:
        target = losses.confidence_target(predictions.box, true, seen).detach()
        return F.binary_cross_entropy_with_logits(predictions.confidence_logits, target)

    def _penalty(self, model: nn.Module, predictions: Prediction) -> Tensor:
        """R(D, theta): weights and dynamic filters, not biases and norms, which set no scale."""
        matrices = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
        return losses.weight_penalty(matrices) + losses.filter_penalty(predictions.filters)

    def _weigh(self, terms: dict[str, Tensor]) -> Tensor:
        values = torch.stack([terms[name] for name in self.names])
        kind = self.config.loss.adaptive
        if kind == "none":
            return values.sum()
        sign = 1.0 if kind == "learnt" else -1.0
        weights = self.term_weights
        return (weights * values).sum() + losses.adaptive_regulariser(weights, sign)
