"""RATM: the recurrent attentive tracking model of Kahou et al. (2017), the paper's baseline.

A rectified recurrent network sees features of a Gaussian glimpse and moves its window: centre,
width and stride of the filters on each axis. There is no box regression and no appearance
attention: the object is where the window is. So the box of a frame is predicted before the frame
is seen, as Kosiorek et al. note (section 5.2).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn

from saccade.attention.gaussian_glimpse import sample_grid, sigma_of_stride, strides
from saccade.networks.conv_stack import ConvStack
from saccade.systems.hart.appearance import normalise
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.motion import LARGEST, straight_through
from saccade.systems.hart.tracking import Prediction, Tracker, check_frame

SMALLEST_SIGMA, SMALLEST_STRIDE = 0.2, 0.05
"""Bounds of the learnt filters [pixels]: narrower ones fall between pixels."""
HEAD_SPREAD = 1e-3
"""Standard deviation of the weights in front of and behind the units at first."""
CONTEXT = 1.5
"""Size of the window over that of the object."""


class RatmState(NamedTuple):
    """What is carried from frame to frame."""

    hidden: Float[Tensor, "N units"]
    centre: Float[Tensor, "N 2"]
    """Centre of the window, (row, column) [pixels]."""
    sigma: Float[Tensor, "N 2"]
    """Widths of the filters [pixels]."""
    stride: Float[Tensor, "N 2"]
    """Distance of neighbouring filters [pixels]."""


class Ratm(Tracker[RatmState]):
    """The variant "ratm".

    Args:
        config: The settings; the model's own are in `config.ratm`.
    """

    def __init__(self, config: HartConfig) -> None:
        super().__init__()
        self.config = config
        own, size = config.ratm, (config.glimpse.height, config.glimpse.width)
        self.trunk = ConvStack(own.stack)
        with torch.no_grad():
            maps = self.trunk(torch.zeros(1, own.stack.in_channels, *size))
        self.metric = nn.Linear(maps.numel(), own.metric)
        for parameter in [*self.trunk.parameters(), *self.metric.parameters()]:
            parameter.requires_grad_(not own.frozen)
        self.from_features = nn.Linear(own.metric, own.units)
        self.from_hidden = nn.Linear(own.units, own.units, bias=False)
        # Rectified units that remember (Le et al. 2015); larger weights make the window run away.
        nn.init.eye_(self.from_hidden.weight)
        nn.init.normal_(self.from_features.weight, std=HEAD_SPREAD)
        nn.init.zeros_(self.from_features.bias)
        self.to_window = nn.Linear(own.units, 6)
        nn.init.normal_(self.to_window.weight, std=HEAD_SPREAD)
        nn.init.zeros_(self.to_window.bias)
        self.to_confidence = nn.Linear(own.units, 1)

    def describe(
        self, frame: Real[Tensor, "N C H W"], boxes: Float[Tensor, "N 4"]
    ) -> Float[Tensor, "N metric"]:
        """Features of objects, which the loss compares with those of the predicted windows."""
        height, width = frame.shape[2:]
        window = self.around(boxes, height, width)
        stride = strides(window, self.config.glimpse)
        sigma = sigma_of_stride(stride, self.config.glimpse)
        return self._describe(sample_grid(frame, window[:, :2], stride, sigma, self.config.glimpse))

    def initialise(self, frame: Real[Tensor, "N C H W"], boxes: Float[Tensor, "N 4"]) -> RatmState:
        """The state after the first frame; see `Hart.initialise`.

        Raises:
            UserInputError: Shapes do not fit.
        """
        height, width = check_frame(frame, boxes, self.config.ratm.stack.in_channels)
        window = self.around(boxes, height, width)
        stride = strides(window, self.config.glimpse)
        hidden = torch.relu(self.from_features(self.describe(frame, boxes)))
        centre = window[:, :2] + window[:, 2:] / 2
        return RatmState(hidden, centre, sigma_of_stride(stride, self.config.glimpse), stride)

    def step(
        self,
        frame: Real[Tensor, "N C H W"],
        state: RatmState,
        forced: Float[Tensor, "N 4"] | None = None,
    ) -> tuple[RatmState, Prediction]:
        """One frame; see `Hart.step`."""
        window = self._window(state)
        attention = window
        if forced is not None:
            window = torch.where(forced.isnan(), window, forced)
            stride = strides(window, self.config.glimpse)
            state = state._replace(centre=window[:, :2] + window[:, 2:] / 2, stride=stride)
        glimpse = sample_grid(frame, window[:, :2], state.stride, state.sigma, self.config.glimpse)
        features = self._describe(glimpse)
        hidden = torch.relu(self.from_features(features) + self.from_hidden(state.hidden))
        prediction = Prediction(
            box=self._shrink(window),
            attention=attention,
            window=window,
            glimpse=glimpse,
            location=glimpse.new_ones(len(glimpse), 1, 1),
            logits=glimpse.new_zeros(len(glimpse), 1, 1),
            # Not in the paper: it must not teach the memory, whose growth would move the window.
            confidence_logits=self.to_confidence(hidden.detach())[:, 0],
            filters=glimpse.new_zeros(len(glimpse), 0),
            features=features,
        )
        return self._move(state, hidden, frame.shape[2], frame.shape[3]), prediction

    def around(self, boxes: Float[Tensor, "N 4"], height: int, width: int) -> Float[Tensor, "N 4"]:
        """Boxes enlarged about their centres by `CONTEXT` [pixels]."""
        return _scale(boxes, CONTEXT)

    def _shrink(self, windows: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
        return _scale(windows, 1 / CONTEXT)

    def _window(self, state: RatmState) -> Float[Tensor, "N 4"]:
        cells = state.stride.new_tensor([self.config.glimpse.height, self.config.glimpse.width]) - 1
        size = state.stride * cells
        return torch.cat([state.centre - size / 2, size], dim=1)

    def _move(self, state: RatmState, hidden: Tensor, height: int, width: int) -> RatmState:
        """Parameters = W h + those before; centres in units of the frame, strides of its cells.

        Bounded as HART's windows are: outside the frame all features are alike, and their loss
        small.
        """
        frame = hidden.new_tensor([height, width])
        cells = hidden.new_tensor([self.config.glimpse.height, self.config.glimpse.width]) - 1
        centre, sigma, stride = self.to_window(hidden).split(2, dim=1)
        return RatmState(
            hidden,
            _bounded(state.centre + centre * frame, torch.zeros_like(frame), frame),
            (state.sigma + sigma).clamp(min=SMALLEST_SIGMA),
            _bounded(
                state.stride + stride * frame / cells,
                torch.full_like(frame, SMALLEST_STRIDE),
                LARGEST * frame / cells,
            ),
        )

    def _describe(self, glimpse: Float[Tensor, "N C h w"]) -> Float[Tensor, "N metric"]:
        if self.config.ratm.features == "hart":
            glimpse = normalise(glimpse, self.config.appearance.normalise)
        return self.metric(self.trunk(glimpse).flatten(1))


def _bounded(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Values between low and high; gradients pass as if unbounded."""
    return straight_through(values, torch.minimum(torch.maximum(values, low), high))


def _scale(boxes: Float[Tensor, "N 4"], factor: float) -> Float[Tensor, "N 4"]:
    """Boxes `factor` times as large about the same centres."""
    size = boxes[:, 2:] * factor
    return torch.cat([boxes[:, :2] + (boxes[:, 2:] - size) / 2, size], dim=1)
