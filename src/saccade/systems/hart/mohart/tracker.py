"""Following several objects of a video at once.

    tracker = MultiTracker(load_network(folder))
    tracker.init(frame, [(x, y, width, height), ...])
    boxes, confidences = tracker.update(next_frame)

Frames and boxes are those of `saccade.systems.hart.tracker`. A network with relations lets the
objects know of each other; any other one follows each of them alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor

from saccade.errors import UserInputError
from saccade.systems.hart.boxes import from_model, to_model
from saccade.systems.hart.model import Hart
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.tracker import LOST_BELOW, as_pixels, check_box, check_frame

Boxes = Float32[np.ndarray, "n 4"]
"""Boxes (x, y, width, height) [pixels]."""


class MultiTracker:
    """Follows N objects through a video; they keep their order, and later ones come behind.

    Args:
        network: Trained network; it stays on its device.
        related: Whether the objects know of each other, if the network can make use of it.
        lost_below: Confidence below which an object counts as lost.
    """

    def __init__(
        self, network: Hart | Ratm, related: bool = True, lost_below: float = LOST_BELOW
    ) -> None:
        self._network = network.eval()
        self._related, self._lost_below = related, lost_below
        self._state: Any = None
        self._size: tuple[int, int] | None = None
        self._boxes: Boxes = np.zeros((0, 4), np.float32)
        self._confidences: Float32[np.ndarray, " n"] = np.zeros(0, np.float32)

    def init(self, frame: UInt8[np.ndarray, "..."], boxes: Sequence[Sequence[float]]) -> None:
        """Start, or start anew, with the objects in `boxes` of `frame`.

        Raises:
            UserInputError: There is no box, or what `VideoTracker.init` raises for one of them.
        """
        first = self._start(frame, boxes)
        self._boxes, self._confidences = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
        self._state, self._size = None, frame.shape[:2]
        self._join(frame, first)

    def add(self, frame: UInt8[np.ndarray, "..."], boxes: Sequence[Sequence[float]]) -> None:
        """Follow further objects, in `boxes` of the frame that was given last.

        Raises:
            UserInputError: `init` was not called, or see `init`.
        """
        self._check_started("add")
        check_frame(frame, self._size)
        self._join(frame, self._start(frame, boxes))

    def update(self, frame: UInt8[np.ndarray, "..."]) -> tuple[Boxes, Float32[np.ndarray, " n"]]:
        """The objects' boxes in the next frame, and how sure each of them is, 0 to 1.

        Raises:
            UserInputError: `init` was not called, or the frame is not of the first one's size.
        """
        self._check_started("update")
        check_frame(frame, self._size)
        with torch.inference_mode():
            pixels = self._pixels(frame).expand(len(self._boxes), -1, -1, -1)
            self._state, seen = self._network.step(pixels, self._state)
        self._boxes = from_model(seen.box.cpu().numpy())
        self._confidences = seen.confidence.cpu().numpy()
        return self.boxes, self.confidences

    @property
    def boxes(self) -> Boxes:
        """The last boxes."""
        return self._boxes.copy()

    @property
    def confidences(self) -> Float32[np.ndarray, " n"]:
        """The IoU that each box is expected to have; 1 where it was just given."""
        return self._confidences.copy()

    @property
    def lost(self) -> Bool[np.ndarray, " n"]:
        """Whether each object is probably not where its box is: hidden, gone, or mistaken."""
        return ~(self._confidences >= self._lost_below)  # NaN is lost too

    def _start(self, frame: UInt8[np.ndarray, "..."], boxes: Sequence[Sequence[float]]) -> Boxes:
        """Sound boxes of a sound frame."""
        check_frame(frame)
        if len(boxes) == 0:
            raise UserInputError("there is no box; expected x, y, width, height of each object")
        height, width = frame.shape[:2]
        return np.array([check_box(box, height, width) for box in boxes], np.float32)

    def _join(self, frame: UInt8[np.ndarray, "..."], boxes: Boxes) -> None:
        with torch.inference_mode():
            pixels = self._pixels(frame).expand(len(boxes), -1, -1, -1)
            first = torch.from_numpy(to_model(boxes)).to(pixels.device)
            together = torch.zeros(len(boxes), dtype=torch.long, device=pixels.device)
            state = self._network.begin(pixels, first, together if self._related else None)
            self._state = state if self._state is None else _both(self._state, state)
        self._boxes = np.concatenate([self._boxes, boxes])
        self._confidences = np.append(self._confidences, np.ones(len(boxes), np.float32))

    def _pixels(self, frame: UInt8[np.ndarray, "..."]) -> Tensor:
        device = next(self._network.parameters()).device
        return as_pixels(frame, self._network.config.in_channels).to(device)

    def _check_started(self, call: str) -> None:
        if self._state is None:
            raise UserInputError(
                f"{call} was called before init; expected init(frame, boxes) first"
            )


def _both(one: Any, two: Any) -> Any:
    """The states of the objects of both."""
    pairs = zip(one, two, strict=True)
    return type(one)(*(None if a is None else torch.cat([a, b]) for a, b in pairs))
