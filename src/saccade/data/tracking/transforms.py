"""Sequences seen otherwise: backwards, mirrored, at another size. Pictures are made when read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from jaxtyping import Float32

from saccade.data.tracking.frames import FrameView, Rgb
from saccade.data.tracking.sequence import TrackingSequence
from saccade.errors import UserInputError


def reverse(sequence: TrackingSequence) -> TrackingSequence:
    """The sequence from its last frame to its first."""
    backwards = range(len(sequence) - 1, -1, -1)
    return replace(
        sequence,
        frames=FrameView(sequence.frames, backwards),
        boxes=sequence.boxes[::-1].copy(),
        unknown=None if sequence.unknown is None else sequence.unknown[::-1].copy(),
    )


def mirror(sequence: TrackingSequence) -> TrackingSequence:
    """The sequence with left and right exchanged; x becomes width - x - w."""
    boxes = sequence.boxes.copy()
    boxes[:, 0] = sequence.size[0] - boxes[:, 0] - boxes[:, 2]
    view = FrameView(sequence.frames, range(len(sequence)), _flip)
    return replace(sequence, frames=view, boxes=boxes)


def augment(sequence: TrackingSequence, rng: np.random.Generator) -> TrackingSequence:
    """The sequence after time reversal and mirroring, each with probability 1/2."""
    for change in (reverse, mirror):
        if rng.random() < 0.5:
            sequence = change(sequence)
    return sequence


def resize(
    sequence: TrackingSequence,
    size: tuple[int, int],
    box_scale: tuple[float, float] | None = None,
) -> TrackingSequence:
    """The sequence at another size.

    Args:
        sequence: Sequence whose frames are averaged over areas (shrunk) or interpolated (enlarged).
        size: Size (width, height) that the frames get [px].
        box_scale: Factors of the boxes along x and y; by default those of the picture.

    Raises:
        UserInputError: A side of `size` is not above 0.
    """
    if min(size) < 1:
        raise UserInputError(f"size is {size[0]} x {size[1]}; expected sides of at least 1 px")
    width, height = sequence.size
    factors = box_scale or (size[0] / width, size[1] / height)
    shrunk = size[0] * size[1] < width * height
    change = partial(_resized, size=size, method=cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR)
    view = FrameView(sequence.frames, range(len(sequence)), change, size)
    return replace(sequence, frames=view, boxes=_scaled(sequence.boxes, factors))


def _scaled(
    boxes: Float32[np.ndarray, "t 4"], factors: tuple[float, float]
) -> Float32[np.ndarray, "t 4"]:
    return (boxes * np.array([*factors, *factors])).astype(np.float32)


def _resized(image: Rgb, size: tuple[int, int], method: int) -> Rgb:
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def _flip(image: Rgb) -> Rgb:
    return np.ascontiguousarray(image[:, ::-1])
