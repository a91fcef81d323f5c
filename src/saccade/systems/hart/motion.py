"""How the window of spatial attention moves, and how a box is read off it (Eqs. 7 and 8).

Windows and boxes are (y, x, h, w) in pixels. The paper adds to the attention parameters a; what is
added here is the same in pixels: one unit of a is (H, W, H - 1, W - 1) of them. With
`units="window"` it is the window's own (h, w, h, w) instead.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.attention.gaussian_glimpse import attention_units
from saccade.systems.hart.config import MotionConfig

Boxes = Float[Tensor, "N 4"]
LARGEST = 2.0
"""Height of the largest window over that of the frame; its width likewise."""
LEAST_GROWTH = 0.1
"""Least size of a window over that of its object: its bias must not turn a box inside out."""
FASTEST = 1.5
"""Fastest motion of a box [own sizes a frame]: what moved further is another box."""


class WindowMotion(nn.Module):
    """The learnt bias of the first window and the learnt gain of its updates.

    Args:
        config: The settings.
    """

    def __init__(self, config: MotionConfig) -> None:
        super().__init__()
        self.config = config
        start = torch.tensor(config.bias_start) / config.bias_range
        self.bias_logits = nn.Parameter(torch.atanh(start))
        self.gain_logits = nn.Parameter(torch.full((4,), config.gain_start))

    @property
    def bias(self) -> Float[Tensor, "4"]:
        """Added to the first window, in the units of the configuration; bounded."""
        return self.config.bias_range * torch.tanh(self.bias_logits)

    @property
    def gain(self) -> Float[Tensor, "4"]:
        """Gain of the window's updates: sigmoid(c) as published; tanh(c) in the text of Eq. 7."""
        squash = torch.sigmoid if self.config.gain == "sigmoid" else torch.tanh
        return squash(self.gain_logits)

    def around(self, boxes: Boxes, height: int, width: int) -> Boxes:
        """The window that shows an object: its box and the bias.

        Args:
            boxes: Boxes of the objects [pixels].
            height: Height of the frames [pixels].
            width: Width of the frames [pixels].
        """
        return boxes + self.bias * self._units(boxes, height, width)

    def inside(self, windows: Boxes, height: int, width: int) -> Boxes:
        """The inverse of `around`: where the object is if the window is where it should be."""
        if self.config.units == "image":
            return windows - self.bias * self._units(windows, height, width)
        # h' = h (1 + bias_h) and y' = y + bias_y h, solved for h and y.
        size = windows[:, 2:] / (1 + self.bias[2:]).clamp(min=LEAST_GROWTH)
        return torch.cat([windows[:, :2] - self.bias[:2] * size, size], dim=1)

    def move(self, windows: Boxes, update: Boxes, height: int, width: int) -> Boxes:
        """The next window (Eq. 7).

        Args:
            windows: Windows a_t [pixels].
            update: Update Delta a_{t+1}, within -1 to 1.
            height: Height of the frames [pixels].
            width: Width of the frames [pixels].
        """
        moved = windows + self.gain * update * self._units(windows, height, width)
        return self.bound(moved, height, width)

    def locate(self, windows: Boxes, correction: Boxes, height: int, width: int) -> Boxes:
        """The object's box (Eq. 8).

        Args:
            windows: Windows a_t [pixels].
            correction: Correction Delta b_t, within -1 to 1.
            height: Height of the frames [pixels].
            width: Width of the frames [pixels].
        """
        if self.config.units == "image":
            units = windows.new_tensor([height, width, height, width])
        else:
            units = self._units(windows, height, width)
        boxes = self.inside(windows, height, width) + correction * units
        size = boxes[:, 2:].clamp(min=self.config.smallest)
        return straight_through(boxes, torch.cat([boxes[:, :2], size], dim=1))

    def trust(self, confidence: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """Trust in a size, 0 to 1: rises from 0 at half of `hold_below` to 1 at it."""
        if not self.config.hold_below:
            return torch.ones_like(confidence)
        return (2 * confidence / self.config.hold_below - 1).clamp(0, 1)

    def bound(self, windows: Boxes, height: int, width: int) -> Boxes:
        """Windows of a sane size whose centres lie in the frame; gradients pass as if unbounded."""
        frame = windows.new_tensor([height, width])
        size = windows[:, 2:].clamp(min=self.config.smallest)
        size = torch.minimum(size, LARGEST * frame)
        centre = windows[:, :2] + windows[:, 2:] / 2
        centre = torch.minimum(centre.clamp(min=0), frame)
        return straight_through(windows, torch.cat([centre - size / 2, size], dim=1))

    def _units(self, windows: Boxes, height: int, width: int) -> Tensor:
        if self.config.units == "image":
            return attention_units(windows, height, width)
        return windows[:, [2, 3, 2, 3]]


def keep_size(before: Boxes, boxes: Boxes, trust: Float[Tensor, " N"]) -> Boxes:
    """Boxes about the same centres that change their sizes only as far as they are trusted.

    Args:
        before: Boxes of the last frame [pixels].
        boxes: Boxes of this one [pixels].
        trust: Trust in the new size: 0 keeps the size of `before`, 1 that of `boxes`; between,
            their logarithms are mixed.
    """
    size = before[:, 2:] * (boxes[:, 2:] / before[:, 2:]) ** trust[:, None]
    centre = boxes[:, :2] + boxes[:, 2:] / 2
    return torch.cat([centre - size / 2, size], dim=1)


def how_moved(before: Boxes, boxes: Boxes) -> Boxes:
    """Shift of the centres in sizes of the box, and log ratios of the sizes; 0 for a jump.

    Args:
        before: Boxes of the last frame [pixels]; NaN where there is none, which counts as one.
        boxes: Boxes of this one [pixels].
    """
    shift = boxes[:, :2] + boxes[:, 2:] / 2 - before[:, :2] - before[:, 2:] / 2
    moved = torch.cat([shift / boxes[:, 2:], torch.log(boxes[:, 2:] / before[:, 2:])], dim=1)
    steady = moved.abs().amax(dim=1, keepdim=True) <= FASTEST
    return moved.masked_fill(~steady, 0.0)


def straight_through(free: Tensor, bounded: Tensor) -> Tensor:
    """The bounded value, with the gradient of the free one: a bound never stops learning."""
    return free + (bounded - free).detach()
