"""HART: hierarchical attentive recurrent tracking (Kosiorek et al. 2017).

A frame passes through three layers of attention: a Gaussian glimpse around the object (spatial), a
location map by filters that the memory computes (appearance), and the features that remain. An LSTM
turns them into the object's box, the next window and the next filters.

Deviations from the paper, with their settings:
- The gain of Eq. 7 is sigmoid(c), as published (`motion.gain`); tanh(c) may change its sign.
- The bias of the first window is taken off again before a box is read (Eq. 8), as published.
- Windows keep a least size, and their centre in the frame (`motion.smallest`): a window that has
  left the image sees nothing to come back by. Gradients pass the bound.
- V1 keeps stride 4 and no max-pool (`appearance.alexnet`): the text's own numbers do not give the
  14 x 14 cells that it reports.
- The tracking loss has a GIoU term (`loss.giou`): -log IoU has no gradient without overlap.
- The adaptive weights' regulariser has the other sign (`loss.adaptive`): see `losses`.
- L2 regularises weights, not biases and norms, which set no scale.
- A confidence is learnt (`loss.confidence`): the IoU that the box is expected to have. A tracker
  must be able to say that it has lost its object.
- `appearance.matches` maps of how well each cell matches the first glimpse (`cpu`): the paper's
  memory alone must know what the object looked like.
- `memory.bypass` (`cpu`): the heads read v_t as well; through the memory alone, which changes
  slowly, a box trails behind.
- `motion.follow="box"` (`cpu`): the next window is an update of the box that was found, not of the
  last window, so that an error of the window is made good as soon as the box is right.
- `appearance.recent_from` (`cpu`): the glimpse of the last box to rely on is matched too: the
  first one ages.
- `memory.moved` (`cpu`): v_t also says how the box last moved.
- `motion.hold_below` (`cpu`): where the confidence is low, a box keeps its size. A lost tracker
  otherwise takes more and more of the picture for its object.
- `motion.through_time=False` (`cpu`): a frame's losses do not teach the windows of the frames
  before; those gradients are large and say little.
- `motion.units="window"` (preset `cpu`) measures corrections in windows instead of images, so that
  one network serves objects and frames of any size.

Frames are float 0..1 or uint8, boxes (y, x, h, w) in pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Real
from torch import Tensor, nn

from saccade.attention.gaussian_glimpse import boxes_to_attention, extract_glimpses
from saccade.networks.zoneout_lstm import ZoneoutLSTMCell
from saccade.systems.hart.appearance import AppearanceAttention, Templates
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.motion import WindowMotion, how_moved, keep_size
from saccade.systems.hart.tracking import Prediction, Tracker, check_frame

HEAD_SPREAD = 1e-3
"""Standard deviation of the heads' last weights at first: nothing moves."""


class HartState(NamedTuple):
    """What is carried from frame to frame."""

    output: Float[Tensor, "N units"]
    """Output h of the memory, which is also alpha: what the object is expected to look like."""
    cell: Float[Tensor, "N units"]
    window: Float[Tensor, "N 4"]
    """Window to look through in the next frame [pixels]."""
    box: Float[Tensor, "N 4"]
    """Box in which the object was found [pixels]."""
    templates: Templates
    """Glimpses for matching: the first, and a recent one."""
    moved: Float[Tensor, "N 4"]
    """Last motion of the box, in its own sizes, and the logarithm of its change of size."""
    videos: Int[Tensor, " N"] | None = None
    """Numbers of the videos: equal ones are the same video; None: each object in its own."""


class Hart(Tracker[HartState]):
    """The variants "hart", "app-att" and "spatial-att".

    Args:
        config: The settings.
    """

    def __init__(self, config: HartConfig) -> None:
        super().__init__()
        self.config = config
        memory = config.memory
        self.appearance = AppearanceAttention(
            config.appearance,
            (config.glimpse.height, config.glimpse.width),
            memory.units,
            mask=config.uses_mask,
        )
        self.motion = WindowMotion(config.motion)
        motion = 8 if memory.moved else 4
        self.to_features = nn.Linear(self.appearance.out_features + motion, memory.features)
        self.first_state = nn.Linear(memory.features, 2 * memory.units)
        self.lstm = ZoneoutLSTMCell(memory.features, memory.units, memory.zoneout)
        rows, columns = self.appearance.map_size
        self.to_mask = nn.Linear(rows * columns, memory.mask_features) if config.uses_mask else None
        decoded = memory.units + (memory.mask_features if config.uses_mask else 0)
        decoded += memory.features if memory.bypass else 0
        self.update_head = _head(decoded, memory.hidden, 4)
        self.box_head = _head(decoded, memory.hidden, 4)
        self.confidence_head = _head(decoded, memory.hidden, 1)

    def initialise(self, frame: Real[Tensor, "N C H W"], boxes: Float[Tensor, "N 4"]) -> HartState:
        """The state after the first frame, in which the object is given.

        Args:
            frame: First frame, 0..1 or uint8; only the window is read of it.
            boxes: Boxes (y, x, h, w) of the objects [pixels].

        Raises:
            UserInputError: Shapes do not fit.
        """
        check_frame(frame, boxes, self.config.appearance.in_channels)
        return self.start(frame, boxes)

    def start(self, frame: Real[Tensor, "N C H W"], boxes: Float[Tensor, "N 4"]) -> HartState:
        """`initialise` of a frame and boxes that are known to fit."""
        height, width = frame.shape[2:]
        window = self.motion.around(boxes, height, width)
        window = self.motion.bound(window, height, width)
        glimpse = self._look(frame, window)
        seen, templates = self.appearance.unmasked(glimpse)
        moved = torch.zeros_like(boxes)
        features = self._features(seen, window, moved, height, width)
        output, cell = self.first_state(features).chunk(2, dim=1)
        return HartState(torch.tanh(output), cell, window, boxes, templates, moved)

    def after_gap(self, state: HartState, gaps: Bool[Tensor, " N"]) -> HartState:
        """Forget the boxes, which say nothing of the next motion; see `Tracker.after_gap`."""
        return state._replace(box=state.box.masked_fill(gaps[:, None], torch.nan))

    def step(
        self,
        frame: Real[Tensor, "N C H W"],
        state: HartState,
        forced: Float[Tensor, "N 4"] | None = None,
    ) -> tuple[HartState, Prediction]:
        """One frame.

        Args:
            frame: Next frame, 0..1 or uint8, of the size of the first.
            state: State from `initialise` or the step before.
            forced: Windows [pixels] to look through instead of the model's own; NaN: its own.
        """
        height, width = frame.shape[2:]
        window = state.window if self.config.through_time else state.window.detach()
        if forced is not None:
            window = torch.where(forced.isnan(), window, forced)
        found, output, cell, update = self._attend(frame, state, window)
        box = found.box
        if not self.training:
            trust = self.motion.trust(found.confidence)
            box, update = keep_size(state.box, box, trust), update * trust[:, None]
        if self.config.motion.follow == "box":
            window = self.motion.around(box.detach(), height, width)
        after = HartState(
            output=output,
            cell=cell,
            window=self.motion.move(window, update, height, width),  # Eq. 7
            box=box,
            templates=self._renewed(state.templates, frame, box, found.confidence),
            moved=how_moved(state.box, box).detach() if self.config.memory.moved else state.moved,
            videos=state.videos,
        )
        return after, replace(found, box=box)

    def _attend(
        self, frame: Tensor, state: HartState, window: Tensor
    ) -> tuple[Prediction, Tensor, Tensor, Tensor]:
        """What a window shows, the memory's next output and cell, and the window's update."""
        height, width = frame.shape[2:]
        glimpse = self._look(frame, window)  # Eq. 2
        seen = self.appearance(glimpse, state.output, state.templates)  # Eqs. 3, 4
        features = self._features(seen.features, window, state.moved, height, width)
        output, cell = self.lstm(features, (state.output, state.cell))  # Eq. 5
        decoded = self.relate(output, window, state.videos, (height, width))
        if self.to_mask is not None:
            decoded = torch.cat([decoded, F.elu(self.to_mask(seen.location.flatten(1)))], dim=1)
        if self.config.memory.bypass:
            decoded = torch.cat([decoded, features], dim=1)
        update = torch.tanh(self.update_head(decoded))  # Eq. 6
        correction = torch.tanh(self.box_head(decoded))
        prediction = Prediction(
            box=self.motion.locate(window, correction, height, width),  # Eq. 8
            attention=state.window,
            window=window,
            glimpse=glimpse,
            location=seen.location if self.config.uses_mask else torch.ones_like(seen.logits),
            logits=seen.logits,
            confidence_logits=self.confidence_head(decoded)[:, 0],
            filters=seen.filters,
            features=features,
        )
        return prediction, output, cell, update

    def around(self, boxes: Float[Tensor, "N 4"], height: int, width: int) -> Float[Tensor, "N 4"]:
        """The window that would show each object as this model likes it [pixels]."""
        return self.motion.around(boxes, height, width)

    def relate(
        self,
        output: Float[Tensor, "N units"],
        window: Float[Tensor, "N 4"],
        videos: Int[Tensor, " N"] | None,
        size: tuple[int, int],
    ) -> Float[Tensor, "N units"]:
        """What the heads read of the memory's output; here each object is followed alone.

        Args:
            output: Output of the memory.
            window: Windows that were looked through [pixels].
            videos: Numbers of the videos, as in `HartState`.
            size: Height and width of the frames [pixels].
        """
        return output

    @torch.no_grad()
    def _renewed(
        self, templates: Templates, frame: Tensor, box: Tensor, confidence: Tensor
    ) -> Templates:
        """Templates of the first glimpse, and of the box just found if it is one to rely on."""
        if templates.shape[1] < 2:
            return templates
        reliable = confidence >= self.config.appearance.recent_from
        if not torch.compiler.is_compiling() and not bool(reliable.any()):
            return templates
        height, width = frame.shape[2:]
        window = self.motion.bound(self.motion.around(box, height, width), height, width)
        new = self.appearance.template(self._look(frame, window))
        recent = torch.where(reliable[:, None, None], new, templates[:, 1])
        return torch.stack([templates[:, 0], recent], dim=1)

    def _look(
        self, frame: Real[Tensor, "N C H W"], window: Float[Tensor, "N 4"]
    ) -> Float[Tensor, "N C h w"]:
        """Eq. 2."""
        if frame.dtype != torch.uint8 or len(frame) == 1 or frame.stride(0) != 0:
            return extract_glimpses(frame, window, self.config.glimpse)
        # One picture of several objects: all that their windows span would be converted for each.
        pairs = zip(frame.split(1), window.split(1), strict=True)
        return torch.cat([extract_glimpses(*pair, self.config.glimpse) for pair in pairs])

    def _features(
        self,
        seen: Float[Tensor, "N features"],
        window: Tensor,
        moved: Tensor,
        height: int,
        width: int,
    ) -> Float[Tensor, "N v"]:
        """v_t of Eq. 4, with the window, as published, and the motion of the box appended."""
        parts = [seen, boxes_to_attention(window, height, width)]
        parts += [moved] if self.config.memory.moved else []
        return F.elu(self.to_features(torch.cat(parts, dim=1)))


def _head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """MLP of Eq. 6; its last layer starts near zero (`HEAD_SPREAD`)."""
    last = nn.Linear(hidden, outputs)
    nn.init.normal_(last.weight, std=HEAD_SPREAD)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ELU(), last)
