"""Pictures of a tracker at work: boxes on the frame, the glimpse, the location map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32

from saccade.systems.hart.evaluation.baselines import FrameTracker
from saccade.systems.hart.pictures.drawing import (
    FOLLOWED,
    TRUE,
    WINDOW,
    Rgb,
    draw_glimpse,
    draw_location,
    outline,
    resized,
)
from saccade.systems.hart.tracker import Box, VideoTracker
from saccade.viewing.colours import Colour

LEGEND = "true box white, predicted box green, window yellow"
FRAME_WIDTH, GLIMPSE_SIDE = 480, 200
"""Width of the pictures of frames, and side of the pictures of glimpses [pixels]."""


def tracking_pictures(
    frame: Rgb, tracker: FrameTracker, predicted: Box, truth: Float32[np.ndarray, "4"]
) -> Mapping[str, Rgb]:
    """The frame that a tracker was asked about last, and what it saw in it, by name.

    Args:
        frame: Frame that the tracker was asked about.
        tracker: Tracker that was asked; only ours shows what it saw.
        predicted: Box that the tracker predicted.
        truth: True box; NaN where the object is absent.
    """
    boxes: list[tuple[Box, Colour]] = [(_box(truth), TRUE), (predicted, FOLLOWED)]
    if not isinstance(tracker, VideoTracker):
        return {"frame": draw_boxes(frame, boxes)}
    pictures = {
        "frame": draw_boxes(frame, [(tracker.window, WINDOW), *boxes]),
        "glimpse": draw_glimpse(tracker.glimpse, GLIMPSE_SIDE),
    }
    if tracker.has_location:
        pictures["location map"] = draw_location(tracker.location, GLIMPSE_SIDE)
    return pictures


def draw_boxes(frame: Rgb, boxes: list[tuple[Box, Colour]], width: int = FRAME_WIDTH) -> Rgb:
    """The frame, `width` pixels wide, with the outlines of boxes; one that is NaN is not drawn."""
    scale = width / frame.shape[1]
    picture = resized(frame, (width, max(1, round(frame.shape[0] * scale))))
    for (x, y, w, h), colour in boxes:
        outline(picture, (scale * x, scale * y, scale * w, scale * h), colour)
    return picture


def _box(values: Float32[np.ndarray, "4"]) -> Box:
    x, y, w, h = values.tolist()
    return x, y, w, h
