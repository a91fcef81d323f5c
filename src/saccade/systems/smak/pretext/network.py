"""The trunk with a linear read-out of what each cell of the picture shows, and its loss.

The read-out is linear, so that what it reads must lie in the trunk's features as they are: the kind
of thing, how far away it is, how it lies, where its middle is and what colour it has without light.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from saccade.systems.smak.pretext.pictures import Targets
from saccade.worlds.primitives.bodies import KINDS

WIDTHS = (len(KINDS), 1, 6, 2, 3)
"""Numbers a cell of the read-out: kinds, depth, axis, offset, colour."""
WEIGHTS = {"kinds": 1.0, "depths": 1.0, "axes": 1.0, "offsets": 2.0, "colours": 0.5}
"""Weights of the losses, which bring them to about the same size."""
GAIN, SHIFT = 0.3, 0.2
"""Bounds of the changes of each colour's gain, and of brightness, on the scale of [-1, 1]."""
MIRRORED_AXES = (1.0, 1.0, 1.0, -1.0, -1.0, 1.0)
"""Signs of xx, yy, zz, xy, xz, yz when x is turned round."""


class Pretext(nn.Module):
    """The trunk and its read-out.

    Args:
        trunk: Trunk, which is changed in place.
        channels: Its feature maps.
        cells: Cells of the labels for one cell of the trunk, along a side.
    """

    def __init__(self, trunk: nn.Module, channels: int, cells: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.read_out = nn.Conv2d(channels, sum(WIDTHS) * cells**2, 1)
        self._cells = cells

    def forward(self, images: Float[Tensor, "n 3 s s"]) -> tuple[Tensor, ...]:
        """Logits of kinds, and the numbers of `Targets`, a cell of the labels each."""
        numbers = functional.pixel_shuffle(self.read_out(self.trunk(images)), self._cells)
        kinds, depths, axes, offsets, colours = numbers.movedim(1, 3).split(WIDTHS, dim=3)
        return kinds, depths[..., 0], axes, offsets, colours


@dataclass(frozen=True)
class PretextLoss:
    """The loss of a batch, and its parts.

    Attributes:
        total: What is minimised.
        terms: Its parts by name, and the share of the bodies' cells whose kind is right.
    """

    total: Float[Tensor, ""]
    terms: dict[str, float]


def pretext_loss(predicted: tuple[Tensor, ...], targets: Targets) -> PretextLoss:
    """Cross-entropy of kinds, and errors of the rest; bodies' own numbers count where they are."""
    kinds, depths, axes, offsets, colours = predicted
    is_body = (targets.kinds > 0).float()

    def over_bodies(errors: Float[Tensor, "n h w"]) -> Float[Tensor, ""]:
        return (errors * is_body).sum() / is_body.sum().clamp(min=1.0)

    losses = {
        "kinds": functional.cross_entropy(kinds.movedim(3, 1), targets.kinds),
        "depths": (depths - targets.depths).abs().mean(),
        "axes": over_bodies((axes - targets.axes).square().sum(dim=3)),
        "offsets": over_bodies((offsets - targets.offsets).abs().sum(dim=3)),
        "colours": over_bodies((colours - targets.colours).abs().sum(dim=3)),
    }
    total = torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()
    right = over_bodies((kinds.argmax(dim=3) == targets.kinds).float())
    terms = {name: loss.item() for name, loss in losses.items()}
    return PretextLoss(total, terms | {"kinds_right": right.item()})


def vary(
    pictures: UInt8[np.ndarray, "n s s 3"], targets: Targets, rng: np.random.Generator
) -> tuple[Float[Tensor, "n 3 s s"], Targets]:
    """Images in [-1, 1] in other light, and half of the batches mirrored with their labels."""
    images = torch.from_numpy(pictures).movedim(3, 1).float() / 127.5 - 1
    n = len(images)
    gain = torch.from_numpy(rng.uniform(1 - GAIN, 1 + GAIN, (n, 3, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.uniform(-SHIFT, SHIFT, (n, 1, 1, 1)).astype(np.float32))
    images = (images * gain + shift).clamp(-1, 1)
    if rng.random() < 0.5:
        images, targets = images.flip(3), mirrored(targets)
    return images.contiguous(memory_format=torch.channels_last), targets


def mirrored(targets: Targets) -> Targets:
    """The labels of the pictures with left and right exchanged."""
    kinds, depths, axes, offsets, colours = (each.flip(2) for each in targets)
    return Targets(
        kinds,
        depths,
        axes * torch.tensor(MIRRORED_AXES),
        offsets * torch.tensor([-1.0, 1.0]),
        colours,
    )
