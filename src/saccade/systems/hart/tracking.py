"""What every tracker here offers: start with a box, then one prediction a frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

import torch
from jaxtyping import Bool, Float, Int, Real
from torch import Tensor, nn

from saccade.errors import UserInputError

State = TypeVar("State")


@dataclass(frozen=True)
class Prediction:
    """What a tracker says about a frame; of many frames, with a leading axis T.

    Attributes:
        box: Box of the object (y, x, h, w) [pixels]; (N, 4).
        attention: Window that the model chose [pixels]; (N, 4).
        window: Window that was looked through: `attention` unless it was forced [pixels]; (N, 4).
        glimpse: Glimpse that the window showed, 0..1; (N, C, h, w).
        location: Probability that a cell of the glimpse is the object; (N, hv, wv), ones for a
            model without a location map.
        logits: Logits of the location map; (N, hv, wv).
        confidence_logits: Logits of the confidence; (N,).
        filters: Dynamic filters Psi; (N, P), P = 0 for a model without.
        features: Features of the glimpse; (N, F).
    """

    box: Tensor
    attention: Tensor
    window: Tensor
    glimpse: Tensor
    location: Tensor
    logits: Tensor
    confidence_logits: Tensor
    filters: Tensor
    features: Tensor

    @property
    def confidence(self) -> Tensor:
        """(N,) the IoU that the box is expected to have: low when the object is lost or hidden."""
        return torch.sigmoid(self.confidence_logits)

    @staticmethod
    def stack(predictions: Sequence[Prediction]) -> Prediction:
        """Predictions of successive frames as one, with a leading axis."""
        return Prediction(
            **{
                field.name: torch.stack([getattr(one, field.name) for one in predictions])
                for field in fields(Prediction)
            }
        )


class Tracker(nn.Module, ABC, Generic[State]):
    """Follows one object in each of N videos."""

    @abstractmethod
    def initialise(self, frame: Real[Tensor, "N C H W"], boxes: Float[Tensor, "N 4"]) -> State:
        """The state after the first frame, in which the object is given."""

    def begin(
        self,
        frame: Real[Tensor, "N C H W"],
        boxes: Float[Tensor, "N 4"],
        videos: Int[Tensor, " N"] | None = None,
    ) -> State:
        """`initialise`, knowing which objects are in the same video: those of one number.

        A tracker that follows each object alone has no use for that.
        """
        return self.initialise(frame, boxes)

    def after_gap(self, state: State, gaps: Bool[Tensor, " N"]) -> State:
        """The state after time has passed, unseen, before the next frame of some sequences.

        A tracker that takes no notice of how an object last moved has nothing to forget.
        """
        return state

    @abstractmethod
    def step(
        self,
        frame: Real[Tensor, "N C H W"],
        state: State,
        forced: Float[Tensor, "N 4"] | None = None,
    ) -> tuple[State, Prediction]:
        """The next frame's state and prediction."""

    @abstractmethod
    def around(self, boxes: Float[Tensor, "N 4"], height: int, width: int) -> Float[Tensor, "N 4"]:
        """The window that would show each object as this model likes it [pixels]."""

    def forward(
        self,
        frames: Real[Tensor, "T N C H W"],
        first_boxes: Float[Tensor, "N 4"],
        forced: Float[Tensor, "T N 4"] | None = None,
        videos: Int[Tensor, " N"] | None = None,
        gaps: Bool[Tensor, " N"] | None = None,
    ) -> Prediction:
        """Whole sequences.

        Args:
            frames: Frames, 0..1 or uint8; in the first one the objects are given.
            first_boxes: Boxes (y, x, h, w) in the first frame [pixels].
            forced: Windows to look through, as `step` takes them; those of frame 0 are not used.
            videos: Numbers of the videos that the sequences show, as `begin` takes them.
            gaps: Whether time passes between the first two frames of each sequence.

        Returns:
            Predictions of frames 1 to T - 1, with a leading axis of T - 1.

        Raises:
            UserInputError: Shapes do not fit.
        """
        if frames.dim() != 5 or len(frames) < 2:
            raise UserInputError(
                f"frames have shape {tuple(frames.shape)}; expected (T, N, C, H, W), T at least 2"
            )
        state = self.begin(frames[0], first_boxes, videos)
        if gaps is not None:
            state = self.after_gap(state, gaps)
        predictions = []
        for t in range(1, len(frames)):
            state, prediction = self.step(frames[t], state, None if forced is None else forced[t])
            predictions.append(prediction)
        return Prediction.stack(predictions)


def check_frame(frame: Tensor, boxes: Tensor, channels: int) -> tuple[int, int]:
    """Height and width of a first frame [pixels].

    Raises:
        UserInputError: The frame or the boxes do not have the shape that a tracker needs.
    """
    readable = frame.is_floating_point() or frame.dtype == torch.uint8
    if frame.dim() != 4 or frame.shape[1] != channels or not readable:
        raise UserInputError(
            f"the frame is {frame.dtype} {tuple(frame.shape)}; "
            f"expected floating point (N, {channels}, H, W) in 0..1, or uint8 in 0..255"
        )
    if boxes.shape != (len(frame), 4):
        raise UserInputError(
            f"the boxes have shape {tuple(boxes.shape)}; expected ({len(frame)}, 4): y, x, h, w"
        )
    if not bool((boxes[:, 2:] > 0).all()):
        raise UserInputError("a first box has no height or width; expected (y, x, h, w), h, w > 0")
    return frame.shape[2], frame.shape[3]
