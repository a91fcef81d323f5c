"""One-pass evaluation: the box is given once, then the tracker is on its own to the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from saccade.data.tracking.measures import (
    OnePass,
    iou_curve,
    lost_said,
    one_pass,
    step_iou,
)
from saccade.data.tracking.sequence import TrackingSequence, require_truth
from saccade.errors import UserInputError
from saccade.left_out import LeftOut, attempt
from saccade.statistics import bootstrap_ci, paired_difference
from saccade.systems.hart.evaluation.baselines import FrameTracker
from saccade.systems.hart.tracker import Box, VideoTracker
from saccade.training.workers import Workers, map_episodes

BOOTSTRAP_SEED = 0
Note = Callable[[int, UInt8[np.ndarray, "h w 3"], Box], None]
"""Callback that takes the index of a frame, the frame, and the box that the tracker gave for it."""


@dataclass(frozen=True)
class Followed:
    """What a tracker made of one sequence.

    Attributes:
        name: Name of the sequence.
        boxes: Boxes (x, y, w, h) [pixels]; the first one is given, those before it are NaN.
        ious: IoU of each box with the true one; NaN where the object is absent, or not known.
        confidence: Confidence of the tracker in each box; NaN where it gave none.
        lost: Whether the tracker said that it had lost the object, for each frame.
        measures: Measures of how good the boxes are.
        frames: Number of frames that the tracker was asked about.
        seconds: Time that the tracker took for them [s]; reading them does not count.
        known: Whether the truth of each frame is known; None: of all.
        place: Index of the sequence among those that were to be followed.
    """

    name: str
    boxes: Float32[np.ndarray, "t 4"]
    ious: Float64[np.ndarray, " t"]
    confidence: Float32[np.ndarray, " t"]
    lost: Bool[np.ndarray, " t"]
    measures: OnePass
    frames: int
    seconds: float
    known: Bool[np.ndarray, " t"] | None = None
    place: int = 0

    @property
    def absent(self) -> Bool[np.ndarray, " t"]:
        """Whether the object is known to be out of sight in each frame."""
        without = np.isnan(self.ious)
        return without if self.known is None else without & self.known

    @property
    def fps(self) -> float:
        """Frames a second; NaN where none was asked about."""
        return _rate(self.frames, self.seconds)


def follow(tracker: FrameTracker, sequence: TrackingSequence, note: Note | None = None) -> Followed:
    """Follow a sequence's object from the first frame it is in to the last frame.

    Raises:
        UserInputError: No frame has a box but the one that is given, or the tracker refuses it.
        DamagedFileError: A frame cannot be read.
    """
    require_truth(sequence)
    start = sequence.start
    boxes = np.full((len(sequence), 4), np.nan, np.float32)
    confidence = np.full(len(sequence), np.nan, np.float32)
    lost = np.zeros(len(sequence), bool)
    boxes[start] = sequence.boxes[start]
    try:
        tracker.init(sequence.frame(start), _box(sequence.boxes[start]))
    except UserInputError as error:
        raise UserInputError(f"{sequence.name}, frame {start}: {error}") from error
    seconds = 0.0
    for index in range(start + 1, len(sequence)):
        frame = sequence.frame(index)
        begin = time.perf_counter()
        box = boxes[index] = tracker.update(frame)
        seconds += time.perf_counter() - begin
        if isinstance(tracker, VideoTracker):
            confidence[index], lost[index] = tracker.confidence, tracker.lost
        if note is not None:
            note(index, frame, box)
    measures, ious = one_pass(boxes, sequence.boxes), step_iou(boxes, sequence.boxes)
    asked = len(sequence) - start - 1
    known = sequence.known
    return Followed(sequence.name, boxes, ious, confidence, lost, measures, asked, seconds, known)


def evaluate(
    make_tracker: Callable[[], FrameTracker],
    sequences: Sequence[TrackingSequence],
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Followed | LeftOut]:
    """Follow the object of every sequence with one tracker; see `compare`."""
    for each in compare([make_tracker], sequences, workers, stop):
        yield each if isinstance(each, LeftOut) else each[0]


def compare(
    make_trackers: Sequence[Callable[[], FrameTracker]],
    sequences: Sequence[TrackingSequence],
    workers: Workers | int = 1,
    stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[Followed, ...] | LeftOut]:
    """Follow the object of every sequence, in their order, with some trackers one after the other.

    A sequence that cannot be read to its end, or that a tracker refuses, is left out.

    Args:
        make_trackers: Makers of the trackers, called once in each process; a tracker is started
            anew for each sequence.
        sequences: Sequences to follow; they may be made when they are asked for.
        workers: Workers, or a number of processes; boxes are the same whatever it is.
        stop: Callback that is asked before each sequence; once it is true, no more come.
    """
    setup = partial(_set_up, tuple(make_trackers), sequences)
    return map_episodes(_follow, len(sequences), workers, setup=setup, stop=stop)


def _set_up(
    make_trackers: tuple[Callable[[], FrameTracker], ...], sequences: Sequence[TrackingSequence]
) -> tuple[list[FrameTracker], Sequence[TrackingSequence]]:
    return [make() for make in make_trackers], sequences


def _follow(
    context: tuple[list[FrameTracker], Sequence[TrackingSequence]], index: int
) -> tuple[Followed, ...] | LeftOut:
    trackers, sequences = context
    sequence = sequences[index]
    return attempt(
        sequence.name,
        lambda: tuple(replace(follow(each, sequence), place=index) for each in trackers),
    )


def results(followed: Sequence[Followed]) -> dict[str, Any]:
    """The fields "sequences", "mean", "ci95" and "n" of a results.json; the unknown is None.

    A sequence and the mean have "iou_60" ("without_first", "with_first"), "auc", "precision_20"
    and "fps"; "auc" and "precision_20" count the given first frame, as OTB does. The mean of a
    measure is that over the sequences, with its 95 % bootstrap interval over them in "ci95"; the
    mean of "fps" is over all frames. "iou_by_frame" has the mean IoU of each of the first 60
    frames, the given one first (the paper's Figure 5). "lost" tells how well the tracker knew that
    its boxes were wrong (`measures.LostSaid`), over all frames whose truth is known; None if it
    never says.
    """
    each = [{"name": one.name, "frames": len(one.boxes), **_measures(one)} for one in followed]
    fps = _rate(sum(one.frames for one in followed), sum(one.seconds for one in followed))
    curve = iou_curve([one.ious[_first(one) :] for one in followed])
    return {
        "n": len(each),
        "mean": _over_sequences(each, _mean) | {"fps": _known(fps)},
        "ci95": _over_sequences(each, _interval),
        "iou_by_frame": [_known(value) for value in curve],
        "lost": _lost(followed),
        "sequences": each,
    }


def difference(ours: Sequence[Followed], theirs: Sequence[Followed]) -> dict[str, Any]:
    """How much more mean IoU of the first 60 frames one tracker has than another.

    Without the first frame, paired by sequence, with the 95 % bootstrap interval: "iou_60" is
    (value, low, high), or None where no sequence has both; "n" how many have.
    """
    ious = [[one.measures.mean_iou_without_first for one in each] for each in (ours, theirs)]
    pairs = np.array(ious, float)
    mine, other = pairs[:, np.isfinite(pairs).all(axis=0)]
    if not len(mine):
        return {"iou_60": None, "n": 0}
    estimate = paired_difference(mine, other, np.random.default_rng(BOOTSTRAP_SEED))
    return {"iou_60": list(estimate), "n": len(mine)}


def _lost(followed: Sequence[Followed]) -> dict[str, float | None] | None:
    if not any(np.isfinite(one.confidence).any() for one in followed):
        return None
    asked = [np.isfinite(one.confidence) & (np.isfinite(one.ious) | one.absent) for one in followed]
    pairs = list(zip(followed, asked, strict=True))
    ious = np.concatenate([one.ious[frames] for one, frames in pairs])
    said = lost_said(ious, np.concatenate([one.lost[frames] for one, frames in pairs]))
    return {name: _known(value) for name, value in asdict(said).items()}


def _first(one: Followed) -> int:
    """Where the object is given."""
    return int(np.isfinite(one.boxes[:, 0]).argmax())


def _over_sequences(
    each: Sequence[dict[str, Any]], summary: Callable[[list[float]], Any]
) -> dict[str, Any]:
    def known(values: Iterable[float | None]) -> list[float]:
        return [value for value in values if value is not None]

    ious = {
        kind: summary(known(row["iou_60"][kind] for row in each))
        for kind in ("without_first", "with_first")
    }
    others = {name: summary(known(row[name] for row in each)) for name in ("auc", "precision_20")}
    return {"iou_60": ious, **others}


def _measures(one: Followed) -> dict[str, Any]:
    measures = one.measures
    return {
        "iou_60": {
            "without_first": _known(measures.mean_iou_without_first),
            "with_first": _known(measures.mean_iou),
        },
        "auc": _known(measures.success_auc),
        "precision_20": _known(measures.precision),
        "fps": _known(one.fps),
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _interval(values: list[float]) -> list[float] | None:
    if not values:
        return None
    return list(bootstrap_ci(np.array(values), np.random.default_rng(BOOTSTRAP_SEED)))


def _known(value: float) -> float | None:
    """JSON has no NaN."""
    return None if math.isnan(value) else float(value)


def _rate(frames: int, seconds: float) -> float:
    return frames / seconds if frames and seconds > 0 else math.nan


def _box(values: Float32[np.ndarray, "4"]) -> Box:
    x, y, w, h = values.tolist()
    return x, y, w, h
