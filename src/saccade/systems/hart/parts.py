"""The tracker's network as two functions of tensors, which other programs can run.

What `VideoTracker` does with a frame, but for `search`, which finds again what was lost.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from saccade.attention.gaussian_glimpse import swap_axes
from saccade.systems.hart.boxes import HALF
from saccade.systems.hart.model import Hart, HartState

STATE = ("output", "cell", "window", "found", "templates", "moved")
"""Names of the tensors that go from frame to frame."""

Carried = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
"""Tensors of `STATE`, in its order."""


class FirstFrame(nn.Module):
    """The state after the first frame, in which the object is given.

    Args:
        network: The tracker's network.
    """

    def __init__(self, network: Hart) -> None:
        super().__init__()
        self.network = network

    def forward(self, frame: UInt8[Tensor, "H W C"], box: Float[Tensor, "4"]) -> Carried:
        """Take a frame and a box (x, y, w, h) [pixels]."""
        return _carried(
            self.network.start(_pixels(frame), swap_axes(box)[None] - box.new_tensor(HALF))
        )


class NextFrame(nn.Module):
    """The object's box in the next frame.

    Args:
        network: The tracker's network.
    """

    def __init__(self, network: Hart) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        frame: UInt8[Tensor, "H W C"],
        output: Tensor,
        cell: Tensor,
        window: Tensor,
        found: Tensor,
        templates: Tensor,
        moved: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return box (x, y, w, h) [pixels], confidence 0 to 1, and the tensors of `STATE`."""
        state = HartState(output, cell, window, found, templates, moved)
        after, prediction = self.network.step(_pixels(frame), state)
        return (
            swap_axes(prediction.box + output.new_tensor(HALF))[0],
            prediction.confidence[0],
            *_carried(after),
        )


def _pixels(frame: UInt8[Tensor, "H W C"]) -> Float[Tensor, "1 C H W"]:
    return frame.permute(2, 0, 1)[None].to(torch.float32) / 255


def _carried(state: HartState) -> Carried:
    return state.output, state.cell, state.window, state.box, state.templates, state.moved
