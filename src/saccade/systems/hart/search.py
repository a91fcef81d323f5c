"""Looking for an object that was lost, as it last looked, all around where it was lost.

The paper's tracker sees its window only and never comes back. Here, where the confidence is low,
the memory of when it was last high looks through a ring of windows around the last box, a wider
ring every time. What it finds it must find again through a window of its own.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from saccade.errors import UserInputError
from saccade.systems.hart.config import SearchConfig
from saccade.systems.hart.model import Hart, HartState
from saccade.systems.hart.tracking import Prediction


class Search:
    """Goes on from what a network found in a frame, or from what it finds by looking around.

    Args:
        network: Network that follows one object.
        config: Settings of when and where it looks around.
    """

    def __init__(self, network: Hart, config: SearchConfig) -> None:
        self._network, self._config = network, config
        self._last_found: HartState | None = None
        self._lost_for = 0

    def begin(self, state: HartState) -> None:
        """Start with the state after the first frame, in which the object was given."""
        self._last_found, self._lost_for = state, 0

    def after(
        self, frame: UInt8[Tensor, "1 C H W"], state: HartState, found: Prediction
    ) -> tuple[HartState, Prediction]:
        """The state and prediction to go on with: those given, or those of the object found again.

        Args:
            frame: Frame that was just seen.
            state: State after that frame.
            found: Prediction in that frame.
        """
        confidence = float(found.confidence[0])
        if confidence >= self._config.found_from:
            self.begin(state)
        elif not confidence >= self._config.below:  # NaN is lost too
            turn = self._lost_for % self._config.every
            again = self._look_around(frame, state.box) if turn == 0 else None
            self._lost_for += 1
            if again is not None:
                state, prediction = again
                self.begin(state)
                return state, replace(prediction, attention=found.attention)
        return state, found

    def _look_around(
        self, frame: UInt8[Tensor, "1 C H W"], lost: Float[Tensor, "1 4"]
    ) -> tuple[HartState, Prediction] | None:
        """What is found, surely and twice, in windows around the box that was lost."""
        last, (height, width) = self._last_found, frame.shape[2:]
        if last is None:
            raise UserInputError("after was called before begin; expected begin(state) first")
        boxes = ring(lost, last.box[:, 2:], self._radius(), height, width)
        if not len(boxes):
            return None
        windows = self._network.around(boxes, height, width)
        many = frame.expand(len(boxes), -1, -1, -1)
        found = self._network.step(many, repeat(last, len(boxes)), windows)[1]
        best = int(found.confidence.argmax())
        if not found.confidence[best] >= self._config.found_from:
            return None
        window = self._network.around(found.box[best : best + 1], height, width)
        state, again = self._network.step(frame, last, window)
        if not again.confidence[0] >= self._config.found_from:
            return None
        # How far it is from where it was last seen says nothing of how it moves.
        return state._replace(moved=torch.zeros_like(state.moved)), again

    def _radius(self) -> int:
        """Radius of the ring to look at in this frame, in sizes of the object: 1, 2, ... and 1."""
        return 1 + self._lost_for // self._config.every % self._config.rings


def ring(
    box: Float[Tensor, "1 4"], size: Float[Tensor, "1 2"], radius: int, height: int, width: int
) -> Float[Tensor, "K 4"]:
    """Boxes side by side around another one, and itself; those whose centres are in the frame.

    Args:
        box: Box (y, x, h, w) in the middle [pixels].
        size: Height and width of all boxes [pixels].
        radius: Distance of their centres from that of `box` along one axis, in their own sizes;
            along the other they are as near or nearer.
        height: Height of the frame [pixels].
        width: Width of the frame [pixels].
    """
    steps = torch.arange(-radius, radius + 1, dtype=box.dtype, device=box.device)
    offsets = torch.cartesian_prod(steps, steps)
    distance = offsets.abs().amax(dim=1)
    offsets = offsets[(distance == radius) | (distance == 0)]
    centres = box[:, :2] + box[:, 2:] / 2 + offsets * size
    inside = ((centres >= 0) & (centres <= centres.new_tensor([height, width]))).all(dim=1)
    centres = centres[inside]
    return torch.cat([centres - size / 2, size.expand(len(centres), -1)], dim=1)


def repeat(state: HartState, times: int) -> HartState:
    """The same state of so many trackers."""
    return HartState._make(
        None if part is None else part.expand(times, *part.shape[1:]) for part in state
    )
